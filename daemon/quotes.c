/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/quotes.h"

#include <assert.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "ledger/digest.h"

enum {
	QUOTES_SLOTS = 1024, /* a power of two; one holds QUOTES_BYTES_MAX at most */
	/*
	 * In a form the document of claim n is the character U+000E + n: no law can contain it, for
	 * XML has no such character, and JSON spells it in six bytes, "\u000e".
	 */
	QUOTES_MARK = 0x0E,
	QUOTES_MARK_SIZE = 6,
	QUOTES_DOCUMENT_MAX = 6 * QUOTE_DOCUMENT_MAX + 2, /* as JSON, with its quotation marks */
};

_Static_assert((QUOTES_SLOTS & (QUOTES_SLOTS - 1)) == 0, "slots are told by a mask");
_Static_assert(QUOTES_MARK + QUOTE_CLAIMS_MAX <= 0x20,
	"a mark for each claim, and all are escaped");
_Static_assert((int)JOB_DIGEST_SIZE == (int)DIGEST_SIZE, "a quote's digest is a SHA-256");

/* Before byte `at` of a form goes the document of a claim. */
struct quotes_hole {
	size_t at;
	size_t claim;
};

/* Each slot holds the last that fell into it: who is not there is made again. */
struct quotes {
	pthread_mutex_t lock; /* of all that follows, and of every `holders` */
	struct digest *digest;
	struct quoted *forms[QUOTES_SLOTS];
	struct quoted *by_digest[QUOTES_SLOTS];
};

static void quotes_lock(struct quotes *quotes)
{
	int rc = pthread_mutex_lock(&quotes->lock);

	assert(rc == 0);
}

static void quotes_unlock(struct quotes *quotes)
{
	int rc = pthread_mutex_unlock(&quotes->lock);

	assert(rc == 0);
}

/* With the lock held, or when nobody else is left. */
static void quotes_release(struct quoted *quoted)
{
	while (quoted != NULL) {
		struct quoted *form = quoted->form;

		assert(quoted->holders > 0);
		quoted->holders--;
		if (quoted->holders > 0) {
			return;
		}
		free(quoted);
		quoted = form;
	}
}

static struct quoted *quotes_hold(struct quoted *quoted)
{
	if (quoted != NULL) {
		assert(quoted->holders > 0);
		quoted->holders++;
	}
	return quoted;
}

struct quotes *quotes_new(void)
{
	struct quotes *quotes = mem_new(1, sizeof(*quotes));
	int rc = pthread_mutex_init(&quotes->lock, NULL);

	assert(rc == 0);
	quotes->digest = digest_new();
	return quotes;
}

void quotes_free(struct quotes **quotes)
{
	struct quotes *q;

	assert(quotes != NULL);

	q = *quotes;
	*quotes = NULL;
	if (q == NULL) {
		return;
	}
	for (size_t i = 0; i < QUOTES_SLOTS; i++) {
		quotes_release(q->forms[i]);
		quotes_release(q->by_digest[i]);
	}
	digest_free(&q->digest);
	(void)pthread_mutex_destroy(&q->lock);
	free(q);
}

void quotes_drop(struct quotes *quotes, struct quoted **quoted)
{
	assert(quotes != NULL);
	assert(quoted != NULL);

	if (*quoted == NULL) {
		return;
	}
	quotes_lock(quotes);
	quotes_release(*quoted);
	quotes_unlock(quotes);
	*quoted = NULL;
}

/* ---- slots ---- */

/* FNV-1a.  Who aims at one slot only makes us work as if there were none. */
static size_t quotes_slot_of_question(const struct quote_basis *basis, struct text question)
{
	uint64_t hash = UINT64_C(0xCBF29CE484222325) ^ (uint64_t)(uint32_t)basis->day;

	for (size_t i = 0; i < question.size; i++) {
		hash = (hash ^ (unsigned char)question.bytes[i]) * UINT64_C(0x100000001B3);
	}
	return (size_t)(hash ^ hash >> 32) & (QUOTES_SLOTS - 1);
}

