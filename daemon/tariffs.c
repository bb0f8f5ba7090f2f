/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Tariff sets in memory, by digest: the one in use, and those that old payments were quoted by.
 *
 * A set, once here, stays: payments' quotes point into it from any thread without a lock.  There
 * are as many as were ever taken into use, a handful a year.
 */
#include <assert.h>
#include <openssl/evp.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "daemon/engine_parts.h"
#include "tariff/tariff.h"

enum {
	TARIFFS_MAX = 256,      /* that are fetched; what is taken into use is added to them */
	TARIFFS_NAME_MAX = 256, /* of a file's name, beside its bytes in one arena */
};

_Static_assert((int)JOB_TARIFF_FILES_MAX == (int)TARIFF_FILES_MAX, "the book keeps a set whole");

struct tariffs_kept {
	struct tariff *set;
	struct tariffs_kept *next;
};

struct tariffs {
	pthread_mutex_t lock; /* of all that follows */
	size_t count;
	struct tariffs_kept *newest;
	const struct tariff *current;
};

static void tariffs_lock(struct tariffs *tariffs)
{
	int rc = pthread_mutex_lock(&tariffs->lock);

	assert(rc == 0);
}

static void tariffs_unlock(struct tariffs *tariffs)
{
	int rc = pthread_mutex_unlock(&tariffs->lock);

	assert(rc == 0);
}

struct tariffs *tariffs_new(void)
{
	struct tariffs *tariffs = mem_new(1, sizeof(*tariffs));
	int rc = pthread_mutex_init(&tariffs->lock, NULL);

	assert(rc == 0);
	return tariffs;
}

void tariffs_free(struct tariffs **tariffs)
{
	struct tariffs *t;

	assert(tariffs != NULL);

	t = *tariffs;
	*tariffs = NULL;
	if (t == NULL) {
		return;
	}
	while (t->newest != NULL) {
		struct tariffs_kept *kept = t->newest;

		t->newest = kept->next;
		tariff_free(&kept->set);
		free(kept);
	}
	(void)pthread_mutex_destroy(&t->lock);
	free(t);
}

const struct tariff *tariffs_current(struct tariffs *tariffs)
{
	const struct tariff *current;

	assert(tariffs != NULL);

	tariffs_lock(tariffs);
	current = tariffs->current;
	tariffs_unlock(tariffs);
	return current;
}

void tariffs_use(struct tariffs *tariffs, const struct tariff *set)
{
	assert(tariffs != NULL);
	assert(set != NULL);

	tariffs_lock(tariffs);
	tariffs->current = set;
	tariffs_unlock(tariffs);
}

/* With the lock held. */
static const struct tariff *tariffs_search(const struct tariffs *tariffs,
	const uint8_t digest[JOB_DIGEST_SIZE])
{
	for (const struct tariffs_kept *k = tariffs->newest; k != NULL; k = k->next) {
		if (memcmp(tariff_digest(k->set), digest, JOB_DIGEST_SIZE) == 0) {
			return k->set;
		}
	}
	return NULL;
}

/* With the lock held: the set of that digest; a new one is *fresh, while there are fewer than. */
static const struct tariff *tariffs_put(struct tariffs *tariffs, struct tariff **fresh, size_t max)
{
	const struct tariff *found = tariffs_search(tariffs, tariff_digest(*fresh));
	struct tariffs_kept *kept;

	if (found != NULL || tariffs->count >= max) {
		return found;
	}
	kept = mem_new(1, sizeof(*kept));
	*kept = (struct tariffs_kept){ .set = *fresh, .next = tariffs->newest };
	*fresh = NULL;
	tariffs->newest = kept;
	tariffs->count++;
	return kept->set;
}

const struct tariff *tariffs_add(struct tariffs *tariffs, struct tariff **set)
{
	const struct tariff *kept;

	assert(tariffs != NULL);
	assert(set != NULL && *set != NULL);

	tariffs_lock(tariffs);
	kept = tariffs_put(tariffs, set, SIZE_MAX);
	tariffs_unlock(tariffs);
	tariff_free(set);
	return kept;
}

static const struct tariff *tariffs_look(struct tariffs *tariffs,
	const uint8_t digest[JOB_DIGEST_SIZE])
{
	const struct tariff *found;

	tariffs_lock(tariffs);
	found = tariffs_search(tariffs, digest);
	tariffs_unlock(tariffs);
	return found;
}

