/* SPDX-License-Identifier: Apache-2.0 */

/*
 * GET /v1/ledger/entries/{number}/evidence: why the entry is there.
 *
 * Its record with the leaf's hash; the message of the bank, byte for byte, with the salt, so that
 * anybody can hold SHA-256(salt || message) against the leaf; the payment and its calculation as of
 * the record, with the law of each row of the tariff that it used.
 */
#include <assert.h>
#include <openssl/evp.h>
#include <stdlib.h>

#include "base/mem.h"
#include "daemon/api.h"
#include "daemon/view.h"
#include "ledger/evidence.h"
#include "tariff/tariff.h"

struct api_evidence {
	struct api_query query; /* first */
	int64_t number;
	struct entry_row entry;
	struct payment_view payment; /* as of the entry's record */
	struct evidence_view evidence;
	struct buffer leaf;
};

static struct api_evidence *api_evidence_of(struct api_query *query)
{
	return (struct api_evidence *)(void *)query;
}

/* ---- the calculation and its law ---- */

static void api_evidence_write_calculation(struct json_writer *w, const struct job_calculation *c,
	const struct tariff *tariff)
{
	json_open_object(w, "calculation");
	json_day(w, "day", c->day);
	view_money(w, "due", c->due);
	view_exchange(w, &c->conversion);
	view_money(w, "gross", c->gross);
	json_text_or_nothing(w, "ground", c->ground);
	json_text_or_nothing(w, "kbk", c->kbk);
	tariff_write_rows(tariff, c->rows, w, "law");
	view_sha256(w, "quote", c->quote);
	view_money(w, "relief", c->relief);
	json_text(w, "service", c->service);
	view_sha256(w, "tariff", c->tariff);
	json_day(w, "valid_from", c->valid_from);
	json_day(w, "valid_until", c->valid_until);
	json_number(w, "version", c->version);
	json_close_object(w);
}

/* ---- the message ---- */

static void api_evidence_write_base64(struct json_writer *w, const char *name, struct text data)
{
	size_t size = 4 * ((data.size + 2) / 3);
	unsigned char *text = mem_new(1, size + 1);
	int written = EVP_EncodeBlock(text, (const unsigned char *)data.bytes, (int)data.size);

	assert(written >= 0 && (size_t)written == size);
	json_text(w, name, (struct text){ (const char *)text, size });
	free(text);
}

static void api_evidence_write_message(struct json_writer *w, const struct evidence_view *e)
{
	bool is_text = text_is_utf8(e->data);

	if (e->state == EVIDENCE_NONE) {
		json_nothing(w, "evidence");
		return;
	}
	json_open_object(w, "evidence");
	json_text(w, "commitment", text_of(e->commitment));
	if (e->state == EVIDENCE_KEPT) {
		if (is_text) {
			json_text(w, "data", e->data);
		} else {
			api_evidence_write_base64(w, "data", e->data);
		}
		json_cstring(w, "encoding", is_text ? "utf-8" : "base64");
	}
	if (e->state == EVIDENCE_ERASED) {
		json_number(w, "erased_by", e->erasure);
	}
	if (e->state == EVIDENCE_KEPT) {
		json_hex(w, "salt", e->salt, sizeof(e->salt));
	}
	json_cstring(w, "state", evidence_state_name(e->state));
	json_close_object(w);
}

/* ---- the whole ---- */

static void api_evidence_write_record(struct json_writer *w, const struct api_evidence *a)
{
	struct tree_hasher *hasher = tree_hasher_new();
	struct tree_hash hash = tree_leaf(hasher, buffer_text(&a->leaf));

	json_open_object(w, "record");
	json_raw(w, "leaf", buffer_text(&a->leaf));
	json_hex(w, "leaf_hash", hash.bytes, sizeof(hash.bytes));
	json_number(w, "number", a->entry.record);
	json_close_object(w);
	tree_hasher_free(&hasher);
}

static void api_evidence_write(struct api_evidence *a, const struct tariff *tariff)
{
	struct json_writer w;

	json_writer_init(&w, &a->query.out);
	json_open_object(&w, NULL);
	if (a->entry.payment != 0) {
		api_evidence_write_calculation(&w, &a->payment.calculation, tariff);
	} else {
		json_nothing(&w, "calculation");
	}
	view_entry(&w, "entry", &a->entry);
	api_evidence_write_message(&w, &a->evidence);
	if (a->entry.payment != 0) {
		view_payment(&w, "payment", &a->payment, TEXT(""), NULL, 0);
	} else {
		json_nothing(&w, "payment");
	}
	api_evidence_write_record(&w, a);
	json_close_object(&w);
}

static void api_evidence_run(struct reader *reader, struct api_query *query)
{
	struct api_evidence *a = api_evidence_of(query);
	const struct tariff *tariff = NULL;

	if (!api_query_found(query, reader_entry(reader, a->number, &a->entry, &query->err),
		    "entry") ||
		!api_query_found(query,
			reader_record(reader, a->entry.record, &a->leaf, &query->err), "record")) {
		return;
	}
	if (!evidence_read(reader, a->entry.record, buffer_text(&a->leaf), &a->evidence,
		    &query->err)) {
		api_query_fail(query);
		return;
	}
	if (a->entry.payment != 0) {
		if (!api_query_found(query,
			    reader_payment(reader, a->entry.payment, a->entry.record, &a->payment,
				    &query->err),
			    "payment")) {
			return;
		}
		tariff = tariffs_find(query->engine->tariffs, reader, a->payment.calculation.tariff,
			&query->err);
		if (tariff == NULL) {
			api_query_fail(query);
			return;
		}
	}
	api_evidence_write(a, tariff);
}

static void api_evidence_release(struct api_query *query)
{
	struct api_evidence *a = api_evidence_of(query);

	payment_view_done(&a->payment);
	evidence_done(&a->evidence);
	buffer_done(&a->leaf);
}

void api_entry_evidence_get(struct api_request *r)
{
	struct api_evidence *a = api_query_new(r, sizeof(*a), api_evidence_run);
	struct parameters p;

	a->query.release = api_evidence_release;
	payment_view_init(&a->payment);
	evidence_init(&a->evidence);
	buffer_init(&a->leaf, CALL_ANSWER_MAX / 2);
	parameters_init(&p, r->call, &a->query.problem);
	if (!text_parse_integer(text_of(r->name), &a->number) || a->number <= 0) {
		problem_set(&a->query.problem, PROBLEM_NOT_FOUND, "number",
			"there is no such entry");
	}
	if (parameters_end(&p)) {
		api_query_start(&a->query);
	} else {
		api_query_answer(&a->query);
	}
}
