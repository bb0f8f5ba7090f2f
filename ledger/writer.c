/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/writer.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <time.h>

#include "base/mem.h"

enum { WRITER_US_PER_S = 1000000 };

/*
 * From here on a disk is slow.  Then up to a quarter of the last commit is spent gathering who was
 * just answered, and a sync is another thread's; a faster one is over before that thread awoke.
 */
enum { WRITER_SLOW_US = 300, WRITER_GATHER_STEP_US = 20 };

/* What long queries give way by, where there are more threads than processors. */
enum { WRITER_LONG_NICE = 10 };

/* Queries that wait for the same threads. */
struct writer_lane {
	pthread_cond_t has_queries;
	struct query_queue queries;
};

struct writer_reader {
	struct writer *writer;
	struct writer_lane *lane;
	struct reader *reader;
	pthread_t thread;
	bool started;
};

struct writer {
	struct book *book; /* the writer thread's; book_sync() the syncer's, too */
	writer_wake_fn *wake;
	void *context;
	pthread_t thread;
	bool started;
	pthread_t syncer;
	bool syncer_started;
	struct writer_reader readers[WRITER_READERS + WRITER_LONG_READERS];

	pthread_mutex_t mutex; /* guards all below */
	pthread_cond_t has_jobs;
	struct copy *copy; /* being made; NULL: none */
	struct job *jobs;  /* waiting, oldest first */
	struct job **jobs_end;
	int64_t job_count;
	struct job *written; /* ended and not yet on disk, oldest first */
	struct job **written_end;
	int64_t ending;  /* batches that readers may see */
	int64_t ended;   /* that they do see */
	int64_t synced;  /* that are on disk */
	int64_t sync_us; /* the last ones took */
	bool syncing;
	bool written_all; /* the writer has ended */
	pthread_cond_t has_written;
	struct query_queue seen; /* may have seen what is not yet on disk */
	struct writer_lane short_lane;
	struct writer_lane long_lane;
	struct job *jobs_done; /* finished, oldest first */
	struct job **jobs_done_end;
	struct query_queue queries_done;
	bool long_pauses; /* no slice of a long query begins: the log waits for their end */
	bool stopping;
	bool failed;
	struct err err;
};

/* What top, gdb and perf call the calling thread; at most 15 characters are kept. */
static void writer_name_thread(const char *name)
{
	(void)prctl(PR_SET_NAME, name);
}

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
	return w->jobs_done == NULL && w->queries_done.first == NULL;
}

/* With the mutex held: waits a little for those who were just answered to come back, on slow disks.
 */