static size_t quotes_slot_of_digest(const uint8_t digest[JOB_DIGEST_SIZE])
{
	return ((size_t)digest[0] << 8 | digest[1]) & (QUOTES_SLOTS - 1);
}

static bool quotes_same_basis(const struct quote_basis *a, const struct quote_basis *b)
{
	return a->tariff == b->tariff && a->exchange == b->exchange && a->version == b->version &&
	       a->day == b->day;
}

static void quotes_put(struct quoted **slot, struct quoted *quoted)
{
	quotes_release(*slot);
	*slot = quotes_hold(quoted);
}

/* Of a form: keeps it; of what has no holes: takes its digest, and keeps it to be found by that. */
static void quotes_keep(struct quotes *quotes, struct quoted *quoted)
{
	quotes_lock(quotes);
	if (quoted->question.size > 0) {
		quotes_put(
			&quotes->forms[quotes_slot_of_question(&quoted->basis, quoted->question)],
			quoted);
	}
	if (quoted->hole_count == 0) {
		digest_of(quotes->digest, quoted->parts, quoted->part_count, quoted->digest);
		quotes_put(&quotes->by_digest[quotes_slot_of_digest(quoted->digest)], quoted);
	}
	quotes_unlock(quotes);
}

static struct quoted *quotes_look(struct quotes *quotes, const struct quote_basis *basis,
	struct text question)
{
	size_t slot = quotes_slot_of_question(basis, question);
	struct quoted *found;

	quotes_lock(quotes);
	found = quotes->forms[slot];
	if (found != NULL && (!quotes_same_basis(&found->basis, basis) ||
				     !text_equal(found->question, question))) {
		found = NULL;
	}
	found = quotes_hold(found);
	quotes_unlock(quotes);
	return found;
}

/* ---- forms ---- */

/* The essence of a request, with marks for documents. */
static struct quote_request quotes_blank(const struct quote_request *request,
	const struct quote *quote)
{
	static const char marks[] = { QUOTES_MARK, QUOTES_MARK + 1, QUOTES_MARK + 2,
		QUOTES_MARK + 3, QUOTES_MARK + 4, QUOTES_MARK + 5, QUOTES_MARK + 6,
		QUOTES_MARK + 7 };
	struct quote_request blank = quote_essence(request, quote);

	_Static_assert(sizeof(marks) == QUOTE_CLAIMS_MAX, "a mark for each claim");
	for (size_t i = 0; i < blank.claim_count; i++) {
		if (blank.claims[i].document.size > 0) {
			blank.claims[i].document = (struct text){ &marks[i], 1 };
		}
	}
	return blank;
}

/* Takes all up to the next mark, and the mark, off the front; false when there is none. */
static bool quotes_next_mark(struct text *rest, struct text *before, size_t *claim)
{
	const char *end = rest->bytes + rest->size;
	const char *at = rest->size > 0 ? memchr(rest->bytes, '\\', rest->size) : NULL;
	uint8_t mark;

	while (at != NULL && at[1] != 'u') { /* what is escaped may be a backslash itself */
		at = memchr(at + 2, '\\', (size_t)(end - at) - 2);
	}
	if (at == NULL) {
		return false;
	}
	if (!text_unhex((struct text){ at + 4, 2 }, &mark, 1)) {
		assert(false);
	}
	assert(mark >= QUOTES_MARK && mark < QUOTES_MARK + QUOTE_CLAIMS_MAX);
	*claim = mark - QUOTES_MARK;
	*before = (struct text){ rest->bytes, (size_t)(at - rest->bytes) };
	*rest = (struct text){ at + QUOTES_MARK_SIZE, (size_t)(end - at) - QUOTES_MARK_SIZE };
	return true;
}

