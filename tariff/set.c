/* SPDX-License-Identifier: Apache-2.0 */
#include "tariff/set.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/date.h"
#include "base/mem.h"
#include "tariff/document.h"
#include "tariff/order.h"

static const char set_schema_name[] = "tariff.xsd";

/* What elements refer to is read before what refers to it. */
enum set_pass { SET_NAMES, SET_ROWS, SET_PASS_COUNT };

static void set_keep_row(void *context, const struct row *row)
{
	struct tariff *t = context;

	assert(row != NULL);

	t->rows =
		arena_grow(t->arena, t->rows, t->row_count, &t->row_capacity, sizeof(struct row *));
	t->rows[t->row_count++] = row;
}

static bool set_read_act(const struct node *n, struct tariff *t)
{
	return act_read(n, &t->acts);
}

static bool set_read_country(const struct node *n, struct tariff *t)
{
	return country_read(n, &t->countries);
}

static bool set_read_list(const struct node *n, struct tariff *t)
{
	const struct row *row = NULL;

	if (!list_read(n, &t->acts, &t->countries, &t->lists, &row)) {
		return false;
	}
	set_keep_row(t, row);
	return true;
}

static bool set_read_phrase(const struct node *n, struct tariff *t)
{
	return phrase_read(n, &t->phrases);
}

static bool set_read_ground(const struct node *n, struct tariff *t)
{
	return ground_read(n, &t->exemptions);
}

static bool set_read_mrp(const struct node *n, struct tariff *t)
{
	const struct row *row = NULL;

	if (!mrp_read(n, &t->acts, &t->mrps, &row)) {
		return false;
	}
	set_keep_row(t, row);
	return true;
}

static bool set_read_agreement(const struct node *n, struct tariff *t)
{
	const struct row *row = NULL;

	if (!agreement_read(n, &t->acts, &t->exemptions, &row)) {
		return false;
	}
	set_keep_row(t, row);
	return true;
}

static bool set_read_exemption(const struct node *n, struct tariff *t)
{
	const struct row *row = NULL;

	if (!exemption_read(n, &t->acts, &t->exemptions, &row)) {
		return false;
	}
	set_keep_row(t, row);
	return true;
}

static bool set_read_beneficiary(const struct node *n, struct tariff *t)
{
	const struct row *row = NULL;

	if (!beneficiary_read(n, &t->acts, &t->beneficiaries, &row)) {
		return false;
	}
	set_keep_row(t, row);
	return true;
}

static bool set_read_service(const struct node *n, struct tariff *t)
{
	struct service *service = NULL;

	if (!service_read(n, &t->acts, set_keep_row, t, &service)) {
		return false;
	}
	if (t->service_count == SET_SERVICES_MAX) {
		return node_refuse(n, "is one more than %d services", SET_SERVICES_MAX);
	}
	t->services = arena_grow(t->arena, t->services, t->service_count, &t->service_capacity,
		sizeof(struct service *));
	t->services[t->service_count++] = service;
	return true;
}

static const struct {
	const char *name;
	enum set_pass pass;
	bool (*read)(const struct node *n, struct tariff *t);
} set_elements[] = {
	{ "act", SET_NAMES, set_read_act },
	{ "country", SET_NAMES, set_read_country },
	{ "ground", SET_NAMES, set_read_ground },
	{ "phrase", SET_NAMES, set_read_phrase },
	{ "list", SET_ROWS, set_read_list },
	{ "mrp", SET_ROWS, set_read_mrp },
	{ "service", SET_ROWS, set_read_service },
	{ "agreement", SET_ROWS, set_read_agreement },
	{ "exemption", SET_ROWS, set_read_exemption },
	{ "beneficiary", SET_ROWS, set_read_beneficiary },
};

static bool set_read_element(const struct node *n, enum set_pass pass, struct tariff *t)
{
	for (size_t i = 0; i < sizeof(set_elements) / sizeof(*set_elements); i++) {
		if (node_is(n, set_elements[i].name)) {
			return set_elements[i].pass != pass || set_elements[i].read(n, t);
		}
	}
	return node_refuse(n, "does not belong into a tariff");
}

static bool set_read_document(const char *file, xmlDoc *document, enum set_pass pass,
	struct tariff *t, struct err *err)
{
	struct node root = {
		.element = xmlDocGetRootElement(document),
		.origin = { .file = file, .line = 1 },
		.arena = t->arena,
		.err = err,
	};
	struct node child;

	if (root.element == NULL || !node_is(&root, "tariff")) {
		return document_refuse(file, 1, err, "the outermost element must be <tariff>");
	}
	for (bool more = node_first(&root, &child); more; more = node_next(&child, &child)) {
		if (!set_read_element(&child, pass, t)) {
			return false;
		}
		if (t->row_count > SET_ROWS_MAX) {
			return node_refuse(&child, "is one more than %d rows", SET_ROWS_MAX);
		}
	}
	return true;
}

