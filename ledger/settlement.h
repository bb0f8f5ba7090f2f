/* SPDX-License-Identifier: Apache-2.0 */

/*
 * settlement - what gateways took, what of it the treasury has, what they kept, by day or month.
 *
 * Made of entries: a posting to `clearing` is money taken, or, where its entry also posts to
 * `treasury`, `commission` or `difference`, money settled.  An entry that takes another one back
 * takes it back here.  Sums are minor units.
 */
#ifndef ALYM_LEDGER_SETTLEMENT_H
#define ALYM_LEDGER_SETTLEMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/err.h"
#include "ledger/movement.h"
#include "ledger/reader.h"

enum {
	SETTLEMENT_ROWS_MAX = 8000,
	SETTLEMENT_RATE_SIZE = 32,
};

enum settlement_by { SETTLEMENT_BY_DAY, SETTLEMENT_BY_MONTH };

struct settlement_row {
	int32_t period;  /* the day, or the month's first */
	int64_t entries; /* that posted to the gateway's accounts */
	int64_t taken;
	int64_t settled;
	int64_t commission;
	int64_t unsettled; /* in clearing, at the end */
	int64_t suspense;  /* without a home, at the end */
};

/* A gateway's money in one currency. */
struct settlement_lane {
	char gateway[READER_ACCOUNT_SIZE];
	char currency[MONEY_CURRENCY_SIZE];
	struct settlement_row total; /* of all rows; at the end of the last day */
	struct settlement_row *rows; /* ascending; only what something was posted in */
	size_t count;
	size_t capacity;
	int64_t entry; /* the last that was counted */
};

struct settlement;

/* `movements` says which period, axis and record. */
struct settlement *settlement_new(const struct movements *movements, enum settlement_by by);
void settlement_free(struct settlement **settlement);

/* One slice of a long query, as movements_step(). */
enum reader_result settlement_step(struct reader *reader, struct settlement *settlement, bool *more,
	struct err *err) MUST_USE;

/* Once there is no more: the record it is as of, and lanes by gateway and currency. */
int64_t settlement_as_of(const struct settlement *settlement);
const struct settlement_lane *settlement_lanes(const struct settlement *settlement, size_t *count);

/* commission / taken as a decimal of six digits, rounded half up: "0.012500"; false, where nothing
 * was taken. */
bool settlement_rate(int64_t commission, int64_t taken, char out[SETTLEMENT_RATE_SIZE]) MUST_USE;

#endif
