/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/examination.h"

#include <assert.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

struct examination {
	const struct zone *almaty;
	bool quick;
	examination_keys_fn *keys;
	char *folder; /* of the keys */
	/* the copy's threads', until it is READY */
	struct copy *copy;
	struct examination_result result;

	pthread_mutex_t mutex; /* guards all below */
	char (*faults)[VERIFY_FAULT_SIZE];
	size_t fault_count;
	size_t taken;
};

struct examination *examination_new(const struct zone *almaty, bool quick)
{
	struct examination *e = mem_new(1, sizeof(*e));
	int rc = pthread_mutex_init(&e->mutex, NULL);

	assert(almaty != NULL);
	assert(rc == 0);
	(void)rc;
	e->almaty = almaty;
	e->quick = quick;
	return e;
}

void examination_free(struct examination **examination)
{
	struct examination *e = *examination;

	*examination = NULL;
	if (e != NULL) {
		(void)pthread_mutex_destroy(&e->mutex);
		free(e->faults);
		free(e->folder);
		free(e);
	}
}

/* ---- the copy's thread ---- */

static void examination_found(void *context, const char *fault)
{
	struct examination *e = context;

	(void)pthread_mutex_lock(&e->mutex);
	e->faults = mem_grow(e->faults, e->fault_count + 1, sizeof(*e->faults));
	(void)snprintf(e->faults[e->fault_count++], VERIFY_FAULT_SIZE, "%s", fault);
	(void)pthread_mutex_unlock(&e->mutex);
}

static void examination_step(void *context, int64_t done, int64_t all)
{
	const struct examination *e = context;

	copy_step(e->copy, done, all);
}

static bool examination_is_wanted(void *context)
{
	const struct examination *e = context;

	return copy_is_wanted(e->copy);
}

static bool examination_verify(struct examination *e, const struct verify_options *options,
	const char *path, struct err *err)
{
	struct verify *verify = verify_new(options, examination_found, e);
	bool ok = e->quick ? verify_quick(verify, path, examination_step, err)
			   : verify_file(verify, path, examination_step, err);

	e->result = (struct examination_result){ .records = verify_records(verify),
		.rows = verify_rows(verify),
		.faults = verify_faults(verify),
		.signatures = *verify_signatures(verify) };
	verify_free(&verify);
	return ok;
}

static bool examination_run(void *context, struct copy *copy, const char *path, struct err *err)
{
	struct examination *e = context;
	struct keyring keys = { .count = 0 };
	struct keyring named = { .count = 0 };
	const struct verify_options options = { .almaty = e->almaty,
		.keys = &keys,
		.named = &named,
		.wanted = examination_is_wanted,
		.wanted_context = e };
	bool ok;

	assert(copy == e->copy);

	ok = e->keys(e->folder, path, &keys, &named, err) &&
	     examination_verify(e, &options, path, err);
	keyring_done(&keys);
	keyring_done(&named);
	return ok;
}

/* ---- the loop's ---- */

void examination_use(struct examination *e, struct copy *copy, examination_keys_fn *keys,
	const char *folder)
{
	assert(e->copy == NULL);

	e->folder = mem_copy(folder, strlen(folder) + 1);
	e->keys = keys;
	e->copy = copy;
	copy_use(copy, examination_run, e);
}

bool examination_take(struct examination *e, char fault[VERIFY_FAULT_SIZE])
{
	bool more;

	(void)pthread_mutex_lock(&e->mutex);
	more = e->taken < e->fault_count;
	if (more) {
		memcpy(fault, e->faults[e->taken++], VERIFY_FAULT_SIZE);
	}
	(void)pthread_mutex_unlock(&e->mutex);
	return more;
}

const struct examination_result *examination_result(const struct examination *e)
{
	assert(e != NULL);

	return &e->result;
}
