/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/copy.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "ledger/store_sqlite.h"

/* A page is 4 KiB: a slice is a millisecond or two of the writer's time. */
enum { COPY_SLICE_PAGES = 128, COPY_NICE = 10 };

struct copy {
	char path[PATH_MAX];
	char part[PATH_MAX];
	int64_t now;
	copy_use_fn *use; /* NULL: it is checked and kept */
	void *use_context;
	/* the writer's, until it lets go */
	sqlite3 *db;
	sqlite3_backup *backup;
	struct keyring keys; /* one of them signed the newest checkpoint */
	int64_t page_size;
	/* the own thread's, from then on */
	pthread_t thread;
	int fd; /* READY */

	pthread_mutex_t mutex; /* guards all below */
	bool started;          /* it has */
	bool free;             /* the writer has let go */
	bool unwanted;
	bool over; /* the own thread is at its end */
	struct copy_progress progress;
};

void copy_sweep(const char *path)
{
	static const char *const ends[] = { "", ".part", ".part-journal", ".part-wal",
		".part-shm" };
	char name[PATH_MAX + sizeof(".part-journal")];

	for (size_t i = 0; i < sizeof(ends) / sizeof(*ends); i++) {
		(void)snprintf(name, sizeof(name), "%s%s", path, ends[i]);
		(void)unlink(name);
	}
}

struct copy *copy_new(const char *path, int64_t now)
{
	struct copy *c = mem_new(1, sizeof(*c));
	bool fits = text_copy(text_of(path), c->path, sizeof(c->path));
	int size = snprintf(c->part, sizeof(c->part), "%s.part", path);
	int rc = pthread_mutex_init(&c->mutex, NULL);

	assert(fits && size > 0 && (size_t)size < sizeof(c->part));
	assert(rc == 0);
	c->now = now;
	c->fd = -1;
	copy_sweep(c->path);
	return c;
}

void copy_use(struct copy *c, copy_use_fn *use, void *context)
{
	assert(!c->started);

	c->use = use;
	c->use_context = context;
}

bool copy_is_wanted(struct copy *c)
{
	bool wanted;

	(void)pthread_mutex_lock(&c->mutex);
	wanted = !c->unwanted;
	(void)pthread_mutex_unlock(&c->mutex);
	return wanted;
}

static void copy_fail(struct copy *c, const char *why)
{
	(void)pthread_mutex_lock(&c->mutex);
	if (c->progress.state != COPY_FAILED) {
		c->progress.state = COPY_FAILED;
		(void)snprintf(c->progress.why, sizeof(c->progress.why), "%s", why);
	}
	(void)pthread_mutex_unlock(&c->mutex);
}

static void copy_tell(struct copy *c, enum copy_state state, int64_t done, int64_t all)
{
	(void)pthread_mutex_lock(&c->mutex);
	c->progress.state = state;
	c->progress.done = done;
	c->progress.all = all;
	(void)pthread_mutex_unlock(&c->mutex);
}

/* ---- the copy's own thread ---- */

void copy_step(struct copy *c, int64_t done, int64_t all)
{
	copy_tell(c, COPY_CHECKING, done, all);
}

static bool copy_checked(void *context, int64_t done, int64_t all)
{
	copy_step(context, done, all);
	return copy_is_wanted(context);
}

/* Says in the file that it is a copy; one file holds it all, without a log beside it. */
static bool copy_mark(struct copy *c, struct err *err)
{
	char sql[128];
	int rc;

	(void)sqlite3_snprintf((int)sizeof(sql), sql,
		"PRAGMA journal_mode = DELETE; INSERT OR REPLACE INTO standing (id, copied_at) "
		"VALUES (1, %lld)",
		(long long)c->now);
	rc = sqlite3_exec(c->db, sql, NULL, NULL, NULL);
	if (rc != SQLITE_OK) {
		(void)err_set(err, ERR_DATABASE, "mark the copy: %s", sqlite3_errmsg(c->db));
	}
	(void)sqlite3_close(c->db);
	c->db = NULL;
	return rc == SQLITE_OK;
}

static bool copy_keep(struct copy *c, struct err *err)
{
	struct stat stat;

	c->fd = open(c->part, O_RDONLY | O_CLOEXEC);
	if (c->fd < 0 || fsync(c->fd) != 0 || fstat(c->fd, &stat) != 0 ||
		rename(c->part, c->path) != 0) {
		return err_set(err, ERR_SYSTEM, "keep the copy %s: %s", c->path, strerror(errno));
	}
	(void)pthread_mutex_lock(&c->mutex);
	c->progress.size = (int64_t)stat.st_size;
	(void)pthread_mutex_unlock(&c->mutex);
	return true;
}

static bool copy_check(struct copy *c, struct check_result *result, struct err *err)
{
	const struct check_options options = { .path = c->part,
		.keys = &c->keys,
		.step = copy_checked,
		.context = c };

	/* The key may have been changed meanwhile: its record is in the copy. */
	return keyring_add_named_in(&c->keys, c->part, err) && check_file(&options, result, err) &&
	       copy_keep(c, err);
}

static void copy_finish(struct copy *c)
{
	struct check_result result = { .records = 0 };
	struct err err = { 0 };

	if (!copy_mark(c, &err) || !(c->use != NULL ? c->use(c->use_context, c, c->part, &err)
						    : copy_check(c, &result, &err))) {
		copy_fail(c, err.message);
		return;
	}
	(void)pthread_mutex_lock(&c->mutex);
	c->progress.state = COPY_READY;
	if (c->use == NULL) {
		c->progress.result = result;
		c->progress.done = result.records;
		c->progress.all = result.records;
	}
	(void)pthread_mutex_unlock(&c->mutex);
}