static void writer_gather(struct writer *w, int64_t commit_us, int64_t cohort)
{
	int64_t until = writer_clock_us() + commit_us / 4;

	if (commit_us < WRITER_SLOW_US || w->written != NULL || w->syncing) {
		return; /* or nobody was answered yet */
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

/* With the mutex held.  The first reason counts. */
static void writer_fail(struct writer *w, const struct err *err)
{
	if (!w->failed) {
		w->failed = true;
		w->err = *err;
	}
}

/* With the mutex held.  Queries that saw no more than what is on disk, or will never know. */
static void writer_hand_back_queries(struct writer *w)
{
	while (w->seen.first != NULL && (w->seen.first->needs <= w->synced || w->failed)) {
		struct query *query = query_take(&w->seen);

		query->again = query->again || query->needs > w->synced;
		query_put(&w->queries_done, query);
	}
}

/* With the mutex held, which is given back and taken again: these are finished, and the queries
 * that saw no more than is on disk. */
static void writer_hand_back(struct writer *w, struct job *first, struct job **end)
{
	bool was_collected = writer_is_collected(w);

	*w->jobs_done_end = first;
	w->jobs_done_end = end;
	writer_hand_back_queries(w);
	if (was_collected && !writer_is_collected(w)) {
		(void)pthread_mutex_unlock(&w->mutex);
		w->wake(w->context);
		(void)pthread_mutex_lock(&w->mutex);
	}
}

/*
 * With the mutex held, which is given back and taken again: puts on disk all that has ended, and
 * hands it back.  One thread at a time; if it is the syncer, the writer goes on meanwhile.
 */
static void writer_harden(struct writer *w)
{
	struct job *first = w->written;
	struct job **end = w->written_end;
	int64_t ended = w->ended;
	int64_t begun = writer_clock_us();
	struct err err = { 0 };
	bool ok = !w->failed;

	assert(first != NULL && !w->syncing);

	w->written = NULL;
	w->written_end = &w->written;
	w->syncing = true;
	(void)pthread_mutex_unlock(&w->mutex);
	ok = ok && book_sync(w->book, &err);
	(void)pthread_mutex_lock(&w->mutex);
	w->syncing = false;
	/* One that had nothing to do does not make the disk fast. */
	w->sync_us = (w->sync_us + writer_clock_us() - begun) / 2;
	if (ok && !w->failed) {
		w->synced = ended;
	} else {
		book_fail_jobs(first);
		writer_fail(w, &err);
	}
	writer_hand_back(w, first, end);
}

/* With the mutex held, which is given back and taken again. */
static void writer_write(struct writer *w, struct job *first, struct job **end)
{
	struct err err = { 0 };
	bool ok = !w->failed;

	(void)pthread_mutex_unlock(&w->mutex);
	ok = ok && book_write(w->book, first, &err);
	(void)pthread_mutex_lock(&w->mutex);
	w->ending++;
	(void)pthread_mutex_unlock(&w->mutex);
	ok = ok && book_end(w->book, first, &err);
	(void)pthread_mutex_lock(&w->mutex);
	writer_pause_long(w, ok && book_log_is_long(w->book));
	if (ok) {
		w->ended++;
		*w->written_end = first;
		w->written_end = end;
	} else {
		book_fail_jobs(first);
		writer_fail(w, &err);
		writer_hand_back(w, first, end);
	}
}

static void *writer_sync(void *context)
{
	struct writer *w = context;

	writer_name_thread("alym-sync");
	(void)pthread_mutex_lock(&w->mutex);
	while (!w->written_all || w->written != NULL) {
		if (w->written != NULL && !w->syncing) {
			writer_harden(w);
		} else {
			(void)pthread_cond_wait(&w->has_written, &w->mutex);
		}
	}
	(void)pthread_mutex_unlock(&w->mutex);
	return NULL;
}

/* With the mutex held, which is given back and taken again: one slice of the copy, if there is one.
 */
static void writer_copy_on(struct writer *w)
{
	struct copy *copy = w->copy;
	bool ends = w->stopping || w->failed;
	struct err err = { 0 };

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
	if (book_has_failed(w->book, &err)) {
		writer_fail(w, &err);
	}
	w->copy = ends ? NULL : copy;
}

/*
 * With the mutex held, which is given back and taken again.  While others wait and the disk is
 * slow, the syncer puts there what has ended and we go on; else we do it, which spares a change of
 * threads.
 */
static void writer_settle(struct writer *w)
{
	if (w->written == NULL || w->syncing) {
		return; /* who is at it looks again */
	}
	if (w->jobs == NULL || w->sync_us < WRITER_SLOW_US) {
		writer_harden(w);
	} else {
		(void)pthread_cond_signal(&w->has_written);
	}
}

static void *writer_run(void *context)
{
	struct writer *w = context;
	int64_t took_us = 0;
	int64_t cohort = 0;

	writer_name_thread("alym-book");
	(void)pthread_mutex_lock(&w->mutex);
	for (;;) {
		struct job **end;
		struct job *first;
		int64_t begun;

		writer_gather(w, took_us, cohort);
		first = writer_take(w, &end, &cohort);
		if (first == NULL && w->copy == NULL) {
			break;
		}
		begun = writer_clock_us();
		if (first != NULL) {
			writer_write(w, first, end);
			writer_settle(w);
			took_us = writer_clock_us() - begun;
		}
		writer_copy_on(w);
	}
	w->written_all = true;
	(void)pthread_cond_signal(&w->has_written);
	(void)pthread_mutex_unlock(&w->mutex);
	return NULL;
}

static void writer_lane_put(struct writer_lane *lane, struct query *query)
{
	query_put(&lane->queries, query);
	(void)pthread_cond_signal(&lane->has_queries);
}

/* With the mutex held.  The oldest that waits; NULL: stop. */
static struct query *writer_lane_take(struct writer *w, struct writer_lane *lane)
{
	while ((lane->queries.first == NULL || (lane == &w->long_lane && w->long_pauses)) &&
		!w->stopping) {
		(void)pthread_cond_wait(&lane->has_queries, &w->mutex);
	}
	return query_take(&lane->queries);
}

static void *writer_read(void *context)
{
	struct writer_reader *r = context;
	struct writer *w = r->writer;
	struct query *query;

	writer_name_thread(r->lane == &w->long_lane ? "alym-report" : "alym-read");
	if (r->lane == &w->long_lane) {
		/* Of this thread alone, as Linux has it; without it there is only less room. */
		(void)setpriority(PRIO_PROCESS, 0, WRITER_LONG_NICE);
	}
	(void)pthread_mutex_lock(&w->mutex);
	while ((query = writer_lane_take(w, r->lane)) != NULL) {
		(void)pthread_mutex_unlock(&w->mutex);
		query_run(query, r->reader);
		(void)pthread_mutex_lock(&w->mutex);
		if (query->again && !w->stopping) {
			writer_lane_put(r->lane, query);
			continue;
		}
		query->needs = w->ending;
		query_put(&w->seen, query);
		writer_hand_back(w, NULL, w->jobs_done_end);
	}
	(void)pthread_mutex_unlock(&w->mutex);
	return NULL;
}

static void writer_cond_init(pthread_cond_t *cond)
{
	int rc = pthread_cond_init(cond, NULL);

	assert(rc == 0);
}

static void writer_lane_init(struct writer_lane *lane)
{
	writer_cond_init(&lane->has_queries);
	query_queue_init(&lane->queries);
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
	query_queue_init(&w->queries_done);
	w->written_end = &w->written;
	query_queue_init(&w->seen);
	w->sync_us = WRITER_SLOW_US; /* until it is known */
	rc = pthread_mutex_init(&w->mutex, NULL);
	assert(rc == 0);
	writer_cond_init(&w->has_jobs);
	writer_cond_init(&w->has_written);
	writer_lane_init(&w->short_lane);
	writer_lane_init(&w->long_lane);
	return w;
}

/* Runs done() of all that is finished, on the caller's thread; jobs first, so that the engine knows
 * of a failure before a question that saw what was lost comes back. */
static void writer_release(struct writer *w)
{
	struct job *jobs;
	struct query *queries;

	assert(w != NULL);

	(void)pthread_mutex_lock(&w->mutex);
	jobs = w->jobs_done;
	queries = w->queries_done.first;
	w->jobs_done = NULL;
	w->jobs_done_end = &w->jobs_done;
	query_queue_init(&w->queries_done);
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

static bool writer_begin(pthread_t *thread, bool *started, void *(*run)(void *), void *context,
	struct err *err)
{
	*started = pthread_create(thread, NULL, run, context) == 0;
	return *started || err_set(err, ERR_SYSTEM, "start a thread of the book");
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
		if (!writer_begin(&r->thread, &r->started, writer_read, r, err)) {
			goto out;
		}
	}
	if (!writer_begin(&w->syncer, &w->syncer_started, writer_sync, w, err) ||
		!writer_begin(&w->thread, &w->started, writer_run, w, err)) {
		goto out;
	}
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
	w->written_all = !w->started;
	(void)pthread_cond_broadcast(&w->has_written);
	(void)pthread_mutex_unlock(&w->mutex);
	if (w->started) {
		(void)pthread_join(w->thread, NULL);
	}
	if (w->syncer_started) {
		(void)pthread_join(w->syncer, NULL);
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
	(void)pthread_cond_destroy(&w->has_written);
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
