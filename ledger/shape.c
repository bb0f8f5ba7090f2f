/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/shape.h"

#include <assert.h>

#define SHAPE(keys_, table_, upper, ...)                                                 \
	{                                                                                \
		.table = #table_, .columns = { __VA_ARGS__ },                            \
		.count = sizeof((const char *[]){ __VA_ARGS__ }) / sizeof(const char *), \
		.keys = (keys_), .row = SQL_ROW_##upper, .put = SQL_PUT_ROW_##upper      \
	}

/* clang-format off */
static const struct shape shapes[SHAPE_COUNT] = {
	[SHAPE_BOOK] = SHAPE(1, book, BOOK, "id", "name", "generation", "code_key", "created_at"),
	[SHAPE_GENERATION] = SHAPE(1, generation, GENERATION, "number", "record", "day", "since",
		"reason"),
	[SHAPE_CLIENT] = SHAPE(1, client, CLIENT, "number", "record", "name"),
	[SHAPE_GATEWAY] = SHAPE(1, gateway, GATEWAY, "number", "record", "name"),
	[SHAPE_TARIFF_FILE] = SHAPE(2, tariff_file, TARIFF_FILE, "digest", "line", "name",
		"bytes"),
	[SHAPE_TARIFF_USE] = SHAPE(1, tariff_use, TARIFF_USE, "record", "digest", "reason"),
	[SHAPE_PAYMENT] = SHAPE(1, payment, PAYMENT, "number", "record", "generation", "client",
		"created_at", "expires_at", "reference_key", "reference_prev", "request_key",
		"fingerprint", "version", "day", "valid_from", "valid_until", "currency",
		"gross", "relief", "due", "service", "ground", "kbk", "tariff_rows", "tariff",
		"quote"),
	[SHAPE_REQUOTE] = SHAPE(2, requote, REQUOTE, "payment", "record", "version", "day",
		"valid_from", "valid_until", "currency", "gross", "relief", "due", "service",
		"ground", "kbk", "tariff_rows", "tariff", "quote"),
	[SHAPE_CONVERSION] = SHAPE(2, conversion, CONVERSION, "payment", "record", "rates",
		"currency", "gross", "rate", "quant"),
	[SHAPE_PAYMENT_CHANGE] = SHAPE(2, payment_change, PAYMENT_CHANGE, "payment", "record",
		"state", "fulfilled", "due", "paid", "held"),
	[SHAPE_ATTEMPT] = SHAPE(1, attempt, ATTEMPT, "number", "record", "gateway",
		"order_number", "currency", "amount", "created_at", "expires_at", "return_url",
		"language", "route"),
	[SHAPE_ATTEMPT_STEP] = SHAPE(2, attempt_step, ATTEMPT_STEP, "attempt", "record", "state",
		"captured", "currency", "paid_on", "operation", "handle", "reason", "page"),
	[SHAPE_ATTEMPT_ORDER] = SHAPE(2, attempt_order, ATTEMPT_ORDER, "gateway", "serial",
		"day", "number", "attempt"),
	[SHAPE_ATTEMPT_OPEN] = SHAPE(1, attempt_open, ATTEMPT_OPEN, "attempt", "gateway",
		"state", "next_at", "tries"),
	[SHAPE_PAYMENT_OPEN] = SHAPE(2, payment_open, PAYMENT_OPEN, "expires_at", "payment"),
	[SHAPE_FULFILMENT] = SHAPE(1, fulfilment, FULFILMENT, "payment", "record", "performed"),
	[SHAPE_ACCOUNT] = SHAPE(1, account, ACCOUNT, "number", "name", "type", "currency"),
	[SHAPE_ENTRY] = SHAPE(1, entry, ENTRY, "number", "record", "payment", "attempt", "cause",
		"gateway", "operation", "operation_key", "booked_at", "booked_day", "value_date",
		"paid_on", "lines"),
	[SHAPE_POSTING] = SHAPE(2, posting, POSTING, "entry", "line", "account", "amount",
		"prev"),
	[SHAPE_BALANCE] = SHAPE(1, balance, BALANCE, "account", "debit", "credit", "last_entry"),
	[SHAPE_DAY_SUM] = SHAPE(3, day_sum, DAY_SUM, "account", "axis", "day", "debit", "credit"),
	[SHAPE_SUSPENSE] = SHAPE(1, suspense, SUSPENSE, "number", "entry", "payment", "account",
		"amount", "reason", "closed_entry"),
	[SHAPE_REQUEST] = SHAPE(1, request, REQUEST, "record", "payment", "client",
		"request_key", "fingerprint"),
	[SHAPE_EVENT] = SHAPE(2, event, EVENT, "client", "number", "record", "payment", "type"),
	[SHAPE_PRIVATE] = SHAPE(1, private, PRIVATE, "record", "salt", "data"),
	[SHAPE_EVIDENCE] = SHAPE(1, evidence, EVIDENCE, "record", "salt", "data"),
	[SHAPE_CHECKPOINT] = SHAPE(1, checkpoint, CHECKPOINT, "record", "size", "note"),
	[SHAPE_CHECKPOINT_KEY] = SHAPE(1, checkpoint_key, CHECKPOINT_KEY, "record", "public",
		"until", "client", "uid", "reason"),
	[SHAPE_TILE] = SHAPE(2, tile, TILE, "level", "number", "hashes"),
	[SHAPE_RATES] = SHAPE(1, rates, RATES, "record", "day", "replaces", "digest", "rates",
		"source", "reason", "feed"),
	[SHAPE_PERIOD] = SHAPE(1, period, PERIOD, "month", "record", "last_day", "last_entry",
		"accounts", "digest", "uid", "client", "reason"),
	[SHAPE_PERIOD_BALANCE] = SHAPE(2, period_balance, PERIOD_BALANCE, "month", "line",
		"account", "debit", "credit"),
	[SHAPE_ACT] = SHAPE(1, act, ACT, "record", "client", "request_key", "fingerprint"),
	[SHAPE_REVERSAL] = SHAPE(1, reversal, REVERSAL, "entry", "reverses", "uid", "client",
		"reason"),
	[SHAPE_ERASURE] = SHAPE(1, erasure, ERASURE, "record", "payment", "legal_order",
		"reason", "uid", "client"),
	[SHAPE_ERASED] = SHAPE(2, erased, ERASED, "source", "record", "erasure"),
};
/* clang-format on */

const struct shape *shape_of(enum shape_table table)
{
	assert(table < SHAPE_COUNT);
	assert(shapes[table].keys > 0 && shapes[table].keys <= SHAPE_KEYS_MAX);

	return &shapes[table];
}
