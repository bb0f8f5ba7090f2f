/* SPDX-License-Identifier: Apache-2.0 */

/*
 * relief - duty that was not collected, by legal ground, service, budget code and tariff rows.
 *
 * Made of entries that post to a `relief` account: the gross is what they post to the fee's.  An
 * entry that takes another one back takes it back here.  Which rows of which tariff set said so is
 * the payment's calculation as of the entry.
 */
#ifndef ALYM_LEDGER_RELIEF_H
#define ALYM_LEDGER_RELIEF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/err.h"
#include "base/money.h"
#include "ledger/movement.h"
#include "ledger/reader.h"

enum {
	RELIEF_ROWS_MAX = 4000,
	RELIEF_LAW_SIZE = 256, /* of the ids of tariff rows, and a NUL */
};

struct relief_row {
	char ground[READER_ACCOUNT_SIZE];
	char service[READER_ACCOUNT_SIZE]; /* or empty, where no fee was booked */
	char kbk[READER_ACCOUNT_SIZE];     /* or empty: no source names it */
	char law[RELIEF_LAW_SIZE];         /* ids, comma-separated; or empty: of no payment */
	uint8_t tariff[JOB_DIGEST_SIZE];   /* the set they are of */
	int64_t count;                     /* times it was granted, less those taken back */
	struct money gross;
	struct money relief;
};

struct relief;

/* `movements` says which period, axis and record. */
struct relief *relief_new(const struct movements *movements);
void relief_free(struct relief **relief);

/* One slice of a long query, as movements_step(). */
enum reader_result relief_step(struct reader *reader, struct relief *relief, bool *more,
	struct err *err) MUST_USE;

/* Once there is no more: the record it is as of, and rows by ground, service, kbk, currency. */
int64_t relief_as_of(const struct relief *relief);
const struct relief_row *relief_rows(const struct relief *relief, size_t *count);

#endif