static int set_compare_rows(const void *a, const void *b)
{
	const struct row *left = *(const struct row *const *)a;
	const struct row *right = *(const struct row *const *)b;

	return order_texts(left->id, right->id);
}

static int set_compare_services(const void *a, const void *b)
{
	const struct service *left = *(const struct service *const *)a;
	const struct service *right = *(const struct service *const *)b;

	return order_texts(left->code, right->code);
}

static bool set_close_rows(struct tariff *t, struct err *err)
{
	if (t->row_count > 0) {
		qsort(t->rows, t->row_count, sizeof(struct row *), set_compare_rows);
	}
	for (size_t i = 1; i < t->row_count; i++) {
		const struct row *before = t->rows[i - 1];

		if (text_equal(before->id, t->rows[i]->id)) {
			return row_refuse(t->rows[i], err,
				"is a duplicate: another row has this id (%.60s:%ld)",
				before->origin.file, before->origin.line);
		}
	}
	return true;
}

static bool set_close_services(struct tariff *t, struct err *err)
{
	if (t->service_count == 0) {
		return err_set(err, ERR_INPUT, "no file of the tariff has a service");
	}
	qsort(t->services, t->service_count, sizeof(struct service *), set_compare_services);
	for (size_t i = 1; i < t->service_count; i++) {
		const struct service *before = t->services[i - 1];
		const struct service *s = t->services[i];

		if (text_equal(before->code, s->code)) {
			return document_refuse(s->origin.file, s->origin.line, err,
				"service %s is a duplicate: %.60s:%ld has it already",
				s->code.bytes, before->origin.file, before->origin.line);
		}
	}
	for (size_t i = 0; i < t->service_count; i++) {
		if (!service_close(t->services[i], &t->mrps, t->arena, err)) {
			return false;
		}
	}
	return true;
}

/* Who may have what, by which list; and no list is there for nothing. */
static bool set_close_eligibilities(struct tariff *t, struct err *err)
{
	for (size_t i = 0; i < t->service_count; i++) {
		struct service *s = t->services[i];

		if (!eligibilities_close(&s->eligibilities, &t->lists, s->code, t->arena, err)) {
			return false;
		}
	}
	return lists_close(&t->lists, err);
}

static bool set_has_kbk(const struct tariff *t, struct text kbk)
{
	for (size_t i = 0; i < t->service_count; i++) {
		const struct chain *budgets = &t->services[i]->budgets;

		for (size_t j = 0; j < budgets->count; j++) {
			const struct budget *b = (const struct budget *)budgets->links[j].row;

			if (text_equal(b->kbk, kbk)) {
				return true;
			}
		}
	}
	return false;
}

/* Each receives the money of a budget code that a service pays to. */
static bool set_close_beneficiaries(struct tariff *t, struct err *err)
{
	for (size_t i = 0; i < t->beneficiaries.count; i++) {
		const struct beneficiary *b = t->beneficiaries.rows[i];

		if (!set_has_kbk(t, b->kbk)) {
			return row_refuse(&b->row, err,
				"receives for the budget code %s, to which no service pays",
				b->kbk.bytes);
		}
	}
	return beneficiaries_close(&t->beneficiaries, err);
}

static bool set_read(const struct set_documents *d, struct tariff *t, struct err *err)
{
	const char *names[TARIFF_FILES_MAX]; /* the arena's copies: rows keep them */

	for (size_t i = 0; i < d->count; i++) {
		names[i] = arena_text(t->arena, text_of(d->names[i])).bytes;
	}
	for (int pass = 0; pass < SET_PASS_COUNT; pass++) {
		if (pass == SET_ROWS && !acts_close(&t->acts, err)) {
			return false;
		}
		for (size_t i = 0; i < d->count; i++) {
			if (!set_read_document(names[i], d->documents[i], (enum set_pass)pass, t,
				    err)) {
				return false;
			}
		}
	}
	return set_close_rows(t, err) && mrps_close(&t->mrps, err) && set_close_services(t, err) &&
	       exemptions_close(&t->exemptions, t->services, t->service_count, t->arena, err) &&
	       set_close_beneficiaries(t, err) && set_close_eligibilities(t, err) &&
	       phrases_close(&t->phrases, err);
}

static const struct tariff_file *set_find_schema(const struct tariff_file *files, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (strcmp(files[i].name, set_schema_name) == 0) {
			return &files[i];
		}
	}
	return NULL;
}

