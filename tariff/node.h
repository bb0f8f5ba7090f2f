/* SPDX-License-Identifier: Apache-2.0 */

/*
 * node - the attributes and children of one element of a tariff file, as values.
 *
 * The schema has been over the file already, but the schema is itself a file that somebody may
 * have loosened: everything is checked here again.  Every complaint names file and line.  What is
 * given lives as long as the set.
 */
#ifndef ALYM_TARIFF_NODE_H
#define ALYM_TARIFF_NODE_H

#include <libxml/tree.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/err.h"
#include "base/text.h"
#include "tariff/arena.h"
#include "tariff/rational.h"

enum {
	NODE_TEXT_MAX = 1000,
	NODE_WORD_MAX = 64, /* bytes of a code or one word of a list */
	NODE_LIST_MAX = 32,
};

/* Where something stands, to be named when it is at fault. */
struct origin {
	const char *file;
	long line;
};

struct node {
	xmlNode *element;
	struct origin origin;
	struct arena *arena;
	struct err *err;
};

enum language { LANGUAGE_EN, LANGUAGE_KK, LANGUAGE_RU, LANGUAGE_COUNT }; /* as JSON sorts them */

extern const char *const language_codes[LANGUAGE_COUNT];

/* One phrase in every language.  Quotes show hundreds of them: as JSON they are written once. */
struct texts {
	struct text in[LANGUAGE_COUNT];
	struct text json; /* {"en","kk","ru"}, canonical */
};

enum node_need { NODE_OPTIONAL, NODE_REQUIRED };

/* Complains in this element's name; returns false. */
bool node_refuse(const struct node *n, const char *format, ...) PRINTF_LIKE(2, 3);

bool node_is(const struct node *n, const char *name);

/* Whether the element has that attribute. */
bool node_has(const struct node *n, const char *name);

/* The element's first child element, and the next after one; false at the end. */
bool node_first(const struct node *n, struct node *child);
bool node_next(const struct node *n, struct node *next);

/*
 * Attributes.  An optional one that is absent leaves the output as it was.  A text is trimmed and
 * not empty; a word is a text of letters, digits, '.', '-' and '_'.
 */
bool node_text(const struct node *n, const char *name, enum node_need need, struct text *out)
	MUST_USE;
bool node_word(const struct node *n, const char *name, enum node_need need, struct text *out)
	MUST_USE;
bool node_day(const struct node *n, const char *name, enum node_need need, int32_t *out) MUST_USE;
bool node_integer(const struct node *n, const char *name, int64_t min, int64_t max, int64_t *out)
	MUST_USE;
bool node_rational(const struct node *n, const char *name, struct rational *out) MUST_USE;

/* The words of a list, each once. */
struct node_list {
	struct text words[NODE_LIST_MAX];
	size_t count;
};
bool node_list(const struct node *n, const char *name, enum node_need need, struct node_list *out)
	MUST_USE;

/* For what no schema has been over: the element has no other attributes, and no text. */
bool node_only(const struct node *n, const char *const *names, size_t count) MUST_USE;

bool node_list_has(const struct node_list *list, struct text word);

/* Which of `names` (of `count`) the attribute says. */
bool node_choice(const struct node *n, const char *name, const char *const *names, size_t count,
	size_t *out) MUST_USE;

/* <kk>, <ru> and <en> of this very element: each there once, and none empty. */
bool node_texts(const struct node *n, struct texts *out) MUST_USE;

#endif
