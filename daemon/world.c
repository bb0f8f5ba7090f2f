/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/world.h"

#include <assert.h>
#include <string.h>
#include <sys/random.h>
#include <sys/statvfs.h>
#include <time.h>

#include "base/mem.h"
#include "daemon/examination.h"
#include "daemon/state.h"
#include "daemon/tariff_files.h"

enum { WORLD_DISK_MS = 500 };

int64_t world_now(void)
{
	struct timespec now;
	int rc = clock_gettime(CLOCK_REALTIME, &now);

	assert(rc == 0);
	(void)rc;
	return (int64_t)now.tv_sec;
}

int64_t world_now_ms(void)
{
	struct timespec now;
	int rc = clock_gettime(CLOCK_MONOTONIC, &now);

	assert(rc == 0);
	(void)rc;
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static struct world *world_of(void *world)
{
	struct world *w = world;

	assert(w != NULL);
	assert(w->magic == WORLD_MAGIC);
	return w;
}

static int64_t world_port_now(void *world)
{
	(void)world_of(world);
	return world_now();
}

static int64_t world_port_now_ms(void *world)
{
	(void)world_of(world);
	return world_now_ms();
}

static void world_fetch_random(struct world *w)
{
	size_t got = 0;

	while (got < sizeof(w->random)) {
		ssize_t more = getrandom(w->random + got, sizeof(w->random) - got, 0);

		got += more > 0 ? (size_t)more : 0;
	}
	w->random_left = sizeof(w->random);
}

/* Fetched from the kernel many at a time: each payment wants some.  What was given out is not kept.
 */
static void world_port_random(void *world, void *bytes, size_t size)
{
	struct world *w = world_of(world);
	uint8_t *at = bytes;

	while (size > 0) {
		size_t part;
		uint8_t *from;

		if (w->random_left == 0) {
			world_fetch_random(w);
		}
		part = size < w->random_left ? size : w->random_left;
		from = w->random + sizeof(w->random) - w->random_left;
		memcpy(at, from, part);
		mem_wipe(from, part);
		w->random_left -= part;
		at += part;
		size -= part;
	}
}

static void world_port_submit(void *world, struct job *job)
{
	struct world *w = world_of(world);

	if (w->writer != NULL) {
		writer_submit(w->writer, job);
	} else {
		job->next = w->jobs;
		w->jobs = job;
	}
}

static void world_port_query(void *world, struct query *query)
{
	struct world *w = world_of(world);

	if (w->writer != NULL) {
		writer_query(w->writer, query);
	} else {
		query->next = w->queries;
		w->queries = query;
	}
}

static void world_port_exchange(void *world, struct exchange *exchange)
{
	struct world *w = world_of(world);

	if (w->transport != NULL) {
		transport_send(w->transport, exchange);
	} else {
		exchange->next = w->exchanges;
		w->exchanges = exchange;
	}
}

static void world_port_log(void *world, enum ports_level level, const char *event,
	const struct ports_field *fields, size_t count)
{
	log_event(world_of(world)->log, level, event, fields, count);
}

/* What root alone may use does not count.  Asked twice a second at most: every payment wants to
 * know. */
static int64_t world_port_disk_free(void *world)
{
	struct world *w = world_of(world);
	int64_t now_ms = world_now_ms();
	struct statvfs disk;

	if (w->disk_asked_ms != 0 && now_ms - w->disk_asked_ms < WORLD_DISK_MS) {
		return w->disk_free;
	}
	w->disk_asked_ms = now_ms;
	w->disk_free = 0; /* nobody knows: be careful */
	if (statvfs(w->state_dir, &disk) == 0) {
		w->disk_free = (int64_t)disk.f_bavail * (int64_t)disk.f_frsize;
	}
	return w->disk_free;
}

static bool world_port_tariff(void *world, ports_tariff_fn *take, void *context, struct err *err)
{
	struct tariff_files *tariff = NULL;

	if (!tariff_files_read(world_of(world)->data_dir, &tariff, err)) {
		return false;
	}
	take(context, tariff->files, tariff->count);
	tariff_files_free(&tariff);
	return true;
}

static bool world_port_key(void *world, uint8_t seed[NOTE_SEED_SIZE], struct err *err)
{
	return state_make_key(world_of(world)->state_dir, seed, err);
}

/* A copy, used in that examination unless it is NULL. */
static struct copy *world_copy(struct world *w, struct examination *examination)
{
	char path[STATE_PATH_SIZE];
	struct copy *copy;

	if (w->writer == NULL || !state_copy(w->state_dir, path)) {
		return NULL;
	}
	copy = copy_new(path, world_now());
	if (examination != NULL) {
		examination_use(examination, copy, state_keys, w->state_dir);
	}
	writer_copy(w->writer, copy);
	return copy;
}

static struct copy *world_port_copy(void *world)
{
	return world_copy(world_of(world), NULL);
}

static struct copy *world_port_examine(void *world, struct examination *examination)
{
	assert(examination != NULL);

	return world_copy(world_of(world), examination);
}

void world_fill(struct world *world, struct ports *ports)
{
	world->magic = WORLD_MAGIC;
	*ports = (struct ports){
		.world = world,
		.now = world_port_now,
		.now_ms = world_port_now_ms,
		.random = world_port_random,
		.submit = world_port_submit,
		.query = world_port_query,
		.exchange = world_port_exchange,
		.log = world_port_log,
		.copy = world_port_copy,
		.examine = world_port_examine,
		.disk_free = world_port_disk_free,
		.tariff = world_port_tariff,
		.key = world_port_key,
	};
}

void world_settle(struct world *world)
{
	assert(world->writer == NULL);
	assert(world->transport == NULL);

	while (world->jobs != NULL || world->queries != NULL || world->exchanges != NULL) {
		struct job *job = world->jobs;
		struct query *query = world->queries;
		struct exchange *exchange = world->exchanges;

		if (job != NULL) {
			world->jobs = job->next;
			job->outcome = JOB_FAILED;
			job->done(job);
		} else if (query != NULL) {
			world->queries = query->next;
			query->done(query);
		} else {
			world->exchanges = exchange->next;
			exchange->result = EXCHANGE_NOT_SENT;
			(void)snprintf(exchange->why, sizeof(exchange->why), "alymd stops");
			exchange->done(exchange);
		}
	}
}
