/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/writer.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>

#include "base/mem.h"

/* On a slow disk, up to a quarter of the last commit is spent gathering who was just answered. */
enum { WRITER_GATHER_FROM_US = 300, WRITER_GATHER_STEP_US = 20, WRITER_US_PER_S = 1000000 };

/* What long queries give way by, where there are more threads than processors. */
enum { WRITER_LONG_NICE = 10 };

/* Queries that wait for the same threads, oldest first. */
struct writer_lane {
	pthread_cond_t has_queries;
	struct query *queries;
	struct query **end;
};

struct writer_reader {
	struct writer *writer;
	struct writer_lane *lane;
	struct reader *reader;
	pthread_t thread;
	bool started;
};

struct writer {
	struct book *book; /* the writer thread's */
	writer_wake_fn *wake;
	void *context;
	pthread_t thread;
	bool started;
	struct writer_reader readers[WRITER_READERS + WRITER_LONG_READERS];

	pthread_mutex_t mutex; /* guards all below */
	pthread_cond_t has_jobs;
	struct copy *copy; /* being made; NULL: none */
	struct job *jobs;  /* waiting, oldest first */
	struct job **jobs_end;
	int64_t job_count;
	struct writer_lane short_lane;
	struct writer_lane long_lane;
	struct job *jobs_done; /* finished, oldest first */
	struct job **jobs_done_end;
	struct query *queries_done;
	struct query **queries_done_end;
	bool long_pauses; /* no slice of a long query begins: the log waits for their end */
	bool stopping;
	bool failed;
	struct err err;
};

static int64_t writer_clock_us(void)
{
	struct timespec t;

	/* Intervals only: no decision of the book hangs on it. */
	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * WRITER_US_PER_S + t.tv_nsec / 1000;
}

/* With the mutex held: the collector has nothing, and so has to be woken for what comes next. */
static bool writer_is_collected(const struct writer *w)
{
	return w->jobs_done == NULL && w->queries_done == NULL;
}

/* With the mutex held: waits a little for those who were just answered to come back, on slow disks.
 */
static void writer_gather(struct writer *w, int64_t commit_us, int64_t cohort)
{
	int64_t until = writer_clock_us() + commit_us / 4;

	assert(w != NULL);

	if (commit_us < WRITER_GATHER_FROM_US) {
		return;
	}
	while (w->job_count < cohort && !w->stopping && writer_clock_us() < until) {
		struct timespec pause = { .tv_nsec = (long)WRITER_GATHER_STEP_US * 1000 };

		(void)pthread_mutex_unlock(&w->mutex);
		(void)nanosleep(&pause, NULL);
		(void)pthread_mutex_lock(&w->mutex);
	}
}

/*
 * With the mutex held.  Slices that overlap keep the log from beginning anew, until a commit has to
 * wait for their end, and payments with it: so rather they wait for the log, and only while there
 * is something to commit.
 */
static void writer_pause_long(struct writer *w, bool pause)
{
	if (w->long_pauses && !pause) {
		(void)pthread_cond_broadcast(&w->long_lane.has_queries);
	}
	w->long_pauses = pause;
}

/* With the mutex held.  All that waits, at most BOOK_BATCH_MAX; NULL: stop, or a slice of a copy.
 */
static struct job *writer_take(struct writer *w, struct job ***end, int64_t *count)
{
	struct job *first;
	struct job **last = &w->jobs;
	int64_t n = 0;

	if (w->jobs == NULL) {
		writer_pause_long(w, false);
	}
	while (w->jobs == NULL && w->copy == NULL && !w->stopping) {
		(void)pthread_cond_wait(&w->has_jobs, &w->mutex);
	}
	first = w->jobs;
	while (*last != NULL && n < BOOK_BATCH_MAX) {
		last = &(*last)->next;
		n++;
	}
	if (n > 0) {
		struct job *rest = *last;

		*last = NULL;
		w->jobs = rest;
		if (rest == NULL) {
			w->jobs_end = &w->jobs;
		}
		/* `last` points into w->jobs itself only when nothing was taken. */
	}
	w->job_count -= n;
	*end = last;
	*count = n;
	return n > 0 ? first : NULL;
}

static void writer_commit(struct writer *w, struct job *first, int64_t *took_us)
{
	int64_t begun = writer_clock_us();
	struct err err = { 0 };
	bool ok = false;

	assert(first != NULL);

	/* Only this thread sets `failed`. */
	if (!w->failed) {
		ok = book_commit(w->book, first, &err);
		*took_us = writer_clock_us() - begun;
	}
	if (!ok) {
		for (struct job *job = first; job != NULL; job = job->next) {
			job->outcome = JOB_FAILED;
		}
	}
	(void)pthread_mutex_lock(&w->mutex);
	if (!ok && !w->failed) {
		w->failed = true;
		w->err = err;
	}
	writer_pause_long(w, ok && book_log_is_long(w->book));
}

