/* SPDX-License-Identifier: Apache-2.0 */

/*
 * bucket - how often something may happen: a leaking bucket, and a bounded table of them by
 * address.
 *
 * A bucket that is all zero is empty, so a forgotten one and a new one are the same: when the table
 * has no room, the bucket with the least in it goes.  The clock is a parameter.
 */
#ifndef ALYM_DAEMON_BUCKET_H
#define ALYM_DAEMON_BUCKET_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "daemon/network.h"

enum {
	BUCKET_PER_SECOND_MAX = 1000000,
	BUCKET_BURST_S = 2, /* so many seconds' worth may come at once */
	BUCKET_ADDRESSES_MAX = 4096,
};

struct bucket {
	int64_t filled; /* thousandths of what came and has not leaked out yet */
	int64_t at_ms;  /* as of when; monotonic */
};

/* Counts one more; false, and not counted, when that is too many.  `per_second` 0: never. */
bool bucket_take(struct bucket *bucket, int64_t per_second, int64_t now_ms) MUST_USE;

struct bucket_table;

/* `seed`: random, so that nobody knows which addresses share a place. */
struct bucket_table *bucket_table_new(uint64_t seed);
void bucket_table_free(struct bucket_table **table);

/* bucket_take() of an address's bucket; there is a limit.  IPv6 counts by /64, as households do. */
bool bucket_table_take(struct bucket_table *table, const uint8_t address[NETWORK_ADDRESS_SIZE],
	int64_t per_second, int64_t now_ms) MUST_USE;

#endif
