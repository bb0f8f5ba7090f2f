/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/table.h"

#include <assert.h>
#include <stdlib.h>

#include "base/mem.h"
#include "tools/line.h"

enum {
	TABLE_GAP = 2,             /* columns between columns */
	TABLE_PROSE_MIN = 24,      /* columns a broken column keeps */
	TABLE_VALUE_MIN = 20,      /* a narrower terminal breaks lines itself */
	TABLE_CELL_MAX = 32 << 20, /* more than any answer of the daemon */
	TABLE_CELLS_FIRST = 64,
};

struct table {
	const struct table_column *columns;
	size_t column_count;
	struct buffer *cells;
	size_t cell_count;
	size_t cell_capacity;
};

struct table *table_new(const struct table_column *columns, size_t count)
{
	struct table *table = mem_new(1, sizeof(*table));

	assert(columns != NULL);
	assert(count > 0 && count <= TABLE_COLUMNS_MAX);

	table->columns = columns;
	table->column_count = count;
	return table;
}

void table_free(struct table **table)
{
	if (*table == NULL) {
		return;
	}
	for (size_t i = 0; i < (*table)->cell_count; i++) {
		buffer_done(&(*table)->cells[i]);
	}
	free((*table)->cells);
	free(*table);
	*table = NULL;
}

void table_add(struct table *table, struct text cell)
{
	struct buffer *place;

	assert(table != NULL);

	if (table->cell_count == table->cell_capacity) {
		table->cell_capacity =
			table->cell_capacity > 0 ? 2 * table->cell_capacity : TABLE_CELLS_FIRST;
		table->cells = mem_grow(table->cells, table->cell_capacity, sizeof(*table->cells));
	}
	place = &table->cells[table->cell_count++];
	buffer_init(place, TABLE_CELL_MAX);
	line_clean(place, cell, LINE_ENDS_REPLACED);
}

size_t table_rows(const struct table *table)
{
	assert(table->cell_count % table->column_count == 0);

	return table->cell_count / table->column_count;
}

static struct text table_cell(const struct table *table, size_t row, size_t column)
{
	size_t i = row * table->column_count + column;

	assert(i < table->cell_count);

	return buffer_text(&table->cells[i]);
}

static void table_write_spaces(size_t count, FILE *out)
{
	for (size_t i = 0; i < count; i++) {
		(void)fputc(' ', out);
	}
}

static void table_write_text(struct text t, FILE *out)
{
	(void)fwrite(t.bytes, 1, t.size, out);
}

/* The width of each column, and of all of them together. */
static size_t table_measure(const struct table *table, size_t widths[TABLE_COLUMNS_MAX])
{
	size_t total = 0;

	for (size_t column = 0; column < table->column_count; column++) {
		widths[column] = line_width(text_of(table->columns[column].heading));
		if (widths[column] < table->columns[column].width_min) {
			widths[column] = table->columns[column].width_min;
		}
		for (size_t row = 0; row < table_rows(table); row++) {
			size_t width = line_width(table_cell(table, row, column));

			widths[column] = width > widths[column] ? width : widths[column];
		}
		total += widths[column] + (column > 0 ? TABLE_GAP : 0);
	}
	return total;
}

/* Takes columns off the widest prose until all fits; false when it can not. */
static bool table_shrink(const struct table *table, size_t widths[TABLE_COLUMNS_MAX], size_t total,
	size_t width)
{
	while (total > width) {
		size_t widest = table->column_count;

		for (size_t column = 0; column < table->column_count; column++) {
			if (table->columns[column].side == TABLE_PROSE &&
				widths[column] > TABLE_PROSE_MIN &&
				(widest == table->column_count ||
					widths[column] > widths[widest])) {
				widest = column;
			}
		}
		if (widest == table->column_count) {
			return false;
		}
		widths[widest]--;
		total--;
	}
	return true;
}

/* The next line of each cell; *rest is what is left of them.  Nothing trails behind the last. */
static void table_write_line(const struct table *table, const size_t widths[TABLE_COLUMNS_MAX],
	struct text rest[TABLE_COLUMNS_MAX], FILE *out)
{
	size_t pending = 0;

