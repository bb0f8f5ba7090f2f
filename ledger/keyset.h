/* SPDX-License-Identifier: Apache-2.0 */

/*
 * keyset - which record a key was used in: idempotency keys, references, the banks' operations.
 *
 * A key is 16 bytes of a SHA-256 and maps to a number (the latest wins).  The newest keys lie in
 * a window in memory; when half the window is new, that half is frozen and written out, a slice a
 * batch, in ascending order into a segment of the table `keyset`, so that even random keys cost
 * sequential writes.  A lookup that misses the window asks the segments from the newest to the
 * oldest, each behind a Bloom filter in memory (16 bits a key, one in a thousand asks in vain).
 *
 * The window is rebuilt at start by its owner, who puts all keys newer than keyset_covered() again.
 * A spilled key is found again even if the process died in the middle of a spill: its segment was
 * not complete, so nothing of it counts and its keys are put again.
 */
#ifndef ALYM_LEDGER_KEYSET_H
#define ALYM_LEDGER_KEYSET_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/err.h"
#include "ledger/store.h"

enum { KEYSET_KEY_SIZE = 16, KEYSET_SLICE = 256, KEYSET_SEGMENTS_MAX = 65536 };

struct keyset;

struct keyset_key {
	uint8_t bytes[KEYSET_KEY_SIZE];
};

/*
 * `name` tells several sets in one table apart (the owner's names).
 * `window` is how many keys stay in memory at most (tests make it small); at least 4.
 * Reads the segments' filters.  The schema's tables are keyset(name, segment, block, keys), a row
 * of about 32 keys, and keyset_segment(name, segment, covered, filter), a row of which marks a
 * segment as complete.
 */
bool keyset_open(struct store *store, int name, int64_t window, struct keyset **set,
	struct err *err) MUST_USE;
void keyset_close(struct keyset **set);

/* All keys put with an order of at most this are in complete segments; 0 when there are none. */
int64_t keyset_covered(const struct keyset *set);

enum keyset_result { KEYSET_FOUND, KEYSET_ABSENT, KEYSET_FAILED };

enum keyset_result keyset_find(struct keyset *set, const struct keyset_key *key, int64_t *value,
	struct err *err) MUST_USE;

/*
 * Memory only.  `value` is 0 or more and below INT64_MAX; `order` is the number of the record, 1 or
 * more, and never falls from one put to the next.
 */
void keyset_put(struct keyset *set, const struct keyset_key *key, int64_t value, int64_t order);

/*
 * Once a batch, inside its transaction: begins a spill when half the window is new, and writes
 * KEYSET_SLICE keys of the one under way - and what ends the row -, or twice as many as were put
 * since the last call where that is more: so no half is full before the one before it is written.
 * After a failure the set is good for keyset_close() only.
 */
bool keyset_spill(struct keyset *set, struct err *err) MUST_USE;

#endif
