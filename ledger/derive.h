/* SPDX-License-Identifier: Apache-2.0 */

/*
 * derive - every row of the book's tables, made again from the records' leaves alone.
 *
 * Records are taken in their order, and each row that follows from one is handed to the sink at
 * once; what only stands at the end (sums, what is open, what lies in suspense) is handed over by
 * derive_end().  Texts of a row live until the sink returns.
 *
 * Memory: the chart, day sums, what ever was in suspense, some 40 bytes a payment for references,
 * and a bounded number of payments; what was not touched for long and is over is asked back of the
 * sink.
 */
#ifndef ALYM_LEDGER_DERIVE_H
#define ALYM_LEDGER_DERIVE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/zone.h"
#include "ledger/attempt.h"
#include "ledger/digest.h"
#include "ledger/journal.h"
#include "ledger/payment.h"
#include "ledger/seal.h"
#include "ledger/shape.h"
#include "ledger/tree.h"

struct derive;

/* One order of a payment that derive asks back: how it stood after the records before. */
struct derive_attempt {
	int32_t gateway;
	enum attempt_state state;
	int64_t captured;
	char currency[4]; /* of captured */
	int32_t paid_on;  /* or DATE_NONE */
	char operation[JOB_OPERATION_MAX + 1];
	bool has_handle;
	bool has_page;
	uint8_t handle[KEYSET_KEY_SIZE]; /* sealed */
	uint8_t page[KEYSET_KEY_SIZE];
};

struct derive_card {
	int64_t number; /* 0: none */
	int64_t record; /* the last that touched it */
	int64_t expires_at;
	int32_t client;
	int32_t generation;
	enum payment_state state;
	enum payment_state before; /* the last that was neither partly paid nor paid */
	bool fulfilled;
	char currency[4];
	int64_t due;
	int64_t paid;
	int64_t held;
	size_t attempt_count;
	struct derive_attempt *attempts;
};

/* What stands of an entry in its rows, for its sums. */
enum { DERIVE_POSTED_MAX = 16 };
struct derive_posted {
	int64_t number;
	int32_t booked_day;
	int32_t value_date;
	size_t count;
	struct {
		int64_t account;
		int64_t amount;
	} lines[DERIVE_POSTED_MAX];
};

struct derive_sink {
	void *context;
	/* A row that must stand in the book. */
	void (*row)(void *context, enum shape_table table, const struct shape_cell *cells);
	/* A record's leaf commits to a row of `private` or `evidence`.  Gives its data while it is
	 * there, else empty; good until the next call. */
	struct text (*committed)(void *context, enum shape_table table, int64_t record,
		const uint8_t commitment[DIGEST_SIZE]);
	/* A checkpoint's record.  NULL: it is not told. */
	void (*checkpoint)(void *context, int64_t record, uint64_t size,
		const struct tree_hash *root, struct text note);
	/* The leaf says what can not be, or is not spelled as it must be. */
	void (*fault)(void *context, int64_t record, const char *why);
	/* How the payment stood after the records before `record`; false: it is not there.  The
	 * attempts are to be freed. */
	bool (*card)(void *context, int64_t payment, int64_t record, struct derive_card *card);
};

struct derive *derive_new(const struct derive_sink *sink, const struct zone *almaty);
void derive_free(struct derive **derive);

/* The book's secret, by which seals are made; NULL: none is known, and no seal is looked at. */
void derive_set_seal(struct derive *derive, const struct seal *seal);

/* The next record. */
void derive_record(struct derive *derive, int64_t number, int32_t kind, int64_t booked_at,
	struct text leaf);

/* What stands at the end, whatever it is the end of. */
void derive_end(struct derive *derive);

/*
 * Parts of it, for who looks at less: a record's place in the tree by its leaf's hash alone, or
 * those of a whole tile, which begins where the tree ends, by its hashes and their root; an account
 * that is known (false: it is not the next, or of no currency); the sums of an entry that was not
 * read from its leaf (NULL, or why it can not be; good until the next call), in any order; the sums
 * of another who knows the same accounts (false: one is beyond 64 bits); and the sums that stand at
 * the end, which derive_end() hands over, too.
 */
void derive_grow(struct derive *derive, const struct tree_hash *leaf);
void derive_grow_tile(struct derive *derive, const struct tree_hash *hashes,
	const struct tree_hash *root);
bool derive_know(struct derive *derive, int64_t account, struct text currency) MUST_USE;
const char *derive_posted(struct derive *derive, const struct derive_posted *posted);
bool derive_add_sums(struct derive *derive, const struct derive *from) MUST_USE;
void derive_end_entries(struct derive *derive);

/* The tree of the records taken so far, and its root. */
uint64_t derive_size(const struct derive *derive);
struct tree_hash derive_root(struct derive *derive);

#endif