/* With the mutex held, which is given back and taken again: one slice of the copy, if there is one.
 */
static void writer_copy_on(struct writer *w)
{
	struct copy *copy = w->copy;
	bool ends = w->stopping || w->failed;

	if (copy == NULL) {
		return;
	}
	w->copy = NULL;
	(void)pthread_mutex_unlock(&w->mutex);
	if (ends) {
		copy_give_up(copy);
	} else if (!book_copy(w->book, copy)) {
		copy = NULL;
	}
	(void)pthread_mutex_lock(&w->mutex);
	w->copy = ends ? NULL : copy;
}

static void *writer_run(void *context)
{
	struct writer *w = context;
	int64_t took_us = 0;
	int64_t cohort = 0;

	(void)pthread_mutex_lock(&w->mutex);
	for (;;) {
		struct job **end;
		struct job *first;
		int64_t count;
		bool wake;

		writer_gather(w, took_us, cohort);
		first = writer_take(w, &end, &count);
		if (first == NULL && w->copy == NULL) {
			break;
		}
		if (first == NULL) {
			writer_copy_on(w);
			continue;
		}
		(void)pthread_mutex_unlock(&w->mutex);
		writer_commit(w, first, &took_us); /* takes the mutex again */
		cohort = count;
		wake = writer_is_collected(w);
		*w->jobs_done_end = first;
		w->jobs_done_end = end;
		(void)pthread_mutex_unlock(&w->mutex);
		if (wake) {
			w->wake(w->context);
		}
		(void)pthread_mutex_lock(&w->mutex);
		writer_copy_on(w);
	}
	(void)pthread_mutex_unlock(&w->mutex);
	return NULL;
}

static void writer_lane_put(struct writer_lane *lane, struct query *query)
{
	assert(lane != NULL);

	query->next = NULL;
	*lane->end = query;
	lane->end = &query->next;
	(void)pthread_cond_signal(&lane->has_queries);
}

/* With the mutex held.  The oldest that waits; NULL: stop. */
static struct query *writer_lane_take(struct writer *w, struct writer_lane *lane)
{
	struct query *query;

	while ((lane->queries == NULL || (lane == &w->long_lane && w->long_pauses)) &&
		!w->stopping) {
		(void)pthread_cond_wait(&lane->has_queries, &w->mutex);
	}
	query = lane->queries;
	if (query != NULL) {
		lane->queries = query->next;
		if (lane->queries == NULL) {
			lane->end = &lane->queries;
		}
		query->next = NULL;
	}
	return query;
}

static void *writer_read(void *context)
{
	struct writer_reader *r = context;
	struct writer *w = r->writer;
	struct query *query;

	if (r->lane == &w->long_lane) {
		/* Of this thread alone, as Linux has it; without it there is only less room. */
		(void)setpriority(PRIO_PROCESS, 0, WRITER_LONG_NICE);
	}
	(void)pthread_mutex_lock(&w->mutex);
	while ((query = writer_lane_take(w, r->lane)) != NULL) {
		bool wake;

		(void)pthread_mutex_unlock(&w->mutex);
		query_run(query, r->reader);
		(void)pthread_mutex_lock(&w->mutex);
		if (query->again && !w->stopping) {
			writer_lane_put(r->lane, query);
			continue;
		}
		wake = writer_is_collected(w);
		*w->queries_done_end = query;
		w->queries_done_end = &query->next;
		(void)pthread_mutex_unlock(&w->mutex);
		if (wake) {
			w->wake(w->context);
		}
		(void)pthread_mutex_lock(&w->mutex);
	}
	(void)pthread_mutex_unlock(&w->mutex);
	return NULL;
}

static void writer_lane_init(struct writer_lane *lane)
{
	int rc = pthread_cond_init(&lane->has_queries, NULL);

	assert(rc == 0);
	lane->end = &lane->queries;
}

static struct writer *writer_new(writer_wake_fn *wake, void *context)
{
	struct writer *w = mem_new(1, sizeof(*w));
	int rc;

	assert(wake != NULL);

	w->wake = wake;
	w->context = context;
	w->jobs_end = &w->jobs;
	w->jobs_done_end = &w->jobs_done;
	w->queries_done_end = &w->queries_done;
	rc = pthread_mutex_init(&w->mutex, NULL);
	assert(rc == 0);
	rc = pthread_cond_init(&w->has_jobs, NULL);
	assert(rc == 0);
	writer_lane_init(&w->short_lane);
	writer_lane_init(&w->long_lane);
	return w;
}

