/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/restore.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "daemon/file.h"
#include "daemon/replacement.h"
#include "daemon/state.h"
#include "daemon/user.h"
#include "daemon/world.h"
#include "ledger/check.h"
#include "ledger/copy.h"

enum { RESTORE_CHUNK_SIZE = 1 << 20 };

#define RESTORE_NAME_SIZE (STATE_PATH_SIZE + 32)

struct restore {
	const struct config *config;
	const struct maintenance_words *words;
	int source; /* the backup, opened with the rights we were started with */
	int64_t size;
	int lock;
	char book[STATE_PATH_SIZE];
	char fresh[RESTORE_NAME_SIZE];
	char kept[REPLACEMENT_PATH_SIZE]; /* where the book that was there is; or empty */
	struct keyring own;               /* keys that have a file here */
	struct keyring named;             /* those that the backup's records name */
	struct check_result result;
	bool told; /* a line of progress stands on the terminal */
};

/* ---- what people see ---- */

static void restore_progress(struct restore *r, const char *what, int64_t done, int64_t all)
{
	if (isatty(STDERR_FILENO) != 0) {
		(void)fprintf(stderr, "\r%s %3d %%", what,
			all > 0 ? (int)((double)done * 100 / (double)all) : 0);
		r->told = true;
	}
}

static void restore_progress_done(struct restore *r)
{
	if (r->told) {
		(void)fprintf(stderr, "\r%40s\r", "");
		r->told = false;
	}
}

/* ---- before anything is touched ---- */

static bool restore_failed(struct err *err, const char *doing, const char *path)
{
	return err_set(err, ERR_SYSTEM, "%s %s: %s", doing, path, strerror(errno));
}

static bool restore_open_source(struct restore *r, struct err *err)
{
	struct stat stat;

	r->source = open(r->words->value, O_RDONLY | O_CLOEXEC);
	if (r->source < 0 || fstat(r->source, &stat) != 0) {
		return restore_failed(err, "open", r->words->value);
	}
	if (!S_ISREG(stat.st_mode)) {
		return err_set(err, ERR_INPUT, "%s is not a file", r->words->value);
	}
	r->size = (int64_t)stat.st_size;
	return true;
}

/* The folder, as the daemon would have it, and for nobody else. */
static enum alymd_status restore_enter(struct restore *r, struct err *err)
{
	const struct config_daemon *daemon = &r->config->daemon;
	struct user user = { (uid_t)-1, (gid_t)-1 };
	bool becomes = daemon->user[0] != '\0' && geteuid() == 0;
	enum state_lock lock;

	if (becomes && !user_find(daemon->user, &user, err)) {
		return ALYMD_CONFIG;
	}
	if (!state_make(daemon->state_dir, user.uid, user.gid, err) ||
		(becomes && !user_become(daemon->user, &user, err))) {
		return ALYMD_SYSTEM;
	}
	lock = state_lock(daemon->state_dir, &r->lock, err);
	if (lock == STATE_TAKEN) {
		return ALYMD_TAKEN;
	}
	return lock == STATE_LOCKED ? ALYMD_STOPPED : ALYMD_SYSTEM;
}

static bool restore_may_begin(struct restore *r, struct err *err)
{
	const char *folder = r->config->daemon.state_dir;

	if (!state_book(folder, r->book)) {
		return err_set(err, ERR_LIMIT, "state_dir %s is too long a path", folder);
	}
	(void)snprintf(r->fresh, sizeof(r->fresh), "%s.restore", r->book);
	if (!r->words->replace && access(r->book, F_OK) == 0) {
		return err_set(err, ERR_INPUT,
			"there is a book, %s: with --replace it is kept beside, and the backup "
			"takes its place",
			r->book);
	}
	return true;
}

/* ---- the copy in the folder ---- */

static void restore_remove(const struct restore *r)
{
	static const char *const ends[] = { "", "-journal", "-wal", "-shm" };
	char path[RESTORE_NAME_SIZE + sizeof("-journal")];

	for (size_t i = 0; i < sizeof(ends) / sizeof(*ends) && r->fresh[0] != '\0'; i++) {
		(void)snprintf(path, sizeof(path), "%s%s", r->fresh, ends[i]);
		(void)unlink(path);
	}
}

static bool restore_pour(struct restore *r, int to, struct err *err)
{
	char *chunk = mem_new(1, RESTORE_CHUNK_SIZE);
	int64_t done = 0;
	ssize_t got = 0;
	bool ok = true;

	while (ok && (got = read(r->source, chunk, RESTORE_CHUNK_SIZE)) > 0) {
		ok = write(to, chunk, (size_t)got) == got;
		done += got;
		restore_progress(r, "copying", done, r->size);
	}
	free(chunk);
	return (ok && got == 0) || restore_failed(err, "copy the backup to", r->fresh);
}

