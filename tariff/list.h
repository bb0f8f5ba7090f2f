/* SPDX-License-Identifier: Apache-2.0 */

/*
 * list - countries and territories whose citizens may have something, as one source prints them.
 *
 * A list is a row: dated, with its law and source.  Each entry keeps what the source prints beside
 * the codes of ISO 3166-1 it was read as, so that whoever doubts a reading can compare; the notes
 * say where it was doubtful.  A list never changes: a later one is another row.
 */
#ifndef ALYM_TARIFF_LIST_H
#define ALYM_TARIFF_LIST_H

#include "tariff/country.h"
#include "tariff/row.h"

enum { LISTS_MAX = 1000 };

struct list_entry {
	struct text printed; /* by the source */
	struct text note;    /* on how it was read, or empty */
	struct node_list codes;
};

struct list {
	struct row row;
	struct texts name;
	struct list_entry **entries; /* in the source's order */
	size_t entry_count;
	size_t entry_capacity;
	const struct list_entry *of[COUNTRY_NUMBERS]; /* which names the country, or NULL */
	bool used;                                    /* something refers to it */
};

/* Every list of a set. */
struct lists {
	struct list **lists; /* in the order of the files */
	size_t count;
	size_t capacity;
};

bool list_read(const struct node *n, const struct acts *acts, const struct countries *countries,
	struct lists *all, const struct row **row) MUST_USE;

/* Every list is used. */
bool lists_close(const struct lists *all, struct err *err) MUST_USE;

/* NULL when there is none. */
struct list *list_find(const struct lists *all, struct text id);

/* Of a known code. */
bool list_has(const struct list *list, struct text code);

#endif
