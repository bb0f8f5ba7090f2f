/* SPDX-License-Identifier: Apache-2.0 */

/*
 * keytable - keys in memory that can be read out in ascending order at any time.
 *
 * Open addressing with linear probing, but a key's home is its rank among all possible keys and
 * runs of full slots are kept sorted: walking the slots is walking the keys in order, without a
 * sort that would hold up the writer.  That asks for keys spread evenly, which hashes are.
 * Keys are only ever added; what is old is left behind together with its table.
 */
#ifndef ALYM_LEDGER_KEYTABLE_H
#define ALYM_LEDGER_KEYTABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "ledger/keyset.h"

struct keytable;

/* With room for `count` keys and a third more; past that it grows, which takes its time. */
struct keytable *keytable_new(size_t count);
void keytable_free(struct keytable **table);

size_t keytable_count(const struct keytable *table);

/* The value, 0 or more and below INT64_MAX, replaces the one the key had. */
void keytable_put(struct keytable *table, const struct keyset_key *key, int64_t value);

bool keytable_find(const struct keytable *table, const struct keyset_key *key, int64_t *value)
	MUST_USE;

/*
 * The first key at or after the cursor, in ascending order, which is moved past it; false at the
 * end.  A cursor begins at 0 and is good until the next put.
 */
bool keytable_next(const struct keytable *table, size_t *cursor, struct keyset_key *key,
	int64_t *value) MUST_USE;

#endif
