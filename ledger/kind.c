/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/kind.h"

#include <assert.h>
#include <stddef.h>

static const char *const records[KIND_RECORD_END] = {
	[KIND_GENERATION] = "generation",
	[KIND_CLIENT] = "client",
	[KIND_GATEWAY] = "gateway",
	[KIND_TARIFF] = "tariff",
	[KIND_PAYMENT] = "payment",
	[KIND_REQUOTE] = "requote",
	[KIND_ATTEMPT] = "attempt",
	[KIND_ENTRY] = "entry",
	[KIND_CANCELLATION] = "cancellation",
	[KIND_EXPIRY] = "expiry",
	[KIND_FULFILMENT] = "fulfilment",
	[KIND_CHECKPOINT] = "checkpoint",
	[KIND_EVIDENCE] = "evidence",
	[KIND_RATES] = "rates",
	[KIND_CLOSE] = "close",
	[KIND_ERASURE] = "erasure",
	[KIND_KEY] = "key",
};

static const char *const causes[KIND_CAUSE_END] = {
	[KIND_CAPTURE] = "capture",
	[KIND_EXEMPT] = "exempt",
	[KIND_HOLD] = "hold",
	[KIND_SUSPEND] = "suspend",
	[KIND_REVERSAL] = "reversal",
};

static const char *const reasons[KIND_REASON_END] = {
	[KIND_REASON_PART] = "part",
	[KIND_REASON_EXCESS] = "excess",
	[KIND_REASON_SECOND] = "second",
	[KIND_REASON_CURRENCY] = "currency",
	[KIND_REASON_UNKNOWN] = "unknown",
	[KIND_REASON_UNQUOTED] = "unquoted",
};

static const char *const events[KIND_EVENT_END] = {
	[KIND_EVENT_CREATED] = "payment.created",
	[KIND_EVENT_EXEMPT] = "payment.exempt",
	[KIND_EVENT_PAID] = "payment.paid",
	[KIND_EVENT_PARTLY_PAID] = "payment.partly_paid",
	[KIND_EVENT_EXCESS] = "payment.excess",
	[KIND_EVENT_REQUOTED] = "payment.requoted",
	[KIND_EVENT_CANCELLED] = "payment.cancelled",
	[KIND_EVENT_EXPIRED] = "payment.expired",
	[KIND_EVENT_FULFILLED] = "payment.fulfilled",
	[KIND_EVENT_ATTEMPT_CREATED] = "attempt.created",
	[KIND_EVENT_ATTEMPT_PENDING] = "attempt.pending",
	[KIND_EVENT_ATTEMPT_AUTHORIZED] = "attempt.authorized",
	[KIND_EVENT_ATTEMPT_UNKNOWN] = "attempt.unknown",
	[KIND_EVENT_ATTEMPT_DECLINED] = "attempt.declined",
	[KIND_EVENT_ATTEMPT_NOT_ATTEMPTED] = "attempt.not_attempted",
	[KIND_EVENT_ATTEMPT_RELEASED] = "attempt.released",
	[KIND_EVENT_ATTEMPT_EXPIRED] = "attempt.expired",
	[KIND_EVENT_REVERSED] = "payment.reversed",
	[KIND_EVENT_ERASED] = "payment.erased",
};

static const char *const accounts[KIND_ACCOUNT_END] = {
	[KIND_ASSET] = "asset",
	[KIND_LIABILITY] = "liability",
	[KIND_INCOME] = "income",
	[KIND_EXPENSE] = "expense",
	[KIND_EQUITY] = "equity",
	[KIND_CONTRA_INCOME] = "contra_income",
};

const char *kind_record_name(enum kind_record kind)
{
	assert(kind < KIND_RECORD_END);
	assert(records[kind] != NULL);

	return records[kind];
}

const char *kind_cause_name(enum kind_cause cause)
{
	assert(cause < KIND_CAUSE_END);
	assert(causes[cause] != NULL);

	return causes[cause];
}

const char *kind_reason_name(enum kind_reason reason)
{
	assert(reason < KIND_REASON_END);
	assert(reasons[reason] != NULL);

	return reasons[reason];
}

const char *kind_event_name(enum kind_event event)
{
	assert(event < KIND_EVENT_END);
	assert(events[event] != NULL);

	return events[event];
}

const char *kind_account_name(enum kind_account type)
{
	assert(type < KIND_ACCOUNT_END);
	assert(accounts[type] != NULL);

	return accounts[type];
}
