/* SPDX-License-Identifier: Apache-2.0 */

/*
 * row - what every dated value of the law has in common, and chains of rows through time.
 *
 * A row names its act and article, the source it was read in, the first day it acts (`from`), the
 * day it was written into the set (`entered`, which may be later) and whether its source confirms
 * it.  A chain is the rows of one thing in the order of their days: no two act on one day, and
 * between the first and the last there is none on which nothing acts.
 */
#ifndef ALYM_TARIFF_ROW_H
#define ALYM_TARIFF_ROW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "tariff/act.h"
#include "tariff/node.h"
#include "tariff/tariff.h"

enum { ROW_ID_SIZE = 26 }; /* eight of them fit into the rows of a quote */

struct row {
	struct text id;
	const struct act *act;
	struct text article; /* or empty */
	struct text item;    /* of the article, or empty */
	struct text source;
	struct text note; /* or empty */
	int32_t from;     /* inclusive */
	int32_t last;     /* inclusive, or DATE_NONE: until the next row of the chain */
	int32_t entered;
	bool unverified;
	struct text brief; /* JSON: act, article, item, id, status */
	struct origin origin;
};

/* id, from, last, entered, act, article, item, source, status, note. */
bool row_read(const struct node *n, const struct acts *acts, struct row *row) MUST_USE;

/* "confirmed" or "unverified". */
const char *row_status(const struct row *row);

/* Complains about a row; returns false. */
bool row_refuse(const struct row *row, struct err *err, const char *format, ...) PRINTF_LIKE(3, 4);

/* Days [from, until). */
struct span {
	int32_t from;
	int32_t until;
};

/* What the row says of itself: [from, last]. */
struct span row_days(const struct row *row);

bool span_has(struct span span, int32_t day);

/*
 * One more run of days that may answer for the day was looked at: true when it does.  `valid`,
 * which has the day, is narrowed to the days on which that stays so.
 */
bool span_narrow(struct span days, int32_t day, struct span *valid);

/* The days that lie in both; the two have one in common. */
struct span span_meet(struct span a, struct span b);

struct chain_link {
	struct span days;
	const struct row *row; /* the first member of the value it dates */
};

struct chain {
	struct chain_link *links;
	size_t count;
	size_t capacity;
};

void chain_add(struct chain *chain, struct arena *arena, const struct row *row);

/* How rows of a chain end. */
enum chain_kind {
	CHAIN_EXACT,  /* where their `last` says, which must be the day before the next */
	CHAIN_YEARLY, /* at `last`, or earlier where another takes over; years may be missing whole
		       */
};

/* Sorts and links; refuses duplicates, overlaps and gaps. */
bool chain_close(struct chain *chain, enum chain_kind kind, const char *what, struct err *err)
	MUST_USE;

/* The link that acts on that day, or NULL. */
const struct chain_link *chain_find(const struct chain *chain, int32_t day);

/* Narrows `valid`, which has the day, to the days on which chain_find() finds the same. */
void chain_narrow(const struct chain *chain, int32_t day, struct span *valid);

/* Some link acts on every day of the span. */
bool chain_covers(const struct chain *chain, struct span days);

#endif