static size_t quotes_count_marks(struct text bytes)
{
	struct text before;
	size_t claim;
	size_t count = 0;

	while (quotes_next_mark(&bytes, &before, &claim)) {
		count++;
	}
	return count;
}

/* One block: the struct, its one part, the holes, the bytes without marks, the question. */
static struct quoted *quotes_form(const struct quote_basis *basis, const struct quote *quote,
	struct text bytes, struct text question)
{
	size_t count = quotes_count_marks(bytes);
	struct quoted *form =
		mem_new(1, sizeof(*form) + sizeof(struct text) +
				   count * sizeof(struct quotes_hole) + bytes.size + question.size);
	struct text *part = (struct text *)(void *)(form + 1);
	struct quotes_hole *holes = (struct quotes_hole *)(void *)(part + 1);
	char *texts = (char *)(holes + count);
	struct text before;
	size_t size = 0;

	for (size_t i = 0; i < count && quotes_next_mark(&bytes, &before, &holes[i].claim); i++) {
		memcpy(texts + size, before.bytes, before.size);
		size += before.size;
		holes[i].at = size;
	}
	memcpy(texts + size, bytes.bytes, bytes.size);
	size += bytes.size;
	memcpy(texts + size, question.bytes, question.size);
	*part = (struct text){ texts, size };
	form->basis = *basis;
	form->quote = *quote;
	form->parts = part;
	form->part_count = 1;
	form->size = size;
	form->question = (struct text){ texts + size, question.size };
	form->holes = holes;
	form->hole_count = count;
	form->holders = 1;
	return form;
}

/* NULL when it would be too long. */
static struct quoted *quotes_make_form(struct quotes *quotes, const struct quote_basis *basis,
	const struct quote_request *blank, const struct quote *quote, struct text question)
{
	struct quoted *form = NULL;
	struct buffer bytes;
	struct json_writer w;

	buffer_init(&bytes, QUOTES_BYTES_MAX);
	json_writer_init(&w, &bytes);
	quote_write(basis, blank, quote, &w, NULL);
	if (!bytes.overflowed) {
		form = quotes_form(basis, quote, buffer_text(&bytes), question);
		quotes_keep(quotes, form);
	}
	buffer_done(&bytes);
	return form;
}

/* ---- a quote ---- */

/* Documents as they stand in a JSON string; `out` owns the bytes. */
static void quotes_escape(const struct quote_request *request, struct buffer *out,
	struct text documents[QUOTE_CLAIMS_MAX])
{
	buffer_init_whole(out, QUOTE_CLAIMS_MAX * (size_t)QUOTES_DOCUMENT_MAX);
	for (size_t i = 0; i < request->claim_count; i++) {
		size_t at = out->size;
		struct json_writer w;

		json_writer_init(&w, out);
		json_text(&w, NULL, request->claims[i].document);
		documents[i] = (struct text){ out->bytes + at + 1, out->size - at - 2 };
	}
	assert(!out->overflowed);
}

static size_t quotes_size(const struct quoted *form, const struct text documents[QUOTE_CLAIMS_MAX])
{
	size_t size = form->size;

	for (size_t i = 0; i < form->hole_count; i++) {
		size += documents[form->holes[i].claim].size;
	}
	return size;
}

/*
 * What was asked, of a form whose holes are filled: one block of the struct, its parts and the
 * documents, which are all that is written.  Takes the form over, unless it would be too long:
 * NULL.
 */