static void *copy_run(void *context)
{
	struct copy *c = context;

	(void)setpriority(PRIO_PROCESS, 0, COPY_NICE); /* of this thread, as Linux has it */
	copy_finish(c);
	(void)pthread_mutex_lock(&c->mutex);
	c->over = true;
	(void)pthread_mutex_unlock(&c->mutex);
	return NULL;
}

/* ---- the writer's thread ---- */

static void copy_let_go(struct copy *c)
{
	(void)pthread_mutex_lock(&c->mutex);
	c->free = true;
	(void)pthread_mutex_unlock(&c->mutex);
}

static bool copy_open(struct copy *c, struct store *source, const struct note_key *key)
{
	int fd = open(c->part, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR);
	struct err err = { 0 };

	if (fd < 0) {
		(void)err_set(&err, ERR_SYSTEM, "make %s: %s", c->part, strerror(errno));
		copy_fail(c, err.message);
		return false;
	}
	(void)close(fd);
	if (sqlite3_open_v2(c->part, &c->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL) !=
			SQLITE_OK ||
		sqlite3_exec(c->db, "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF", NULL,
			NULL, NULL) != SQLITE_OK) {
		copy_fail(c, "the copy can not be opened");
		return false;
	}
	c->backup = sqlite3_backup_init(c->db, "main", store_sqlite(source), "main");
	if (c->backup == NULL) {
		copy_fail(c, sqlite3_errmsg(c->db));
		return false;
	}
	keyring_add(&c->keys, note_key_public(key));
	c->page_size = store_sqlite_ask(store_sqlite(source), "PRAGMA page_size");
	return true;
}

/* The last slice was copied: the rest is not the writer's. */
static void copy_go_on(struct copy *c)
{
	bool started;

	copy_tell(c, COPY_CHECKING, 0, 0);
	(void)pthread_mutex_lock(&c->mutex);
	started = pthread_create(&c->thread, NULL, copy_run, c) == 0;
	c->started = started;
	(void)pthread_mutex_unlock(&c->mutex);
	if (!started) {
		copy_fail(c, "no thread to check the copy");
	}
}

/* How large it will be. */
static void copy_expect(struct copy *c)
{
	(void)pthread_mutex_lock(&c->mutex);
	c->progress.size = (int64_t)sqlite3_backup_pagecount(c->backup) * c->page_size;
	(void)pthread_mutex_unlock(&c->mutex);
}

bool copy_slice(struct copy *c, struct store *source, const struct note_key *key)
{
	struct err err = { 0 };
	int rc = SQLITE_ERROR;
	bool open = copy_is_wanted(c) && (c->backup != NULL || copy_open(c, source, key));

	if (open) {
		rc = sqlite3_backup_step(c->backup, COPY_SLICE_PAGES);
		copy_expect(c);
		copy_tell(c, COPY_COPYING,
			sqlite3_backup_pagecount(c->backup) - sqlite3_backup_remaining(c->backup),
			sqlite3_backup_pagecount(c->backup));
	}
	if (rc == SQLITE_OK) {
		return true;
	}
	if (c->backup != NULL && sqlite3_backup_finish(c->backup) != SQLITE_OK && open) {
		copy_fail(c, sqlite3_errmsg(c->db));
		rc = SQLITE_ERROR;
	}
	c->backup = NULL;
	if (!open || rc != SQLITE_DONE) {
		copy_fail(c, "the copy was not finished");
	} else if (!store_sync(source, &err)) { /* it must know nothing that the book may lose */
		copy_fail(c, err.message);
	} else {
		copy_go_on(c);
	}
	copy_let_go(c);
	return false;
}

void copy_give_up(struct copy *c)
{
	(void)sqlite3_backup_finish(c->backup);
	c->backup = NULL;
	copy_fail(c, "alymd stops");
	copy_let_go(c);
}

bool copy_mark_file(const char *path, int64_t now, struct err *err)
{
	struct store *store = NULL;
	bool ok;

	if (!store_open(path, NULL, STORE_WRITE, &store, err)) {
		return false;
	}
	store_begin(store);
	store_put(store, SQL_INSERT_STANDING, (struct store_value[]){ STORE_OF_INT(now) }, 1);
	ok = store_commit(store, err);
	store_close(&store);
	return ok;
}

/* ---- the owner's ---- */

void copy_stop(struct copy *c)
{
	(void)pthread_mutex_lock(&c->mutex);
	c->unwanted = true;
	(void)pthread_mutex_unlock(&c->mutex);
}

void copy_progress(struct copy *c, struct copy_progress *progress)
{
	(void)pthread_mutex_lock(&c->mutex);
	*progress = c->progress;
	(void)pthread_mutex_unlock(&c->mutex);
}

int64_t copy_read(struct copy *c, int64_t offset, void *bytes, size_t size)
{
	assert(offset >= 0);

	return (int64_t)pread(c->fd, bytes, size, (off_t)offset);
}

bool copy_is_free(struct copy *c)
{
	bool is_free;

	(void)pthread_mutex_lock(&c->mutex);
	is_free = c->free && (!c->started || c->over);
	(void)pthread_mutex_unlock(&c->mutex);
	return is_free;
}

void copy_free(struct copy **copy)
{
	struct copy *c;

	assert(copy != NULL);

	c = *copy;
	*copy = NULL;
	if (c == NULL) {
		return;
	}
	copy_stop(c);
	if (c->started) {
		(void)pthread_join(c->thread, NULL);
	}
	(void)sqlite3_close(c->db);
	if (c->fd >= 0) {
		(void)close(c->fd);
	}
	copy_sweep(c->path);
	keyring_done(&c->keys);
	(void)pthread_mutex_destroy(&c->mutex);
	free(c);
}