	for (size_t column = 0; column < table->column_count; column++) {
		bool prose = table->columns[column].side == TABLE_PROSE;
		struct text line = line_take(&rest[column], prose ? widths[column] : 0);
		size_t room = widths[column] - line_width(line);

		if (table->columns[column].side == TABLE_RIGHT) {
			pending += room;
			room = 0;
		}
		if (line.size > 0) {
			table_write_spaces(pending, out);
			table_write_text(line, out);
			pending = 0;
		}
		pending += room + TABLE_GAP;
	}
	(void)fputc('\n', out);
}

static bool table_has_more(const struct table *table, const struct text rest[TABLE_COLUMNS_MAX])
{
	for (size_t column = 0; column < table->column_count; column++) {
		if (rest[column].size > 0) {
			return true;
		}
	}
	return false;
}

static void table_write_grid(const struct table *table, enum table_head head,
	const size_t widths[TABLE_COLUMNS_MAX], FILE *out)
{
	struct text rest[TABLE_COLUMNS_MAX];

	for (size_t column = 0; column < table->column_count; column++) {
		rest[column] = text_of(table->columns[column].heading);
	}
	if (head == TABLE_HEADED) {
		table_write_line(table, widths, rest, out);
	}
	for (size_t row = 0; row < table_rows(table); row++) {
		for (size_t column = 0; column < table->column_count; column++) {
			rest[column] = table_cell(table, row, column);
		}
		do {
			table_write_line(table, widths, rest, out);
		} while (table_has_more(table, rest));
	}
}

static void table_write_labelled(const char *label, size_t label_width, struct text value,
	size_t width, FILE *out)
{
	size_t indent = label_width + TABLE_GAP;
	size_t pending = indent - line_width(text_of(label));
	size_t room = 0;

	if (width > 0) {
		room = width > indent + TABLE_VALUE_MIN ? width - indent : TABLE_VALUE_MIN;
	}
	(void)fputs(label, out);
	do {
		struct text line = line_take(&value, room);

		table_write_spaces(line.size > 0 ? pending : 0, out);
		table_write_text(line, out);
		(void)fputc('\n', out);
		pending = indent;
	} while (value.size > 0);
}

static void table_write_blocks(const struct table *table, enum table_head head, size_t width,
	FILE *out)
{
	size_t label_width = 0;

	for (size_t column = 0; column < table->column_count; column++) {
		size_t heading = line_width(text_of(table->columns[column].heading));

		label_width = heading > label_width ? heading : label_width;
	}
	for (size_t row = 0; row < table_rows(table); row++) {
		if (row > 0 || head == TABLE_CONTINUED) {
			(void)fputc('\n', out);
		}
		for (size_t column = 0; column < table->column_count; column++) {
			struct text cell = table_cell(table, row, column);

			if (cell.size > 0) {
				table_write_labelled(table->columns[column].heading, label_width,
					cell, width, out);
			}
		}
	}
}

void table_write(const struct table *table, enum table_head head, size_t width, FILE *out)
{
	size_t widths[TABLE_COLUMNS_MAX] = { 0 };
	size_t total;

	assert(table != NULL);
	assert(out != NULL);

	total = table_measure(table, widths);
	if (width > 0 && !table_shrink(table, widths, total, width)) {
		table_write_blocks(table, head, width, out);
	} else {
		table_write_grid(table, head, widths, out);
	}
}

void table_write_pair(const char *label, size_t label_width, struct text value, size_t width,
	FILE *out)
{
	struct buffer clean;

	assert(label != NULL);
	assert(out != NULL);

	buffer_init(&clean, TABLE_CELL_MAX);
	line_clean(&clean, value, LINE_ENDS_KEPT);
	if (line_width(text_of(label)) > label_width) {
		(void)fprintf(out, "%s\n", label);
		label = "";
	}
	table_write_labelled(label, label_width, buffer_text(&clean), width, out);
	buffer_done(&clean);
}

void table_write_paragraph(struct text t, size_t indent, size_t width, FILE *out)
{
	struct buffer clean;
	struct text rest;
	size_t room = 0;

	assert(out != NULL);

	if (width > 0) {
		room = width > indent + TABLE_VALUE_MIN ? width - indent : TABLE_VALUE_MIN;
	}
	buffer_init(&clean, TABLE_CELL_MAX);
	line_clean(&clean, t, LINE_ENDS_KEPT);
	rest = buffer_text(&clean);
	while (rest.size > 0) {
		struct text line = line_take(&rest, room);

		table_write_spaces(line.size > 0 ? indent : 0, out);
		table_write_text(line, out);
		(void)fputc('\n', out);
	}
	buffer_done(&clean);
}
