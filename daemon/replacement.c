/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/replacement.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "daemon/world.h"

enum { REPLACEMENT_STAMP_SIZE = 17, REPLACEMENT_END_SIZE = 5 }; /* the longest end: "-wal" */

static bool replacement_failed(struct err *err, const char *doing, const char *path)
{
	return err_set(err, ERR_SYSTEM, "%s %s: %s", doing, path, strerror(errno));
}

static bool replacement_sync(const char *path, int flags, struct err *err)
{
	int fd = open(path, flags | O_RDONLY | O_CLOEXEC);
	bool ok = fd >= 0 && fsync(fd) == 0;

	if (!ok) {
		(void)replacement_failed(err, "put on disk", path);
	}
	if (fd >= 0) {
		(void)close(fd);
	}
	return ok;
}

static bool replacement_sync_folder(const char *path, struct err *err)
{
	char folder[REPLACEMENT_PATH_SIZE] = ".";
	const char *slash = strrchr(path, '/');

	if (slash != NULL) {
		(void)snprintf(folder, sizeof(folder), "%.*s", (int)(slash - path) + 1, path);
	}
	return replacement_sync(folder, O_DIRECTORY, err);
}

/* The book, with its log or without one.  It without its log would open too old, and another book
 * must not find that log: so the log gets its new name before the book does, and loses the old one
 * after. */
static bool replacement_move(const char *const from[2], const char *const to[2], struct err *err)
{
	if (link(from[1], to[1]) != 0 && errno != ENOENT) {
		return replacement_failed(err, "put aside", from[1]);
	}
	if (rename(from[0], to[0]) != 0 && errno != ENOENT) {
		return replacement_failed(err, "put aside", from[0]);
	}
	return unlink(from[1]) == 0 || errno == ENOENT ||
	       replacement_failed(err, "put aside", from[1]);
}

static bool replacement_put_aside(const char *book, char kept[REPLACEMENT_PATH_SIZE],
	struct err *err)
{
	char log[REPLACEMENT_PATH_SIZE + REPLACEMENT_END_SIZE];
	char kept_log[REPLACEMENT_PATH_SIZE + REPLACEMENT_END_SIZE];
	char index[REPLACEMENT_PATH_SIZE + REPLACEMENT_END_SIZE];
	char stamp[REPLACEMENT_STAMP_SIZE];
	time_t now = (time_t)world_now();
	struct tm tm;
	bool was = access(book, F_OK) == 0;

	(void)gmtime_r(&now, &tm);
	(void)strftime(stamp, sizeof(stamp), "%Y%m%dT%H%M%SZ", &tm);
	(void)snprintf(kept, REPLACEMENT_PATH_SIZE, "%s.%s", book, stamp);
	(void)snprintf(log, sizeof(log), "%s-wal", book);
	(void)snprintf(kept_log, sizeof(kept_log), "%s-wal", kept);
	(void)snprintf(index, sizeof(index), "%s-shm", book);
	if (access(kept, F_OK) == 0) {
		return err_set(err, ERR_INPUT, "%s is there already: come again in a second", kept);
	}
	if (!replacement_move((const char *[]){ book, log }, (const char *[]){ kept, kept_log },
		    err)) {
		return false;
	}
	(void)unlink(index);
	if (!was) {
		kept[0] = '\0';
	}
	return replacement_sync_folder(book, err);
}

bool replacement_make(const char *fresh, const char *book, char kept[REPLACEMENT_PATH_SIZE],
	struct err *err)
{
	assert(fresh != NULL && book != NULL);

	if (strlen(book) + 1 + REPLACEMENT_STAMP_SIZE > REPLACEMENT_PATH_SIZE) {
		return err_set(err, ERR_LIMIT, "%s is too long a path", book);
	}
	return replacement_sync(fresh, 0, err) && replacement_put_aside(book, kept, err) &&
	       (rename(fresh, book) == 0 || replacement_failed(err, "put in place", book)) &&
	       replacement_sync_folder(book, err);
}
