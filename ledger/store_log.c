/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/store_log.h"

#include <assert.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

enum { STORE_LOG_CHUNK_SIZE = 65536 };

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

bool store_log_renew(const char *path, const char *vfs_name, struct err *err)
{
	sqlite3_vfs *vfs = sqlite3_vfs_find(vfs_name);
	const char *log = NULL; /* as SQLite names it to a VFS */
	sqlite3_file *file = NULL;
	char *full = NULL;
	int flags = SQLITE_OPEN_WAL | SQLITE_OPEN_READWRITE;
	int there = 0;
	int rc;

	assert(vfs != NULL);

	file = mem_new(1, (size_t)vfs->szOsFile);
	full = mem_new(1, (size_t)vfs->mxPathname + sizeof("-wal"));
	rc = vfs->xFullPathname(vfs, path, vfs->mxPathname + 1, full);
	if (rc != SQLITE_OK && rc != SQLITE_OK_SYMLINK) {
		goto out;
	}
	memcpy(full + strlen(full), "-wal", sizeof("-wal"));
	log = sqlite3_create_filename(full, "", full, 0, NULL);
	rc = vfs->xAccess(vfs, full, SQLITE_ACCESS_EXISTS, &there);
	if (rc != SQLITE_OK || there == 0) {
		goto out;
	}
	rc = vfs->xOpen(vfs, log, file, flags, &flags);
	if (rc == SQLITE_OK) {
		rc = store_log_write_over(file);
	}
out:
	if (file->pMethods != NULL) {
		(void)file->pMethods->xClose(file);
	}
	sqlite3_free_filename(log);
	free(full);
	free(file);
	return rc == SQLITE_OK ||
	       err_set(err, ERR_DATABASE, "write the log of %s over itself: SQLite %d", path, rc);
}
