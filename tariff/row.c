/* SPDX-License-Identifier: Apache-2.0 */
#include "tariff/row.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/date.h"
#include "base/json.h"
#include "tariff/document.h"
#include "tariff/order.h"

enum { ROW_BRIEF_MAX = 1024 }; /* five words of at most NODE_WORD_MAX bytes */

bool row_refuse(const struct row *row, struct err *err, const char *format, ...)
{
	char said[ERR_MESSAGE_SIZE];
	va_list args;

	assert(row != NULL);
	assert(row->origin.file != NULL);

	va_start(args, format);
	(void)vsnprintf(said, sizeof(said), format, args);
	va_end(args);
	return document_refuse(row->origin.file, row->origin.line, err, "row %.40s %s",
		row->id.bytes, said);
}

/* The act is there, in force on the row's days, and a code is cited by its article. */
static bool row_rests_on(const struct node *n, const struct acts *acts, struct text act,
	struct row *row)
{
	row->act = acts_find(acts, act);
	if (row->act == NULL) {
		return node_refuse(n, "act=\"%.64s\" is not in the set", act.bytes);
	}
	if (row->act->kind == ACT_CODE && row->article.size == 0) {
		return node_refuse(n, "lacks the article of %.64s it rests on", act.bytes);
	}
	if (row->act->from != DATE_NONE && row->from < row->act->from) {
		return node_refuse(n, "acts before %.64s is in force", act.bytes);
	}
	if (row->act->last != DATE_NONE && (row->last == DATE_NONE || row->last > row->act->last)) {
		return node_refuse(n, "outlives %.64s; give it last=", act.bytes);
	}
	return true;
}

static struct text row_brief(struct arena *arena, const struct row *row)
{
	struct buffer bytes;
	struct json_writer w;
	struct text kept;

	buffer_init(&bytes, ROW_BRIEF_MAX);
	json_writer_init(&w, &bytes);
	json_open_object(&w, NULL);
	json_text(&w, "act", row->act->id);
	json_text_said(&w, "article", row->article);
	json_text_said(&w, "item", row->item);
	json_text(&w, "row", row->id);
	json_cstring(&w, "status", row_status(row));
	json_close_object(&w);
	assert(!bytes.overflowed);
	kept = arena_text(arena, buffer_text(&bytes));
	buffer_done(&bytes);
	return kept;
}

const char *row_status(const struct row *row)
{
	return row->unverified ? "unverified" : "confirmed";
}

bool row_read(const struct node *n, const struct acts *acts, struct row *row)
{
	static const char *const statuses[] = { "confirmed", "unverified" };
	struct text act = { 0 };
	size_t status = 0;

	assert(acts != NULL);
	assert(row != NULL);

	row->last = DATE_NONE;
	row->article = row->item = row->note = TEXT("");
	row->origin = n->origin;
	if (!node_word(n, "id", NODE_REQUIRED, &row->id) ||
		!node_day(n, "from", NODE_REQUIRED, &row->from) ||
		!node_day(n, "last", NODE_OPTIONAL, &row->last) ||
		!node_day(n, "entered", NODE_REQUIRED, &row->entered) ||
		!node_word(n, "act", NODE_REQUIRED, &act) ||
		!node_word(n, "article", NODE_OPTIONAL, &row->article) ||
		!node_word(n, "item", NODE_OPTIONAL, &row->item) ||
		!node_text(n, "source", NODE_REQUIRED, &row->source) ||
		!node_choice(n, "status", statuses, 2, &status) ||
		!node_text(n, "note", NODE_OPTIONAL, &row->note)) {
		return false;
	}
	row->unverified = status == 1;
	if (row->id.size >= ROW_ID_SIZE) {
		return node_refuse(n, "id is longer than %d bytes", ROW_ID_SIZE - 1);
	}
	if (row->last != DATE_NONE && row->last < row->from) {
		return node_refuse(n, "ends before it begins");
	}
	if (row->from >= TARIFF_NO_END || row->last >= TARIFF_NO_END) {
		return node_refuse(n, "reaches the end of time; leave last= out");
	}
	if (!row_rests_on(n, acts, act, row)) {
		return false;
	}
	row->brief = row_brief(n->arena, row);
	return true;
}

struct span row_days(const struct row *row)
{
	assert(row != NULL);

	return (struct span){ row->from, row->last == DATE_NONE ? TARIFF_NO_END : row->last + 1 };
}

bool span_has(struct span span, int32_t day)
{
	return span.from <= day && day < span.until;
}

