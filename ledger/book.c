/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/book.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "ledger/book_parts.h"
#include "ledger/checkpoint.h"
#include "ledger/copy.h"

/* What a kind of job does; a NULL apply decides only. */
static const struct {
	void (*decide)(struct book *book, struct job *job);
	void (*apply)(struct book *book, struct job *job);
} acts[JOB_KIND_COUNT] = {
	[JOB_NAME] = { name_decide, name_apply },
	[JOB_TARIFF] = { tariff_decide, tariff_apply },
	[JOB_CREATE] = { create_decide, create_apply },
	[JOB_ATTEMPT] = { attempt_decide, attempt_apply },
	[JOB_CANCEL] = { cancel_decide, cancel_apply },
	[JOB_FULFIL] = { fulfil_decide, fulfil_apply },
	[JOB_EXPIRE] = { expire_decide, expire_apply },
	[JOB_REQUOTE] = { requote_decide, requote_apply },
	[JOB_KEEP] = { keep_decide, keep_apply },
	[JOB_SEND] = { send_decide, send_apply },
	[JOB_VERDICT] = { verdict_decide, verdict_apply },
	[JOB_ASK] = { ask_decide, NULL },
	[JOB_CHECKPOINT] = { checkpoint_decide, checkpoint_apply },
	[JOB_CLEAN] = { clean_decide, clean_apply },
	[JOB_EVIDENCE] = { evidence_decide, evidence_apply },
	[JOB_RATES] = { rates_decide, rates_apply },
	[JOB_CLOSE] = { close_decide, close_apply },
	[JOB_REVERSE] = { reverse_decide, reverse_apply },
	[JOB_ERASE] = { erase_decide, erase_apply },
	[JOB_FORGET] = { forget_decide, forget_apply },
	[JOB_ROTATE] = { rotate_decide, rotate_apply },
	[JOB_RESUME] = { resume_decide, resume_apply },
};

bool book_key_used(struct book *b, struct keyset *set, const struct keyset_key *key, int64_t *value)
{
	struct err err = { 0 }; /* the store keeps it */

	assert(b != NULL);
	assert(set != NULL);

	return keyset_find(set, key, value, &err) == KEYSET_FOUND;
}

/* ---- what every job uses ---- */

void book_request_ask(struct book *b, const struct job_request *r)
{
	assert(b != NULL);
	assert(r->key.size > 0);

	b->asked.key = seal_request(&b->seal, r);
	b->asked.fingerprint = seal_fingerprint(&b->seal, r);
}

enum job_outcome book_request_compare(const struct book *b, struct text stored)
{
	const struct keyset_key *fingerprint = &b->asked.fingerprint;

	assert(stored.size == sizeof(fingerprint->bytes));

	return memcmp(stored.bytes, fingerprint->bytes, sizeof(fingerprint->bytes)) == 0
		       ? JOB_REPEATED
		       : JOB_MISMATCH;
}

/* What became of the request that is known by that value of its key. */
static void book_request_look(struct book *b, struct job *job, enum sql sql, int64_t value)
{
	static const struct store_column columns[] = {
		{ "payment", STORE_INT, 1, ID_NUMBER_MAX },
		{ "client", STORE_INT, 1, BOOK_NAMES_MAX },
		{ "fingerprint", STORE_BLOB, KEYSET_KEY_SIZE, KEYSET_KEY_SIZE },
		{ "record", STORE_INT, 1, INT64_MAX },
	};
	const char *table = sql == SQL_SELECT_CREATION ? "payment" : "request";

	assert(value > 0);

	store_begin_rows(b->store, sql, (struct store_value[]){ STORE_OF_INT(value) }, 1);
	/* Where the key is known and its request is not, nothing may be decided on that. */
	job->outcome = JOB_FAILED;
	if (!store_row(b->store)) {
		store_damaged(b->store, table, value, "is missing");
	} else if (store_row_is(b->store, table, value, columns,
			   sizeof(columns) / sizeof(*columns))) {
		job->outcome = book_request_compare(b, store_text(b->store, 2));
		job->payment = store_int(b->store, 0);
		job->record = store_int(b->store, 3);
	}
	store_end_rows(b->store);
}

bool book_request_seen(struct book *b, struct job *job, const struct job_request *r)
{
	bool creation = r->route == ROUTE_CREATE;
	int64_t value;

	assert(b != NULL);
	assert(job != NULL);

	if (r->key.size == 0) {
		return false;
	}
	book_request_ask(b, r);
	if (!book_key_used(b, creation ? b->creations : b->requests, &b->asked.key, &value)) {
		return false;
	}
	book_request_look(b, job, creation ? SQL_SELECT_CREATION : SQL_SELECT_REQUEST, value);
	return true;
}

