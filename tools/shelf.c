/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/shelf.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"

enum { SHELF_FOLDER_MODE = 0777, SHELF_FILE_MODE = 0666, SHELF_PATH_SIZE = 256 };

/* A web server does not show what begins with a dot, and one name is enough. */
#define SHELF_DRAFT ".incomplete"

struct shelf {
	int fd; /* of the folder; locked */
	char *folder;
};

static bool shelf_failed(const struct shelf *s, const char *doing, const char *path,
	struct err *err)
{
	return err_set(err, ERR_SYSTEM, "%s %s/%s: %s", doing, s->folder, path, strerror(errno));
}

bool shelf_open(const char *folder, struct shelf **shelf, struct err *err)
{
	struct shelf *s = mem_new(1, sizeof(*s));

	assert(folder != NULL);
	assert(*shelf == NULL);

	s->folder = mem_copy(folder, strlen(folder) + 1);
	s->fd = -1;
	if (mkdir(folder, SHELF_FOLDER_MODE) != 0 && errno != EEXIST) {
		(void)err_set(err, ERR_SYSTEM, "make %s: %s", folder, strerror(errno));
		goto out;
	}
	s->fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (s->fd < 0) {
		(void)err_set(err, ERR_SYSTEM, "open %s: %s", folder, strerror(errno));
		goto out;
	}
	if (flock(s->fd, LOCK_EX | LOCK_NB) != 0) {
		(void)err_set(err, ERR_SYSTEM, "another program is writing to %s", folder);
		goto out;
	}
	*shelf = s;
	return true;
out:
	shelf_close(&s);
	return false;
}

void shelf_close(struct shelf **shelf)
{
	struct shelf *s = *shelf;

	*shelf = NULL;
	if (s == NULL) {
		return;
	}
	if (s->fd >= 0) {
		(void)close(s->fd);
	}
	free(s->folder);
	free(s);
}

bool shelf_read(struct shelf *s, const char *path, struct buffer *bytes, bool *found,
	struct err *err)
{
	int fd = openat(s->fd, path, O_RDONLY | O_CLOEXEC);
	char piece[4096];
	ssize_t size;

	*found = fd >= 0;
	if (fd < 0) {
		return errno == ENOENT || shelf_failed(s, "open", path, err);
	}
	while ((size = read(fd, piece, sizeof(piece))) > 0) {
		buffer_add(bytes, (struct text){ piece, (size_t)size });
	}
	if (size < 0) {
		(void)shelf_failed(s, "read", path, err);
	}
	(void)close(fd);
	return size == 0;
}

/* The folders that stand before the last slash. */
static bool shelf_make_folders(const struct shelf *s, const char *path, struct err *err)
{
	char part[SHELF_PATH_SIZE];

	for (size_t i = 0; path[i] != '\0'; i++) {
		if (path[i] != '/') {
			continue;
		}
		if (!text_copy((struct text){ path, i }, part, sizeof(part))) {
			return err_set(err, ERR_LIMIT, "%s is too long a path", path);
		}
		if (mkdirat(s->fd, part, SHELF_FOLDER_MODE) != 0 && errno != EEXIST) {
			return shelf_failed(s, "make", part, err);
		}
	}
	return true;
}

static bool shelf_fill(int fd, struct text bytes)
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
	return true;
}

bool shelf_write(struct shelf *s, const char *path, struct text bytes, struct err *err)
{
	int fd;
	bool filled;

	if (!shelf_make_folders(s, path, err)) {
		return false;
	}
	fd = openat(s->fd, SHELF_DRAFT, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, SHELF_FILE_MODE);
	if (fd < 0) {
		return shelf_failed(s, "open", SHELF_DRAFT, err);
	}
	filled = shelf_fill(fd, bytes);
	if (close(fd) != 0 || !filled) {
		return shelf_failed(s, "write", path, err);
	}
	return renameat(s->fd, SHELF_DRAFT, s->fd, path) == 0 || shelf_failed(s, "name", path, err);
}

bool shelf_settle(struct shelf *s, struct err *err)
{
	return syncfs(s->fd) == 0 || shelf_failed(s, "put on disk", ".", err);
}

void shelf_drop(struct shelf *s, const char *path)
{
	int fd = openat(s->fd, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *folder = fd >= 0 ? fdopendir(fd) : NULL;

	if (folder == NULL) {
		if (fd >= 0) {
			(void)close(fd);
		}
		return;
	}
	for (struct dirent *entry; (entry = readdir(folder)) != NULL;) {
		(void)unlinkat(fd, entry->d_name, 0);
	}
	(void)closedir(folder);
	(void)unlinkat(s->fd, path, AT_REMOVEDIR);
}