struct span span_meet(struct span a, struct span b)
{
	struct span both = {
		.from = a.from > b.from ? a.from : b.from,
		.until = a.until < b.until ? a.until : b.until,
	};

	assert(both.from < both.until);

	return both;
}

bool span_narrow(struct span days, int32_t day, struct span *valid)
{
	assert(valid != NULL);
	assert(span_has(*valid, day));

	if (span_has(days, day)) {
		*valid = span_meet(*valid, days);
		return true;
	}
	if (days.from > day && days.from < valid->until) {
		valid->until = days.from;
	}
	if (days.until <= day && days.until > valid->from) {
		valid->from = days.until;
	}
	return false;
}

void chain_add(struct chain *chain, struct arena *arena, const struct row *row)
{
	assert(chain != NULL);
	assert(row != NULL);

	chain->links = arena_grow(arena, chain->links, chain->count, &chain->capacity,
		sizeof(*chain->links));
	chain->links[chain->count++] = (struct chain_link){ .days.from = row->from, .row = row };
}

/* By day; then as they stand in the files, so that a complaint is the same every time. */
static int chain_compare(const void *a, const void *b)
{
	const struct chain_link *left = a;
	const struct chain_link *right = b;

	if (left->days.from != right->days.from) {
		return left->days.from < right->days.from ? -1 : 1;
	}
	return (left->row->origin.line > right->row->origin.line) -
	       (left->row->origin.line < right->row->origin.line);
}

static bool chain_begins_year(const struct chain_link *link)
{
	struct date_civil civil = date_to_civil(link->days.from);

	return civil.month == 1 && civil.day == 1;
}

/* Ends `link` where `next` (NULL: there is none) begins, if that is where it may end. */
static bool chain_join(struct chain_link *link, const struct chain_link *next, enum chain_kind kind,
	const char *what, struct err *err)
{
	const struct row *row = link->row;
	int32_t end = row_days(row).until;
	char day[DATE_TEXT_SIZE];

	if (next == NULL) {
		link->days.until = end;
		return true;
	}
	if (next->days.from == link->days.from) {
		return row_refuse(next->row, err,
			"is a duplicate: %.40s (%.60s:%ld) gives %s for the same first day",
			row->id.bytes, row->origin.file, row->origin.line, what);
	}
	if (kind == CHAIN_YEARLY && end <= next->days.from && chain_begins_year(next)) {
		link->days.until = end;
		return true;
	}
	if (row->last != DATE_NONE && end < next->days.from) {
		return row_refuse(next->row, err,
			"leaves a gap: nothing gives %s from %s, the day after %.40s ends", what,
			date_format(end, day), row->id.bytes);
	}
	if (row->last != DATE_NONE && end > next->days.from && kind == CHAIN_EXACT) {
		return row_refuse(next->row, err,
			"overlaps %.40s (%.60s:%ld), which gives %s until %s", row->id.bytes,
			row->origin.file, row->origin.line, what, date_format(row->last, day));
	}
	link->days.until = next->days.from;
	return true;
}

bool chain_close(struct chain *chain, enum chain_kind kind, const char *what, struct err *err)
{
	assert(chain != NULL);
	assert(what != NULL);

	if (chain->count > 0) {
		qsort(chain->links, chain->count, sizeof(*chain->links), chain_compare);
	}
	for (size_t i = 0; i < chain->count; i++) {
		const struct chain_link *next = i + 1 < chain->count ? &chain->links[i + 1] : NULL;

		if (!chain_join(&chain->links[i], next, kind, what, err)) {
			return false;
		}
		assert(chain->links[i].days.from < chain->links[i].days.until);
	}
	return true;
}

const struct chain_link *chain_find(const struct chain *chain, int32_t day)
{
	size_t low = 0;
	size_t high = chain->count;

	/* The last link that begins on or before the day is links[low - 1]. */
	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (chain->links[middle].days.from <= day) {
			low = middle + 1;
		} else {
			high = middle;
		}
	}
	if (low == 0 || !span_has(chain->links[low - 1].days, day)) {
		return NULL;
	}
	return &chain->links[low - 1];
}

void chain_narrow(const struct chain *chain, int32_t day, struct span *valid)
{
	assert(chain != NULL);

	for (size_t i = 0; i < chain->count; i++) {
		(void)span_narrow(chain->links[i].days, day, valid);
	}
}

bool chain_covers(const struct chain *chain, struct span days)
{
	assert(days.from < days.until);

	/* A closed chain has no gaps, so its two ends decide. */
	return chain->count > 0 && chain->links[0].days.from <= days.from &&
	       chain->links[chain->count - 1].days.until >= days.until;
}
