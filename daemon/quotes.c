/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/quotes.h"

#include <assert.h>
#include <openssl/sha.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

enum {
	QUOTES_SLOTS = 1024,       /* a power of two */
	QUOTES_BYTES_MAX = 1 << 18 /* of one: a slot holds no more */
};

_Static_assert((QUOTES_SLOTS & (QUOTES_SLOTS - 1)) == 0, "slots are told by a mask");

/* Each slot holds the last that fell into it: who is not there is made again. */
struct quotes {
	pthread_mutex_t lock; /* of all that follows, and of every `holders` */
	struct quoted *by_request[QUOTES_SLOTS];
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
	if (quoted == NULL) {
		return;
	}
	assert(quoted->holders > 0);
	quoted->holders--;
	if (quoted->holders == 0) {
		free(quoted);
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
		quotes_release(q->by_request[i]);
		quotes_release(q->by_digest[i]);
	}
	(void)pthread_mutex_destroy(&q->lock);
	free(q);
}

/* FNV-1a.  Who aims at one slot only makes us work as if there were none. */
static size_t quotes_slot_of_key(const struct quotes_key *key)
{
	uint64_t hash = UINT64_C(0xCBF29CE484222325) ^ (uint64_t)(uint32_t)key->day;

	for (size_t i = 0; i < key->request.size; i++) {
		hash = (hash ^ (unsigned char)key->request.bytes[i]) * UINT64_C(0x100000001B3);
	}
	return (size_t)(hash ^ hash >> 32) & (QUOTES_SLOTS - 1);
}

static size_t quotes_slot_of_digest(const uint8_t digest[JOB_DIGEST_SIZE])
{
	return ((size_t)digest[0] << 8 | digest[1]) & (QUOTES_SLOTS - 1);
}

static bool quotes_same_key(const struct quotes_key *a, const struct quotes_key *b)
{
	return a->tariff == b->tariff && a->version == b->version && a->day == b->day &&
	       text_equal(a->request, b->request);
}

/* One block: the struct, the request, the bytes. */
static struct quoted *quotes_build(const struct quotes_key *key, const struct quote *quote,
	struct text bytes)
{
	struct quoted *quoted = mem_new(1, sizeof(*quoted) + key->request.size + bytes.size);
	char *texts = (char *)(quoted + 1);

	assert(key->request.size > 0);
	assert(bytes.size > 0);

	memcpy(texts, key->request.bytes, key->request.size);
	memcpy(texts + key->request.size, bytes.bytes, bytes.size);
	quoted->key = *key;
	quoted->key.request = (struct text){ texts, key->request.size };
	quoted->quote = *quote;
	quoted->bytes = (struct text){ texts + key->request.size, bytes.size };
	(void)SHA256((const uint8_t *)quoted->bytes.bytes, quoted->bytes.size, quoted->digest);
	quoted->holders = 1;
	return quoted;
}

static void quotes_put(struct quoted **slot, struct quoted *quoted)
{
	quotes_release(*slot);
	*slot = quotes_hold(quoted);
}

static void quotes_keep(struct quotes *quotes, struct quoted *quoted)
{
	quotes_lock(quotes);
	quotes_put(&quotes->by_request[quotes_slot_of_key(&quoted->key)], quoted);
	quotes_put(&quotes->by_digest[quotes_slot_of_digest(quoted->digest)], quoted);
	quotes_unlock(quotes);
}

static struct quoted *quotes_look(struct quotes *quotes, const struct quotes_key *key)
{
	size_t slot = quotes_slot_of_key(key);
	struct quoted *found = NULL;

	quotes_lock(quotes);
	if (quotes->by_request[slot] != NULL &&
		quotes_same_key(&quotes->by_request[slot]->key, key)) {
		found = quotes_hold(quotes->by_request[slot]);
	}
	quotes_unlock(quotes);
	return found;
}

enum quote_result quotes_make(struct quotes *quotes, const struct quotes_key *key,
	const struct quote_request *request, struct quoted **quoted, struct quote_refusal *refusal)
{
	enum quote_result result = QUOTE_DONE;
	struct buffer bytes;
	struct json_writer w;
	struct quote quote;

	assert(quotes != NULL);
	assert(quoted != NULL);
	assert(*quoted == NULL);

	*quoted = quotes_look(quotes, key);
	if (*quoted != NULL) {
		return QUOTE_DONE;
	}
	result = quote_compute(key->tariff, key->version, request, key->day, &quote, refusal);
	if (result != QUOTE_DONE) {
		return result;
	}
	buffer_init(&bytes, QUOTES_BYTES_MAX);
	json_writer_init(&w, &bytes);
	quote_write(key->tariff, request, &quote, &w, NULL);
	if (bytes.overflowed) {
		*refusal = (struct quote_refusal){ 0 };
		(void)snprintf(refusal->detail, sizeof(refusal->detail),
			"the quote would be longer than %d bytes", QUOTES_BYTES_MAX);
		result = QUOTE_OUT_OF_RANGE;
	} else {
		*quoted = quotes_build(key, &quote, buffer_text(&bytes));
		quotes_keep(quotes, *quoted);
	}
	buffer_done(&bytes);
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
