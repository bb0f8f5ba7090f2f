/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/store_log.h"

#include <assert.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "ledger/store_sqlite.h"

enum { STORE_LOG_CHUNK_SIZE = 65536 };

/* The VFS's own file lies behind it. */
struct store_log {
	const char *name; /* as SQLite names it to a VFS, which may keep it */
	bool failed;
};

_Static_assert(sizeof(struct store_log) % sizeof(void *) == 0, "what lies behind it is aligned");

static sqlite3_file *store_log_file(struct store_log *log)
{
	return (sqlite3_file *)(void *)(log + 1);
}

void store_log_close(struct store_log **log)
{
	struct store_log *l;

	assert(log != NULL);

	l = *log;
	*log = NULL;
	if (l == NULL) {
		return;
	}
	if (store_log_file(l)->pMethods != NULL) {
		(void)store_log_file(l)->pMethods->xClose(store_log_file(l));
	}
	sqlite3_free_filename(l->name);
	free(l);
}

/* Writes each byte of an open file over itself, and syncs it. */
static int store_log_write_over(sqlite3_file *file)
{
	unsigned char *chunk = mem_new(1, STORE_LOG_CHUNK_SIZE);
	sqlite3_int64 size = 0;
	int rc = file->pMethods->xFileSize(file, &size);

	for (sqlite3_int64 at = 0; rc == SQLITE_OK && at < size; at += STORE_LOG_CHUNK_SIZE) {
		int left =
			size - at < STORE_LOG_CHUNK_SIZE ? (int)(size - at) : STORE_LOG_CHUNK_SIZE;

		rc = file->pMethods->xRead(file, chunk, left, at);
		if (rc == SQLITE_OK) {
			rc = file->pMethods->xWrite(file, chunk, left, at);
		}
	}
	free(chunk);
	return rc == SQLITE_OK ? file->pMethods->xSync(file, SQLITE_SYNC_NORMAL) : rc;
}

/* NULL without an error: `if_any`, and there is none, or an empty one. */
static bool store_log_find(const char *path, const char *vfs_name, bool if_any,
	struct store_log **log, struct err *err)
{
	sqlite3_vfs *vfs = sqlite3_vfs_find(vfs_name);
	struct store_log *l;
	char *full = NULL;
	int flags = SQLITE_OPEN_WAL | SQLITE_OPEN_READWRITE;
	int there = 1;
	int rc;

	assert(vfs != NULL);

	l = mem_new(1, sizeof(*l) + (size_t)vfs->szOsFile);
	full = mem_new(1, (size_t)vfs->mxPathname + sizeof("-wal"));
	rc = vfs->xFullPathname(vfs, path, vfs->mxPathname + 1, full);
	if (rc != SQLITE_OK && rc != SQLITE_OK_SYMLINK) {
		goto out;
	}
	memcpy(full + strlen(full), "-wal", sizeof("-wal"));
	l->name = sqlite3_create_filename(full, "", full, 0, NULL);
	if (l->name == NULL) {
		rc = SQLITE_NOMEM;
		goto out;
	}
	rc = if_any ? vfs->xAccess(vfs, full, SQLITE_ACCESS_EXISTS, &there) : SQLITE_OK;
	if (rc == SQLITE_OK && there != 0) {
		rc = vfs->xOpen(vfs, l->name, store_log_file(l), flags, &flags);
	}
	if (rc == SQLITE_OK && there != 0) {
		*log = l;
		l = NULL;
	}
out:
	store_log_close(&l);
	free(full);
	return rc == SQLITE_OK ||
	       err_set(err, ERR_DATABASE, "open the log of %s: SQLite %d", path, rc);
}

bool store_log_renew(const char *path, const char *vfs_name, struct err *err)
{
	struct store_log *log = NULL;
	int rc = SQLITE_OK;

	if (!store_log_find(path, vfs_name, true, &log, err)) {
		return false;
	}
	if (log != NULL) {
		rc = store_log_write_over(store_log_file(log));
	}
	store_log_close(&log);
	return rc == SQLITE_OK ||
	       err_set(err, ERR_DATABASE, "write the log of %s over itself: SQLite %d", path, rc);
}

bool store_log_open(const char *path, const char *vfs, struct store_log **log, struct err *err)
{
	assert(log != NULL && *log == NULL);

	return store_log_find(path, vfs, false, log, err);
}

bool store_log_sync(struct store_log *log, struct err *err)
{
	bool ok;

	assert(log != NULL);

	ok = store_sqlite_sync(store_log_file(log), err);
	log->failed = log->failed || !ok;
	return ok;
}

bool store_log_failed(const struct store_log *log)
{
	return log != NULL && log->failed;
}
