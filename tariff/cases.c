/* SPDX-License-Identifier: Apache-2.0 */
#include "tariff/cases.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "tariff/argument.h"
#include "tariff/case.h"
#include "tariff/document.h"
#include "tariff/order.h"

/* Said of the codes, the refund and the rules, at most. */
enum { CASES_TERMS_SIZE = 4 * NODE_WORD_MAX + RULE_KIND_COUNT * NODE_WORD_MAX };

struct cases {
	struct arena *arena;
	struct case_entry **cases;
	size_t count;
	size_t capacity;
};

/* ---- reading ---- */

static bool cases_read_element(const struct node *n, struct cases *cases)
{
	struct case_entry *c = arena_take(n->arena, 1, sizeof(*c));

	if (cases->count == CASES_COUNT_MAX) {
		return node_refuse(n, "is one more than %d cases", CASES_COUNT_MAX);
	}
	if (!case_read(n, c)) {
		return false;
	}
	cases->cases = arena_grow(n->arena, cases->cases, cases->count, &cases->capacity,
		sizeof(struct case_entry *));
	cases->cases[cases->count++] = c;
	return true;
}

static bool cases_read_file(const struct tariff_file *file, struct cases *cases, struct err *err)
{
	struct text name = arena_text(cases->arena, text_of(file->name));
	struct node root = {
		.origin = { .file = name.bytes, .line = 1 },
		.arena = cases->arena,
		.err = err,
	};
	xmlDoc *document = NULL;
	struct node child;
	bool ok = false;

	if (file->bytes.size > TARIFF_FILE_SIZE_MAX) {
		return document_refuse(file->name, 1, err, "is larger than %d bytes; split it",
			TARIFF_FILE_SIZE_MAX);
	}
	if (!document_read(file->name, file->bytes, NULL, &document, err)) {
		return false;
	}
	root.element = xmlDocGetRootElement(document);
	ok = node_is(&root, "cases") || node_refuse(&root, "is outermost; cases stand in <cases>");
	ok = ok && node_only(&root, NULL, 0);
	for (bool more = node_first(&root, &child); ok && more; more = node_next(&child, &child)) {
		ok = cases_read_element(&child, cases);
	}
	document_free(&document);
	return ok;
}

bool cases_read(const struct tariff_file *files, size_t count, struct cases **cases,
	struct err *err)
{
	struct cases *all = mem_new(1, sizeof(*all));
	bool ok = true;

	assert(files != NULL || count == 0);
	assert(cases != NULL);

	all->arena = arena_new();
	for (size_t i = 0; ok && i < count; i++) {
		ok = cases_read_file(&files[i], all, err);
	}
	if (ok) {
		*cases = all;
		all = NULL;
	}
	cases_free(&all);
	return ok;
}

void cases_free(struct cases **cases)
{
	assert(cases != NULL);

	if (*cases == NULL) {
		return;
	}
	arena_free(&(*cases)->arena);
	free(*cases);
	*cases = NULL;
}

size_t cases_count(const struct cases *cases)
{
	assert(cases != NULL);

	return cases->count;
}

struct cases_question cases_question(const struct cases *cases, size_t i)
{
	const struct case_entry *c;

	assert(cases != NULL);
	assert(i < cases->count);

	c = cases->cases[i];
	return (struct cases_question){
		.file = c->origin.file,
		.line = c->origin.line,
		.request = c->of_mrp ? NULL : &c->request,
		.exchange = c->exchange.count > 0 ? &c->exchange : NULL,
		.day = c->day,
	};
}

/* ---- running ---- */

/* A run of all cases over one set. */
struct cases_course {
	const struct tariff *tariff;
	bool *hit;  /* of the set's rows, by any case */
	bool *used; /* of the set's rows, by the case at hand */
	struct cases_report *report;
};

/* Where the row stands in the set, by its id; it is there. */
static size_t cases_row_find(const struct tariff *tariff, struct text id)
{
	size_t low = 0;
	size_t high = tariff->row_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (order_texts(tariff->rows[middle]->id, id) < 0) {
			low = middle + 1;
		} else {
			high = middle;
		}
	}
	return low < tariff->row_count && text_equal(tariff->rows[low]->id, id) ? low
										: tariff->row_count;
}

static void cases_use(void *context, const struct row *row)
{
	struct cases_course *course = context;
	size_t i = cases_row_find(course->tariff, row->id);

	assert(i < course->tariff->row_count); /* every row is in the set's register */
	course->used[i] = true;
}

static void cases_disuse(struct cases_course *course, const struct row *row)
{
	size_t i = cases_row_find(course->tariff, row->id);

	assert(i < course->tariff->row_count);
	course->used[i] = false;
}

