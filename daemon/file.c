/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/file.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"

enum { FILE_PIECE_SIZE = 4096 };

static bool file_failed(const char *doing, const char *path, struct err *err)
{
	return err_set(err, ERR_SYSTEM, "%s %s: %s", doing, path, strerror(errno));
}

/* A descriptor of a regular file, or -1. */
static int file_open(const char *path, struct stat *stat, struct err *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK); /* a FIFO must not hold us up */

	if (fd < 0) {
		(void)file_failed("open", path, err);
		return -1;
	}
	if (fstat(fd, stat) != 0) {
		(void)file_failed("look at", path, err);
		(void)close(fd);
		return -1;
	}
	if (!S_ISREG(stat->st_mode)) {
		(void)err_set(err, ERR_INPUT, "open %s: not a file", path);
		(void)close(fd);
		return -1;
	}
	return fd;
}

static bool file_read_all(int fd, const char *path, struct buffer *contents, struct err *err)
{
	char piece[FILE_PIECE_SIZE];
	bool ok = false;

	for (;;) {
		ssize_t size = read(fd, piece, sizeof(piece));

		if (size < 0 && errno == EINTR) {
			continue;
		}
		if (size < 0) {
			(void)file_failed("read", path, err);
			break;
		}
		if (size == 0) {
			ok = true;
			break;
		}
		buffer_add(contents, (struct text){ piece, (size_t)size });
		if (contents->overflowed) {
			(void)err_set(err, ERR_LIMIT, "read %s: larger than %zu bytes", path,
				contents->max);
			break;
		}
	}
	mem_wipe(piece, sizeof(piece));
	return ok;
}

static bool file_is_secret(const struct stat *stat, const char *path, struct err *err)
{
	if ((stat->st_mode & S_IROTH) != 0) {
		return err_set(err, ERR_INPUT,
			"%s is a secret that everybody may read; chmod o= it", path);
	}
	return true;
}

/* Opens a file, perhaps wants it secret, and reads it if there is somewhere to. */
static bool file_take(const char *path, bool secret, struct buffer *contents, struct err *err)
{
	struct stat stat;
	int fd;
	bool ok;

	assert(path != NULL);

	fd = file_open(path, &stat, err);
	if (fd < 0) {
		return false;
	}
	ok = (!secret || file_is_secret(&stat, path, err)) &&
	     (contents == NULL || file_read_all(fd, path, contents, err));
	(void)close(fd);
	return ok;
}

bool file_read(const char *path, struct buffer *contents, struct err *err)
{
	assert(contents != NULL);

	return file_take(path, false, contents, err);
}

bool file_read_secret(const char *path, struct buffer *contents, struct err *err)
{
	assert(contents != NULL);

	return file_take(path, true, contents, err);
}

bool file_check_secret(const char *path, struct err *err)
{
	return file_take(path, true, NULL, err);
}

void file_forget(struct buffer *contents)
{
	assert(contents != NULL);

	if (contents->bytes != NULL) {
		mem_wipe(contents->bytes, contents->capacity);
	}
	buffer_done(contents);
}

static bool file_write_all(int fd, struct text bytes)
{
	while (bytes.size > 0) {
		ssize_t written = write(fd, bytes.bytes, bytes.size);

		if (written < 0 && errno != EINTR) {
			return false;
		}
		if (written > 0) {
			bytes.bytes += written;
			bytes.size -= (size_t)written;
		}
	}
	return fsync(fd) == 0;
}

/* A name is on disk when its folder is. */
static bool file_sync_folder(const char *path)
{
	const char *slash = strrchr(path, '/');
	struct text folder = TEXT(".");
	char name[PATH_MAX];
	bool ok;
	int fd;

	if (slash != NULL) {
		folder = (struct text){ path, slash == path ? 1 : (size_t)(slash - path) };
	}
	if (!text_copy(folder, name, sizeof(name))) {
		errno = ENAMETOOLONG;
		return false;
	}
	fd = open(name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0) {
		return false;
	}
	ok = fsync(fd) == 0;
	(void)close(fd);
	return ok;
}

bool file_create(const char *path, struct text bytes, struct err *err)
{
	char draft[PATH_MAX]; /* linked to its name only when it is whole and on disk */
	bool ok = false;
	int size;
	int fd;

	assert(path != NULL);

	size = snprintf(draft, sizeof(draft), "%s.draft", path);
	if (size < 0 || (size_t)size >= sizeof(draft)) {
		return err_set(err, ERR_LIMIT, "make %s: the path is too long", path);
	}
	(void)unlink(draft); /* of a start that was cut short */
	fd = open(draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR);
	if (fd < 0) {
		return file_failed("make", draft, err);
	}
	if (!file_write_all(fd, bytes)) {
		(void)file_failed("write", draft, err);
		goto out;
	}
	if (link(draft, path) != 0 || !file_sync_folder(path)) {
		(void)file_failed("make", path, err);
		goto out;
	}
	ok = true;
out:
	(void)close(fd);
	(void)unlink(draft);
	return ok;
}