/* Runs done() of all that is finished, on the caller's thread. */
static void writer_release(struct writer *w)
{
	struct job *jobs;
	struct query *queries;

	assert(w != NULL);

	(void)pthread_mutex_lock(&w->mutex);
	jobs = w->jobs_done;
	queries = w->queries_done;
	w->jobs_done = NULL;
	w->jobs_done_end = &w->jobs_done;
	w->queries_done = NULL;
	w->queries_done_end = &w->queries_done;
	(void)pthread_mutex_unlock(&w->mutex);
	while (jobs != NULL) {
		struct job *job = jobs;

		jobs = job->next; /* done() may free it */
		job->done(job);
	}
	while (queries != NULL) {
		struct query *query = queries;

		queries = query->next;
		query->done(query);
	}
}

bool writer_start(struct book **book, const char *path, writer_wake_fn *wake, void *context,
	struct writer **writer, struct err *err)
{
	struct writer *w = writer_new(wake, context);
	bool ok = false;

	assert(book != NULL && *book != NULL);
	assert(writer != NULL);

	w->book = *book;
	*book = NULL;
	for (size_t i = 0; i < WRITER_READERS + WRITER_LONG_READERS; i++) {
		struct writer_reader *r = &w->readers[i];

		r->writer = w;
		r->lane = i < WRITER_READERS ? &w->short_lane : &w->long_lane;
		if (!reader_open(path, NULL, &r->reader, err)) {
			goto out;
		}
		if (pthread_create(&r->thread, NULL, writer_read, r) != 0) {
			(void)err_set(err, ERR_SYSTEM, "start a reader thread of the book");
			goto out;
		}
		r->started = true;
	}
	if (pthread_create(&w->thread, NULL, writer_run, w) != 0) {
		(void)err_set(err, ERR_SYSTEM, "start the writer thread of the book");
		goto out;
	}
	w->started = true;
	*writer = w;
	w = NULL;
	ok = true;
out:
	writer_stop(&w);
	return ok;
}

void writer_stop(struct writer **writer)
{
	struct writer *w;

	assert(writer != NULL);

	w = *writer;
	*writer = NULL;
	if (w == NULL) {
		return;
	}
	(void)pthread_mutex_lock(&w->mutex);
	w->stopping = true;
	(void)pthread_cond_broadcast(&w->has_jobs);
	(void)pthread_cond_broadcast(&w->short_lane.has_queries);
	(void)pthread_cond_broadcast(&w->long_lane.has_queries);
	(void)pthread_mutex_unlock(&w->mutex);
	if (w->started) {
		(void)pthread_join(w->thread, NULL);
	}
	for (size_t i = 0; i < WRITER_READERS + WRITER_LONG_READERS; i++) {
		if (w->readers[i].started) {
			(void)pthread_join(w->readers[i].thread, NULL);
		}
		/* Readers first: whoever closes last runs a checkpoint, and only the writer may. */
		reader_close(&w->readers[i].reader);
	}
	writer_release(w);
	book_close(&w->book);
	(void)pthread_cond_destroy(&w->has_jobs);
	(void)pthread_cond_destroy(&w->short_lane.has_queries);
	(void)pthread_cond_destroy(&w->long_lane.has_queries);
	(void)pthread_mutex_destroy(&w->mutex);
	free(w);
}

void writer_submit(struct writer *w, struct job *job)
{
	assert(w != NULL);
	assert(job != NULL);

	job->next = NULL;
	(void)pthread_mutex_lock(&w->mutex);
	*w->jobs_end = job;
	w->jobs_end = &job->next;
	w->job_count++;
	if (w->jobs == job) {
		(void)pthread_cond_signal(&w->has_jobs);
	}
	(void)pthread_mutex_unlock(&w->mutex);
}

void writer_copy(struct writer *w, struct copy *copy)
{
	assert(w != NULL);
	assert(copy != NULL);

	(void)pthread_mutex_lock(&w->mutex);
	assert(w->copy == NULL);
	w->copy = copy;
	(void)pthread_cond_signal(&w->has_jobs);
	(void)pthread_mutex_unlock(&w->mutex);
}

void writer_query(struct writer *w, struct query *query)
{
	assert(w != NULL);
	assert(query != NULL && query->run != NULL);

	(void)pthread_mutex_lock(&w->mutex);
	writer_lane_put(query->is_long ? &w->long_lane : &w->short_lane, query);
	(void)pthread_mutex_unlock(&w->mutex);
}

bool writer_collect(struct writer *w, struct err *err)
{
	bool failed;

	assert(w != NULL);

	(void)pthread_mutex_lock(&w->mutex);
	failed = w->failed;
	if (failed && err != NULL) {
		*err = w->err;
	}
	(void)pthread_mutex_unlock(&w->mutex);
	writer_release(w);
	return !failed;
}