void book_write_request(struct book *b, struct json_writer *w, const struct job_request *r)
{
	const struct book_request *asked = &b->asked;

	assert(w != NULL);

	if (r->key.size == 0) {
		return;
	}
	json_open_object(w, "request");
	json_hex(w, "fingerprint", asked->fingerprint.bytes, sizeof(asked->fingerprint.bytes));
	json_hex(w, "key", asked->key.bytes, sizeof(asked->key.bytes));
	json_close_object(w);
}

void book_request_keep(struct book *b, struct job *job, const struct job_request *r)
{
	const struct book_request *asked = &b->asked;

	assert(job->record > 0);
	assert(job->payment > 0);

	if (r->key.size == 0) {
		return;
	}
	store_put(b->store, SQL_INSERT_REQUEST,
		(struct store_value[]){ STORE_OF_INT(job->record), STORE_OF_INT(job->payment),
			STORE_OF_INT(r->client),
			STORE_OF_BLOB(asked->key.bytes, sizeof(asked->key.bytes)),
			STORE_OF_BLOB(asked->fingerprint.bytes, sizeof(asked->fingerprint.bytes)) },
		5);
	keyset_put(b->requests, &asked->key, job->record, job->record);
}

struct card *book_own_card(struct book *b, struct job *job, int32_t client)
{
	struct card *card = cards_find(b->cards, b->store, job->payment);

	assert(job != NULL);

	if (card == NULL || (client != 0 && card->client != client)) {
		job->outcome = JOB_NOT_FOUND;
		return NULL;
	}
	return card;
}

void book_tell(struct job *job, const struct card *card)
{
	assert(job != NULL);
	assert(card != NULL);

	job->payment = card->number;
	job->client = card->client;
	job->generation = card->generation;
	job->state = card->state;
	job->due = money_of(card_rest(card), card->currency);
	memcpy(job->service, card->service, sizeof(job->service));
}

void book_event(struct book *b, const struct card *card, int64_t record, enum kind_event event)
{
	struct book_name *client = &b->clients.names[card->client - 1];

	assert(card->client > 0 && card->client <= b->clients.count);

	if (event != KIND_EVENT_NONE) {
		client->event_last++;
		store_put(b->store, SQL_INSERT_EVENT,
			(struct store_value[]){ STORE_OF_INT(card->client),
				STORE_OF_INT(client->event_last), STORE_OF_INT(record),
				STORE_OF_INT(card->number), STORE_OF_INT(event) },
			5);
	}
}

void book_step(struct book *b, struct card *card, int64_t record, enum kind_event event)
{
	assert(card->record < record);
	assert(card->paid == 0 || card->paid == card->due);

	card->record = record;
	store_put(b->store, SQL_INSERT_PAYMENT_CHANGE,
		(struct store_value[]){ STORE_OF_INT(card->number), STORE_OF_INT(record),
			STORE_OF_INT(card->state), STORE_OF_INT(card->fulfilled),
			STORE_OF_INT(card->due), STORE_OF_INT(card->paid),
			STORE_OF_INT(card->held) },
		7);
	book_event(b, card, record, event);
}

void book_commitment(struct book *b, const uint8_t salt[JOB_SALT_SIZE], struct text data,
	uint8_t out[DIGEST_SIZE])
{
	const struct text parts[] = { { (const char *)salt, JOB_SALT_SIZE }, data };

	assert(b != NULL);
	assert(salt != NULL);

	digest_of(b->digest, parts, 2, out);
}

void book_put_private(struct book *b, int64_t record, const uint8_t *salt, struct text data)
{
	assert(record > 0);
	assert(salt != NULL);

	store_put(b->store, SQL_INSERT_PRIVATE,
		(struct store_value[]){ STORE_OF_INT(record), STORE_OF_BLOB(salt, JOB_SALT_SIZE),
			STORE_OF_BLOB(data.bytes, data.size) },
		3);
}

/* ---- the batch ---- */

/* Neither the time nor the day of what is booked runs backwards, whatever the clock does. */
static void book_date(struct book *b, struct job *job)
{
	assert(job->now > 0);

	job->now = journal_time(b->journal, job->now);
	job->booked_at = job->now;
	if (job->today < b->day_last) {
		job->today = b->day_last;
	}
	b->day_last = job->today;
}

static void book_do(struct book *b, struct job *job)
{
	assert(job->kind < JOB_KIND_COUNT);

	job->outcome = JOB_DONE;
	job->record = 0;
	book_date(b, job);
	acts[job->kind].decide(b, job);
	if (job->outcome == JOB_DONE && acts[job->kind].apply != NULL &&
		b->standing != BOOK_WRITES && job->kind != JOB_RESUME) {
		job->outcome = JOB_RESTORED;
	}
	/* What could not be read decides nothing. */
	if (job->outcome == JOB_DONE && acts[job->kind].apply != NULL && !b->failed &&
		!store_failed(b->store)) {
		acts[job->kind].apply(b, job);
	}
	job->written_by = job->record > 0 ? standing_generation(b, job->record) : 0;
}