static void cases_fail(struct cases_course *course, const struct case_entry *c,
	const struct buffer *expected, const struct buffer *came)
{
	struct cases_report *report = course->report;
	struct cases_fault *fault;

	report->faults = mem_grow(report->faults, report->fault_count + 1, sizeof(*report->faults));
	fault = &report->faults[report->fault_count++];
	*fault = (struct cases_fault){ .file = c->origin.file, .line = c->origin.line };
	(void)snprintf(fault->expected, sizeof(fault->expected), "%.*s", (int)expected->size,
		expected->bytes);
	(void)snprintf(fault->came, sizeof(fault->came), "%.*s", (int)came->size, came->bytes);
}

/* Says one figure on both sides where it was stated. */
static void cases_compare_money(const char *name, struct money expected, struct money came,
	struct buffer *left, struct buffer *right)
{
	char text[MONEY_TEXT_SIZE];

	buffer_printf(left, "%s%s %s", left->size > 0 ? ", " : "", name,
		money_format(expected, text));
	buffer_printf(right, "%s%s %s", right->size > 0 ? ", " : "", name,
		money_format(came, text));
}

static void cases_compare_rows(const struct cases_course *course,
	const struct case_expected *expected, struct buffer *left, struct buffer *right)
{
	for (size_t i = 0; i < expected->rows.count; i++) {
		struct text id = expected->rows.words[i];
		size_t row = cases_row_find(course->tariff, id);

		buffer_printf(left, ", resting on %.*s", TEXT_ARGS(id));
		buffer_printf(right, ", %s on %.*s",
			row < course->tariff->row_count && course->used[row] ? "resting"
									     : "not resting",
			TEXT_ARGS(id));
	}
}

static void cases_say_refund(enum refund_rule rule, int64_t years, struct buffer *b)
{
	buffer_printf(b, ", refund %s", refund_rule_name(rule));
	if (years > 0) {
		buffer_printf(b, " within %" PRId64 " years", years);
	}
}

static void cases_say_rule(enum rule_kind kind, int64_t value, struct buffer *b)
{
	buffer_printf(b, ", rule %s", rule_kind_name(kind));
	if (value > 0) {
		buffer_printf(b, " %" PRId64, value);
	}
}

/* What no sum shows. */
static void cases_compare_terms(const struct argument *a, const struct case_expected *expected,
	struct buffer *left, struct buffer *right)
{
	if (expected->kbk.size > 0) {
		buffer_printf(left, ", kbk %.*s, knp %.*s", TEXT_ARGS(expected->kbk),
			TEXT_ARGS(expected->knp));
		buffer_printf(right, ", kbk %s, knp %s",
			a->budget != NULL ? a->budget->kbk.bytes : "-",
			a->budget != NULL ? a->budget->knp.bytes : "-");
	}
	if (expected->refund_stated) {
		cases_say_refund(expected->refund, expected->refund_years, left);
		cases_say_refund(a->refund->rule, a->refund->years, right);
	}
	for (size_t i = 0; i < RULE_KIND_COUNT; i++) {
		const struct rule *rule = argument_rule(a, (enum rule_kind)i);

		if (!expected->rule_stated[i]) {
			continue;
		}
		cases_say_rule((enum rule_kind)i, expected->rule_values[i], left);
		if (rule != NULL) {
			cases_say_rule(rule->kind, rule->value, right);
		} else {
			buffer_printf(right, ", no rule %s", rule_kind_name((enum rule_kind)i));
		}
	}
}

/* What no sum shows is hit only by a case that says what it must be. */
static void cases_disuse_unstated(struct cases_course *course, const struct argument *a,
	const struct case_expected *expected)
{
	if (a->budget != NULL && expected->kbk.size == 0) {
		cases_disuse(course, &a->budget->row);
	}
	if (!expected->refund_stated) {
		cases_disuse(course, &a->refund->row);
	}
	for (size_t i = 0; i < RULE_KIND_COUNT; i++) {
		const struct rule *rule = argument_rule(a, (enum rule_kind)i);

		if (rule != NULL && !expected->rule_stated[i]) {
			cases_disuse(course, &rule->row);
		}
	}
}

/* What was expected, and what came, said in the same words where they are the same. */
static void cases_compare(const struct cases_course *course, const struct case_entry *c,
	const struct quote *quote, struct buffer *left, struct buffer *right)
{
	const struct case_expected *expected = &c->expected;

	cases_compare_money("due", expected->due, quote->due, left, right);
	if (expected->gross_stated) {
		cases_compare_money("gross", expected->gross, quote->gross, left, right);
	}
	if (expected->relief_stated) {
		cases_compare_money("relief", expected->relief, quote->relief, left, right);
	}
	if (expected->ground.size > 0) {
		buffer_printf(left, ", ground %.*s", TEXT_ARGS(expected->ground));
		buffer_printf(right, ", ground %s", quote->ground[0] != '\0' ? quote->ground : "-");
	}
	cases_compare_rows(course, expected, left, right);
}