/* Names differ, and nothing is too large. */
static bool set_check_files(const struct tariff_file *files, size_t count, struct err *err)
{
	if (count > TARIFF_FILES_MAX) {
		return err_set(err, ERR_LIMIT, "a tariff has at most %d files", TARIFF_FILES_MAX);
	}
	for (size_t i = 0; i < count; i++) {
		assert(files[i].name != NULL);
		if (files[i].bytes.size > TARIFF_FILE_SIZE_MAX) {
			return document_refuse(files[i].name, 1, err,
				"is larger than %d bytes; split it", TARIFF_FILE_SIZE_MAX);
		}
		for (size_t j = 0; j < i; j++) {
			if (strcmp(files[i].name, files[j].name) == 0) {
				return document_refuse(files[i].name, 1, err, "is there twice");
			}
		}
	}
	if (set_find_schema(files, count) == NULL) {
		return err_set(err, ERR_INPUT, "%s is missing from the tariff", set_schema_name);
	}
	return true;
}

bool set_make(const struct set_documents *documents, const uint8_t digest[TARIFF_DIGEST_SIZE],
	struct tariff **tariff, struct err *err)
{
	struct tariff *t = mem_new(1, sizeof(*t));
	bool ok;

	assert(documents->count <= TARIFF_FILES_MAX);
	assert(digest != NULL);
	assert(tariff != NULL);

	t->arena = arena_new();
	memcpy(t->digest, digest, sizeof(t->digest));
	ok = set_read(documents, t, err);
	if (ok) {
		*tariff = t;
		t = NULL;
	}
	tariff_free(&t);
	return ok;
}

/* All files but the schema, each read by it. */
static bool set_read_files(const struct tariff_file *files, size_t count,
	const struct document_schema *schema, struct set_documents *d, struct err *err)
{
	for (size_t i = 0; i < count; i++) {
		if (strcmp(files[i].name, set_schema_name) == 0) {
			continue;
		}
		d->names[d->count] = files[i].name;
		if (!document_read(files[i].name, files[i].bytes, schema, &d->documents[d->count],
			    err)) {
			return false;
		}
		d->count++;
	}
	return true;
}

static int set_compare_files(const void *a, const void *b)
{
	const struct tariff_file *left = a;
	const struct tariff_file *right = b;

	return strcmp(left->name, right->name);
}

void tariff_init(void)
{
	document_init();
}

void tariff_order_files(struct tariff_file *files, size_t count)
{
	assert(files != NULL || count == 0);

	if (count > 0) {
		qsort(files, count, sizeof(*files), set_compare_files);
	}
}

bool tariff_load(const struct tariff_file *files, size_t count,
	const uint8_t digest[TARIFF_DIGEST_SIZE], struct tariff **tariff, struct err *err)
{
	struct set_documents d = { .count = 0 };
	struct document_schema *schema = NULL;
	const struct tariff_file *xsd;
	bool ok = false;

	assert(files != NULL || count == 0);

	if (!set_check_files(files, count, err)) {
		return false;
	}
	xsd = set_find_schema(files, count);
	assert(xsd != NULL); /* set_check_files() has seen it */
	ok = document_schema_new(xsd->name, xsd->bytes, &schema, err) &&
	     set_read_files(files, count, schema, &d, err) && set_make(&d, digest, tariff, err);
	for (size_t i = 0; i < d.count; i++) {
		document_free(&d.documents[i]);
	}
	document_schema_free(&schema);
	return ok;
}

void tariff_free(struct tariff **tariff)
{
	assert(tariff != NULL);

	if (*tariff == NULL) {
		return;
	}
	arena_free(&(*tariff)->arena);
	free(*tariff);
	*tariff = NULL;
}

const uint8_t *tariff_digest(const struct tariff *tariff)
{
	assert(tariff != NULL);

	return tariff->digest;
}

bool tariff_serves(const struct tariff *tariff, int version, struct err *err)
{
	assert(tariff != NULL);

	return phrases_serve(&tariff->phrases, version, err);
}

size_t tariff_row_count(const struct tariff *tariff)
{
	assert(tariff != NULL);

	return tariff->row_count;
}

size_t tariff_service_count(const struct tariff *tariff)
{
	assert(tariff != NULL);

	return tariff->service_count;
}

const char *tariff_service_code(const struct tariff *tariff, size_t i)
{
	assert(tariff != NULL);
	assert(i < tariff->service_count);

	return tariff->services[i]->code.bytes;
}

const struct service *set_service(const struct tariff *tariff, struct text code)
{
	size_t low = 0;
	size_t high;

	assert(tariff != NULL);

	high = tariff->service_count;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = order_texts(tariff->services[middle]->code, code);

		if (order == 0) {
			return tariff->services[middle];
		}
		if (order < 0) {
			low = middle + 1;
		} else {
			high = middle;
		}
	}
	return NULL;
}

bool tariff_has_service(const struct tariff *tariff, struct text code)
{
	return set_service(tariff, code) != NULL;
}

int32_t tariff_mrp_until(const struct tariff *tariff)
{
	const struct chain *duty;

	assert(tariff != NULL);

	duty = &tariff->mrps.chains[MRP_DUTY];
	return duty->count == 0 ? DATE_NONE : duty->links[duty->count - 1].days.until - 1;
}