/* Keys that left the window go to disk a slice a batch. */
static bool book_spill(struct book *b, struct err *err)
{
	assert(b != NULL);

	if (b->standing != BOOK_WRITES) {
		return true;
	}
	return keyset_spill(b->requests, err) && keyset_spill(b->creations, err) &&
	       keyset_spill(b->references, err) && keyset_spill(b->operations, err);
}

void book_fail_jobs(struct job *first)
{
	for (struct job *job = first; job != NULL; job = job->next) {
		job->outcome = JOB_FAILED;
	}
}

/* Says why, and false. */
static bool book_fail(struct book *b, struct job *first, const struct err *why, struct err *err)
{
	struct err stuck = *why;

	b->failed = true;
	if (store_failed(b->store)) {
		store_explain(b->store, &stuck);
	}
	book_fail_jobs(first);
	return err_set(err, ERR_DATABASE, "%s",
		stuck.message[0] != '\0' ? stuck.message : "sign a checkpoint");
}

bool book_write(struct book *b, struct job *first, struct err *err)
{
	struct err why = { 0 };

	assert(b != NULL);
	assert(!b->failed);

	cards_turn(b->cards);
	store_begin(b->store);
	for (struct job *job = first; job != NULL && !b->failed && !store_failed(b->store);
		job = job->next) {
		book_do(b, job);
	}
	chart_flush(b->chart, b->store);
	if (!b->failed && book_spill(b, &why) && !store_failed(b->store)) {
		return true;
	}
	return book_fail(b, first, &why, err);
}

bool book_end(struct book *b, struct job *first, struct err *err)
{
	struct err why = { 0 };

	assert(b != NULL);
	assert(!b->failed);

	if (store_end(b->store, &why) && standing_keep_head(b, &why)) {
		return true;
	}
	return book_fail(b, first, &why, err);
}

/* ---- opening ---- */

bool book_open(const struct book_options *options, struct book **book, struct err *err)
{
	struct book *b = mem_new(1, sizeof(*b));
	bool ok = false;

	assert(options != NULL);
	assert(book != NULL);

	b->digest = digest_new();
	if (!store_open(options->path, options->vfs, STORE_WRITE, &b->store, err)) {
		goto out;
	}
	ok = load_book(b, options, err) && standing_keep_head(b, err);
	if (ok) {
		*book = b;
		b = NULL;
	}
out:
	book_close(&b);
	return ok;
}

void book_close(struct book **book)
{
	struct book *b;

	assert(book != NULL);

	b = *book;
	*book = NULL;
	if (b == NULL) {
		return;
	}
	keyset_close(&b->requests);
	keyset_close(&b->creations);
	keyset_close(&b->references);
	keyset_close(&b->operations);
	cards_free(&b->cards);
	chart_close(&b->chart);
	journal_close(&b->journal);
	note_key_free(&b->note_key);
	note_key_free(&b->note_before);
	code_key_free(&b->codes);
	digest_free(&b->digest);
	store_close(&b->store);
	free(b->clients.names);
	free(b->gateways.names);
	free(b);
}

int32_t book_generation(const struct book *b)
{
	assert(b != NULL);
	assert(b->generation > 0);

	return b->generation;
}

bool book_log_is_long(const struct book *b)
{
	assert(b != NULL);

	return store_log_is_long(b->store);
}

bool book_sync(struct book *b, struct err *err)
{
	assert(b != NULL);

	return store_sync_beside(b->store, err);
}

bool book_commit(struct book *b, struct job *first, struct err *err)
{
	struct err why = { 0 };

	if (!book_write(b, first, err) || !book_end(b, first, err)) {
		return false;
	}
	return store_sync(b->store, &why) || book_fail(b, first, &why, err);
}

bool book_copy(struct book *b, struct copy *copy)
{
	assert(b != NULL);
	assert(!b->failed);

	return copy_slice(copy, b->store, b->note_key);
}

bool book_has_failed(const struct book *b, struct err *err)
{
	assert(b != NULL);

	if (store_failed(b->store)) {
		store_explain(b->store, err);
	}
	return b->failed || store_failed(b->store);
}

enum book_standing book_standing(const struct book *b, char why[BOOK_WHY_SIZE])
{
	assert(b != NULL);

	memcpy(why, b->standing_why, BOOK_WHY_SIZE);
	return b->standing;
}

void book_keys(const struct book *b, struct job_keys *keys)
{
	assert(b != NULL);
	assert(b->note_key != NULL);
	assert((b->note_before != NULL) == (b->note_until > 0));

	*keys = (struct job_keys){ .until = b->note_until };
	(void)note_key_verifier(b->note_key, keys->verifier);
	if (b->note_before != NULL) {
		(void)note_key_verifier(b->note_before, keys->before);
	}
}