static struct quoted *quotes_fill(struct quoted *form, struct text all,
	const struct text documents[QUOTE_CLAIMS_MAX])
{
	size_t count = 2 * form->hole_count + 1;
	size_t size = quotes_size(form, documents);
	const char *bytes = form->parts[0].bytes;
	struct quoted *quoted;
	struct text *parts;
	char *texts;
	size_t done = 0;

	if (size > QUOTES_BYTES_MAX) {
		return NULL;
	}
	quoted = mem_grow(NULL, 1, sizeof(*quoted) + count * sizeof(*parts) + all.size);
	parts = (struct text *)(void *)(quoted + 1);
	texts = (char *)(parts + count);
	memcpy(texts, all.bytes, all.size);
	*quoted = (struct quoted){ .basis = form->basis,
		.quote = form->quote,
		.parts = parts,
		.part_count = count,
		.size = size,
		.form = form,
		.holders = 1 };
	for (size_t i = 0; i < form->hole_count; i++) {
		struct text document = documents[form->holes[i].claim];

		*parts++ = (struct text){ bytes + done, form->holes[i].at - done };
		*parts++ = (struct text){ texts + (document.bytes - all.bytes), document.size };
		done = form->holes[i].at;
	}
	*parts = (struct text){ bytes + done, form->size - done };
	return quoted;
}

/* Of the form only what is returned is left. */
static struct quoted *quotes_fill_and_keep(struct quotes *quotes, struct quoted *form,
	const struct quote_request *request)
{
	struct text documents[QUOTE_CLAIMS_MAX];
	struct quoted *quoted;
	struct buffer texts;

	quotes_escape(request, &texts, documents);
	quoted = quotes_fill(form, buffer_text(&texts), documents);
	buffer_done(&texts);
	if (quoted != NULL) {
		quotes_keep(quotes, quoted);
	} else {
		quotes_drop(quotes, &form);
	}
	return quoted;
}

enum quote_result quotes_make(struct quotes *quotes, const struct quote_basis *basis,
	const struct quote_request *request, struct quoted **quoted, struct quote_refusal *refusal)
{
	enum quote_result result = QUOTE_DONE;
	struct quote_request blank;
	struct quoted *form;
	struct buffer question;
	struct json_writer w;
	struct quote quote;

	assert(quotes != NULL);
	assert(quoted != NULL);
	assert(*quoted == NULL);

	result = quote_compute(basis, request, &quote, refusal);
	if (result != QUOTE_DONE) {
		return result;
	}
	blank = quotes_blank(request, &quote);
	buffer_init(&question, QUOTE_REQUEST_SIZE_MAX);
	json_writer_init(&w, &question);
	quote_request_write(&blank, &w, NULL);
	assert(!question.overflowed); /* it has the bounds of what was read */
	form = quotes_look(quotes, basis, buffer_text(&question));
	if (form == NULL) {
		form = quotes_make_form(quotes, basis, &blank, &quote, buffer_text(&question));
	}
	if (form != NULL && form->hole_count > 0) {
		*quoted = quotes_fill_and_keep(quotes, form, request);
	} else {
		*quoted = form;
	}
	buffer_done(&question);
	if (*quoted == NULL) {
		*refusal = (struct quote_refusal){ 0 };
		(void)snprintf(refusal->detail, sizeof(refusal->detail),
			"the quote would be longer than %d bytes", QUOTES_BYTES_MAX);
		result = QUOTE_OUT_OF_RANGE;
	}
	return result;
}

struct quoted *quotes_find(struct quotes *quotes, const uint8_t digest[JOB_DIGEST_SIZE])
{
	size_t slot = quotes_slot_of_digest(digest);
	struct quoted *found = NULL;

	assert(quotes != NULL);

	quotes_lock(quotes);
	if (quotes->by_digest[slot] != NULL &&
		memcmp(quotes->by_digest[slot]->digest, digest, JOB_DIGEST_SIZE) == 0) {
		found = quotes_hold(quotes->by_digest[slot]);
	}
	quotes_unlock(quotes);
	return found;
}

void quotes_write(const struct quoted *quoted, struct buffer *out)
{
	assert(quoted != NULL);
	assert(quoted->part_count > 0);

	buffer_expect(out, quoted->size);
	for (size_t i = 0; i < quoted->part_count; i++) {
		buffer_add(out, quoted->parts[i]);
	}
}
