/* SPDX-License-Identifier: Apache-2.0 */

/*
 * leaf - a record's canonical bytes, read member by member in the order they must stand.
 *
 * Nothing is built: the cursor moves over the bytes and refuses every other spelling (RFC 8785;
 * integers as decimal strings).  The first fault sticks, and what is read after it is empty; who
 * reads asks leaf_is_whole() at the end.  Texts with escapes are decoded into the leaf's own arena
 * and live until the next leaf_open(); others point into the bytes.
 */
#ifndef ALYM_LEDGER_LEAF_H
#define ALYM_LEDGER_LEAF_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "base/text.h"

enum { LEAF_WHY_SIZE = 240 };

struct leaf {
	const char *at;
	const char *end;
	bool first; /* no comma stands before the next member or element */
	bool bad;
	char why[LEAF_WHY_SIZE]; /* of what is bad */
	struct buffer arena;
};

void leaf_init(struct leaf *leaf);
void leaf_done(struct leaf *leaf);

void leaf_open(struct leaf *leaf, struct text bytes);

/* All was read and nothing was bad. */
bool leaf_is_whole(struct leaf *leaf);

void leaf_object(struct leaf *leaf);
void leaf_end(struct leaf *leaf);
void leaf_array(struct leaf *leaf);
/* Whether an element follows; at the end the array is closed. */
bool leaf_more(struct leaf *leaf);

/* The next member has that name, and its value comes next; else nothing moves. */
bool leaf_has_member(struct leaf *leaf, struct text name);
/* The same of one that must be there. */
void leaf_need_member(struct leaf *leaf, struct text name);

/* By names that are written out, whose sizes the compiler knows. */
static inline bool leaf_has(struct leaf *leaf, const char *name)
{
	return leaf_has_member(leaf, (struct text){ name, strlen(name) });
}

static inline void leaf_need(struct leaf *leaf, const char *name)
{
	leaf_need_member(leaf, (struct text){ name, strlen(name) });
}

/* Values, as base/json.h writes them. */
struct text leaf_text(struct leaf *leaf);
int64_t leaf_decimal(struct leaf *leaf);
int32_t leaf_day(struct leaf *leaf);
int64_t leaf_time(struct leaf *leaf);
bool leaf_boolean(struct leaf *leaf);
void leaf_hex(struct leaf *leaf, void *bytes, size_t size);
/* Any value, as it stands. */
struct text leaf_raw(struct leaf *leaf);

/* A fault of the caller's finding. */
void leaf_blame(struct leaf *leaf, const char *format, ...) PRINTF_LIKE(2, 3);

/* Members that are read at once: need and value. */
static inline int64_t leaf_decimal_of(struct leaf *leaf, const char *name)
{
	leaf_need(leaf, name);
	return leaf_decimal(leaf);
}

static inline int32_t leaf_day_of(struct leaf *leaf, const char *name)
{
	leaf_need(leaf, name);
	return leaf_day(leaf);
}

static inline struct text leaf_text_of(struct leaf *leaf, const char *name)
{
	leaf_need(leaf, name);
	return leaf_text(leaf);
}

/* The same of members that may be left out: 0, empty. */
static inline int64_t leaf_decimal_if(struct leaf *leaf, const char *name)
{
	return leaf_has(leaf, name) ? leaf_decimal(leaf) : 0;
}

static inline struct text leaf_text_if(struct leaf *leaf, const char *name)
{
	return leaf_has(leaf, name) ? leaf_text(leaf) : TEXT("");
}

/* False: left out. */
bool leaf_hex_if(struct leaf *leaf, const char *name, void *bytes, size_t size);

#endif
