/* SPDX-License-Identifier: Apache-2.0 */

/*
 * table - rows of text under headings, aligned by what they look like.
 *
 * Where the terminal is narrower than the table, columns of prose go on in further lines; where
 * that does not help, each row is written as a block of "heading  value" lines.  Nothing is cut
 * off.
 */
#ifndef ALYM_TOOLS_TABLE_H
#define ALYM_TOOLS_TABLE_H

#include <stddef.h>
#include <stdio.h>

#include "base/text.h"

enum { TABLE_COLUMNS_MAX = 10 };

enum table_side {
	TABLE_LEFT,
	TABLE_RIGHT,
	TABLE_PROSE, /* left, and may be broken: not what somebody copies */
};

struct table_column {
	const char *heading;
	enum table_side side;
	size_t width_min; /* so that further rows, written later, stand under these */
};

struct table;

/* `columns` is the caller's and outlives the table. */
struct table *table_new(const struct table_column *columns, size_t count);
void table_free(struct table **table);

/* The next cell, from left to right and from top to bottom; it is copied and cleaned. */
void table_add(struct table *table, struct text cell);

size_t table_rows(const struct table *table);

/* Only whole rows; `width` in columns, 0: any. */
enum table_head { TABLE_HEADED, TABLE_CONTINUED };
void table_write(const struct table *table, enum table_head head, size_t width, FILE *out);

/*
 * One "label  value" line of a card, the value going on under itself where `width` ends.  A label
 * wider than `label_width` stands on a line of its own.
 */
void table_write_pair(const char *label, size_t label_width, struct text value, size_t width,
	FILE *out);

/* A paragraph, indented, broken at `width`. */
void table_write_paragraph(struct text t, size_t indent, size_t width, FILE *out);

#endif