static bool restore_take(struct restore *r, struct err *err)
{
	int to;
	bool ok;

	restore_remove(r);
	to = open(r->fresh, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR);
	if (to < 0) {
		return restore_failed(err, "make", r->fresh);
	}
	ok = restore_pour(r, to, err);
	if (close(to) != 0 && ok) {
		ok = restore_failed(err, "write", r->fresh);
	}
	return ok;
}

static bool restore_checked(void *context, int64_t done, int64_t all)
{
	restore_progress(context, "verifying", done, all);
	return true;
}

/* What the operator kept is ours, and the backup has its records, or fewer. */
static bool restore_compare(struct restore *r, struct err *err)
{
	struct keyring keys = { .count = 0 };
	struct err why = { 0 };
	struct buffer note;
	struct head head;
	bool ok;

	if (r->words->checkpoint == NULL) {
		return true;
	}
	buffer_init(&note, NOTE_SIZE_MAX);
	keyring_join(&keys, &r->own);
	keyring_join(&keys, &r->named);
	ok = file_read(r->words->checkpoint, &note, err) &&
	     (keyring_open(&keys, buffer_text(&note), &head, &why) ||
		     err_set(err, ERR_INPUT,
			     "%s: %s; tried were the %zu keys that the backup names or that have "
			     "a file in %s",
			     r->words->checkpoint, why.message, keys.count,
			     r->config->daemon.state_dir));
	keyring_done(&keys);
	buffer_done(&note);
	if (!ok) {
		return false;
	}
	if (strcmp(head.book, r->result.head.book) != 0) {
		return err_set(err, ERR_INPUT, "%s is of another book", r->words->checkpoint);
	}
	if (head.size > (uint64_t)r->result.records) {
		(void)printf("The checkpoint speaks of %" PRIu64 " records: %" PRIu64
			     " of them, at least, are lost.\n",
			head.size, head.size - (uint64_t)r->result.records);
		return true;
	}
	return check_head(r->fresh, &head, err);
}

static bool restore_verify(struct restore *r, struct err *err)
{
	const struct check_options options = { .path = r->fresh,
		.keys = &r->own,
		.pages = true,
		.step = restore_checked,
		.context = r };

	return check_file(&options, &r->result, err) && restore_compare(r, err) &&
	       copy_mark_file(r->fresh, world_now(), err);
}

/* ---- the run ---- */

static void restore_tell(const struct restore *r)
{
	(void)printf("Restored %s from %s: %" PRId64
		     " records, verified by the checkpoint of %" PRIu64 ".\n",
		r->book, r->words->value, r->result.records, r->result.head.size);
	if (r->kept[0] != '\0') {
		(void)printf("The book that was there is kept as %s.\n", r->kept);
	}
	(void)printf("It only answers until it is resumed: start alymd, then\n"
		     "    alymctl book resume --reason TEXT\n");
}

static enum alymd_status restore_do(struct restore *r, struct err *err)
{
	enum alymd_status status;

	if (!restore_open_source(r, err)) {
		return ALYMD_SYSTEM;
	}
	status = restore_enter(r, err);
	if (status != ALYMD_STOPPED) {
		return status;
	}
	if (!restore_may_begin(r, err)) {
		return ALYMD_BOOK;
	}
	if (!restore_take(r, err)) {
		return ALYMD_SYSTEM;
	}
	if (!state_keys(r->config->daemon.state_dir, r->fresh, &r->own, &r->named, err) ||
		!restore_verify(r, err)) {
		return ALYMD_BOOK;
	}
	return replacement_make(r->fresh, r->book, r->kept, err) ? ALYMD_STOPPED : ALYMD_SYSTEM;
}

enum alymd_status restore_run(const struct config *config, const struct maintenance_words *words)
{
	struct restore r = { .config = config, .words = words, .source = -1, .lock = -1 };
	struct err err = { 0 };
	enum alymd_status status;

	assert(words->value != NULL);

	status = restore_do(&r, &err);
	restore_progress_done(&r);
	if (status == ALYMD_STOPPED) {
		restore_tell(&r);
	} else {
		restore_remove(&r);
		(void)fprintf(stderr, "alymd: restore %s: %s\n", words->value, err.message);
	}
	keyring_done(&r.own);
	keyring_done(&r.named);
	if (r.source >= 0) {
		(void)close(r.source);
	}
	if (r.lock >= 0) {
		(void)close(r.lock);
	}
	return status;
}
