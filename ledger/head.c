/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/head.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/id.h"

/* Takes the part behind the last slash off the end of `t`. */
static bool head_take_last(struct text *t, struct text *part)
{
	size_t at = t->size;

	while (at > 0 && t->bytes[at - 1] != '/') {
		at--;
	}
	if (at == 0) {
		return false;
	}
	*part = (struct text){ t->bytes + at, t->size - at };
	t->size = at - 1;
	return part->size > 0;
}

bool head_of(struct text note, struct head *head)
{
	struct head h = { .size = 0 };
	struct text origin;
	struct text generation;
	struct text book;
	int64_t number;

	assert(head != NULL);

	if (!note_parse(note, &origin, &h.size, &h.root) || !head_take_last(&origin, &generation) ||
		!text_parse_integer(generation, &number) || number < 1 ||
		number > ID_GENERATION_MAX || !head_take_last(&origin, &book) ||
		!text_copy(book, h.book, sizeof(h.book))) {
		return false;
	}
	h.generation = (int32_t)number;
	*head = h;
	return true;
}

enum head_result head_read(const char *path, struct head *head)
{
	char bytes[NOTE_SIZE_MAX];
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	ssize_t size;

	assert(head != NULL);

	if (fd < 0) {
		return errno == ENOENT ? HEAD_ABSENT : HEAD_BROKEN;
	}
	size = read(fd, bytes, sizeof(bytes));
	(void)close(fd);
	return size > 0 && head_of((struct text){ bytes, (size_t)size }, head) ? HEAD_READ
									       : HEAD_BROKEN;
}

static bool head_fill(int fd, struct text note)
{
	return write(fd, note.bytes, note.size) == (ssize_t)note.size && fdatasync(fd) == 0;
}

/* The folder's own entry goes to disk, too. */
static bool head_sync_folder(const char *path)
{
	char folder[PATH_MAX];
	const char *slash = strrchr(path, '/');
	size_t size = slash != NULL ? (size_t)(slash - path) : 0;
	int fd;
	bool ok;

	if (!text_copy(size > 0 ? (struct text){ path, size } : text_of(slash != NULL ? "/" : "."),
		    folder, sizeof(folder))) {
		return false;
	}
	fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	ok = fd >= 0 && fsync(fd) == 0;
	if (fd >= 0) {
		(void)close(fd);
	}
	return ok;
}

bool head_write(const char *path, struct text note, struct err *err)
{
	char fresh[PATH_MAX];
	int size = snprintf(fresh, sizeof(fresh), "%s.new", path);
	int fd;
	bool ok;

	assert(note.size > 0);

	if (size < 0 || (size_t)size >= sizeof(fresh)) {
		return err_set(err, ERR_LIMIT, "%s is too long a path", path);
	}
	fd = open(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, S_IRUSR | S_IWUSR);
	ok = fd >= 0 && head_fill(fd, note);
	if (fd >= 0) {
		ok = close(fd) == 0 && ok;
	}
	if (!ok || rename(fresh, path) != 0 || !head_sync_folder(path)) {
		return err_set(err, ERR_SYSTEM, "write %s: %s", path, strerror(errno));
	}
	return true;
}