static void cases_price(struct cases_course *course, const struct case_entry *c,
	struct buffer *left, struct buffer *right)
{
	struct quote_basis basis = {
		.tariff = course->tariff,
		.version = course->tariff->phrases.version,
		.day = c->day,
		.exchange = c->exchange.count > 0 ? &c->exchange : NULL,
	};
	struct quote_refusal refusal = { 0 };
	struct argument argument;
	struct quote quote;
	enum quote_result result = quote_compute(&basis, &c->request, &quote, &refusal);

	if (result == QUOTE_DONE) {
		result = argument_make(&basis, &c->request, &argument, &refusal);
		assert(result == QUOTE_DONE);
		argument_rows(&argument, cases_use, course);
	}
	if (result == QUOTE_DONE && c->expected.result == QUOTE_DONE) {
		cases_compare(course, c, &quote, left, right);
		cases_compare_terms(&argument, &c->expected, left, right);
		cases_disuse_unstated(course, &argument, &c->expected);
		return;
	}
	buffer_add_string(left, case_result_name(c->expected.result));
	buffer_add_string(right, case_result_name(result));
	if (result == c->expected.result) {
		return;
	}
	if (result == QUOTE_DONE) {
		char text[MONEY_TEXT_SIZE];

		buffer_printf(right, " of %s", money_format(quote.due, text));
	} else {
		buffer_printf(right, " (%s %s)", refusal.field, refusal.detail);
	}
}

static void cases_look_up(struct cases_course *course, const struct case_entry *c,
	struct buffer *left, struct buffer *right)
{
	const struct chain *chain = &course->tariff->mrps.chains[c->purpose];
	const struct chain_link *link = chain_find(chain, c->day);
	int64_t came = link == NULL ? 0 : ((const struct mrp *)link->row)->value;

	if (link != NULL) {
		cases_use(course, link->row);
	}
	buffer_printf(left, "an MRP of %" PRId64, c->value);
	buffer_printf(right, "an MRP of %" PRId64, came);
}

static void cases_run_one(struct cases_course *course, const struct case_entry *c)
{
	struct buffer left;
	struct buffer right;

	buffer_init(&left,
		NODE_LIST_MAX * (2 * NODE_WORD_MAX) + CASES_TERMS_SIZE + CASES_ANSWER_SIZE);
	buffer_init(&right,
		NODE_LIST_MAX * (2 * NODE_WORD_MAX) + CASES_TERMS_SIZE + 2 * CASES_ANSWER_SIZE);
	memset(course->used, 0, course->tariff->row_count * sizeof(*course->used));
	if (c->of_mrp) {
		cases_look_up(course, c, &left, &right);
	} else {
		cases_price(course, c, &left, &right);
	}
	assert(!left.overflowed && !right.overflowed);
	if (!text_equal(buffer_text(&left), buffer_text(&right))) {
		cases_fail(course, c, &left, &right);
	} else {
		for (size_t i = 0; i < course->tariff->row_count; i++) {
			course->hit[i] = course->hit[i] || course->used[i];
		}
	}
	buffer_done(&left);
	buffer_done(&right);
}

static void cases_report_unhit(const struct cases_course *course)
{
	struct cases_report *report = course->report;

	for (size_t i = 0; i < course->tariff->row_count; i++) {
		const struct row *row = course->tariff->rows[i];

		if (course->hit[i]) {
			continue;
		}
		report->unhit =
			mem_grow(report->unhit, report->unhit_count + 1, sizeof(*report->unhit));
		report->unhit[report->unhit_count++] = (struct cases_unhit){
			.row = row->id.bytes,
			.file = row->origin.file,
			.line = row->origin.line,
		};
	}
}

void cases_run(const struct cases *cases, const struct tariff *tariff, struct cases_report *report)
{
	struct cases_course course = { .tariff = tariff, .report = report };

	assert(cases != NULL);
	assert(tariff != NULL);
	assert(report != NULL);

	*report = (struct cases_report){
		.case_count = cases->count,
		.row_count = tariff->row_count,
	};
	course.hit = mem_new(tariff->row_count + 1, sizeof(*course.hit));
	course.used = mem_new(tariff->row_count + 1, sizeof(*course.used));
	for (size_t i = 0; i < cases->count; i++) {
		cases_run_one(&course, cases->cases[i]);
	}
	cases_report_unhit(&course);
	free(course.hit);
	free(course.used);
}

void cases_report_done(struct cases_report *report)
{
	assert(report != NULL);

	free(report->faults);
	free(report->unhit);
	*report = (struct cases_report){ 0 };
}