/* Loads and keeps a set; of two threads that load the same, one's is thrown away. */
static const struct tariff *tariffs_keep(struct tariffs *tariffs, const struct tariff_file *files,
	size_t count, const uint8_t digest[JOB_DIGEST_SIZE], struct err *err)
{
	struct tariff *fresh = NULL;
	const struct tariff *kept;

	if (!tariff_load(files, count, digest, &fresh, err)) {
		return NULL;
	}
	tariffs_lock(tariffs);
	kept = tariffs_put(tariffs, &fresh, TARIFFS_MAX);
	tariffs_unlock(tariffs);
	tariff_free(&fresh);
	if (kept == NULL) {
		(void)err_set(err, ERR_LIMIT, "keep a tariff: %d sets are in memory", TARIFFS_MAX);
	}
	return kept;
}

void tariffs_digest(struct tariff_file *files, size_t count, uint8_t digest[JOB_DIGEST_SIZE])
{
	EVP_MD_CTX *hash = EVP_MD_CTX_new();
	unsigned size = 0;

	assert(files != NULL);
	assert(hash != NULL);

	tariff_order_files(files, count);
	if (EVP_DigestInit_ex(hash, EVP_sha256(), NULL) != 1) {
		abort(); /* no SHA-256: nothing we do would mean anything */
	}
	for (size_t i = 0; i < count; i++) {
		char length[24];
		int digits = snprintf(length, sizeof(length), "%zu", files[i].bytes.size);

		/* The NUL of name and length are part of what is hashed. */
		(void)EVP_DigestUpdate(hash, files[i].name, strlen(files[i].name) + 1);
		(void)EVP_DigestUpdate(hash, length, (size_t)digits + 1);
		(void)EVP_DigestUpdate(hash, files[i].bytes.bytes, files[i].bytes.size);
	}
	(void)EVP_DigestFinal_ex(hash, digest, &size);
	assert(size == JOB_DIGEST_SIZE);
	EVP_MD_CTX_free(hash);
}

bool tariffs_load(const struct tariff_file *files, size_t count, struct tariff **set,
	struct err *err)
{
	struct tariff_file ordered[TARIFF_FILES_MAX];
	uint8_t digest[JOB_DIGEST_SIZE];

	assert(set != NULL);

	if (count == 0 || count > TARIFF_FILES_MAX) {
		return err_set(err, ERR_LIMIT, "load a tariff: %zu files; it takes 1 to %d", count,
			TARIFF_FILES_MAX);
	}
	memcpy(ordered, files, count * sizeof(*files));
	tariffs_digest(ordered, count, digest);
	return tariff_load(ordered, count, digest, set, err);
}

/* Fetches a set's files from the book; each has an arena of its own, so that none moves another. */
static bool tariffs_fetch(struct reader *reader, const uint8_t digest[JOB_DIGEST_SIZE],
	struct tariff_file files[TARIFF_FILES_MAX], struct buffer arenas[TARIFF_FILES_MAX],
	size_t *count, struct err *err)
{
	*count = 0;
	for (size_t i = 0; i < TARIFF_FILES_MAX; i++) {
		struct job_tariff_file file;
		enum reader_result result;

		result = reader_tariff_file(reader, digest, i, &file, &arenas[i], err);
		if (result == READER_FAILED) {
			return false;
		}
		if (result == READER_ABSENT) {
			break;
		}
		files[i] = (struct tariff_file){ .name = file.name, .bytes = file.bytes };
		*count = i + 1;
	}
	return *count > 0 || err_set(err, ERR_DATABASE, "fetch a tariff: it is not in the book");
}

const struct tariff *tariffs_find(struct tariffs *tariffs, struct reader *reader,
	const uint8_t digest[JOB_DIGEST_SIZE], struct err *err)
{
	const struct tariff *found;
	struct tariff_file files[TARIFF_FILES_MAX];
	struct buffer arenas[TARIFF_FILES_MAX];
	uint8_t fetched[JOB_DIGEST_SIZE];
	size_t count;

	assert(tariffs != NULL);
	assert(reader != NULL);
	assert(digest != NULL);

	found = tariffs_look(tariffs, digest);
	if (found != NULL) {
		return found;
	}
	for (size_t i = 0; i < TARIFF_FILES_MAX; i++) {
		buffer_init(&arenas[i], TARIFF_FILE_SIZE_MAX + TARIFFS_NAME_MAX);
	}
	if (!tariffs_fetch(reader, digest, files, arenas, &count, err)) {
		goto out;
	}
	tariffs_digest(files, count, fetched);
	if (memcmp(fetched, digest, sizeof(fetched)) != 0) {
		(void)err_set(err, ERR_DATABASE,
			"fetch a tariff: its files are not those it names");
		goto out;
	}
	found = tariffs_keep(tariffs, files, count, digest, err);
out:
	for (size_t i = 0; i < TARIFF_FILES_MAX; i++) {
		buffer_done(&arenas[i]);
	}
	return found;
}
