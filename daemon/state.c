/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/state.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/text.h"
#include "daemon/file.h"
#include "ledger/copy.h"

enum { STATE_OWNER_SIZE = 16 };

/* Of a public key, in the name of its file; and such a name. */
enum { STATE_KEY_BYTES = 8, STATE_KEY_NAME_SIZE = 40 };

static bool state_path(const char *folder, const char *name, char path[STATE_PATH_SIZE])
{
	int size = snprintf(path, STATE_PATH_SIZE, "%s/%s", folder, name);

	return size > 0 && size < STATE_PATH_SIZE;
}

bool state_book(const char *folder, char path[STATE_PATH_SIZE])
{
	return state_path(folder, "book.db", path);
}

bool state_copy(const char *folder, char path[STATE_PATH_SIZE])
{
	return state_path(folder, "backup.db", path);
}

bool state_head(const char *folder, char path[STATE_PATH_SIZE])
{
	return state_path(folder, "head", path);
}

static bool state_failed(struct err *err, const char *doing, const char *path)
{
	return err_set(err, ERR_SYSTEM, "%s %s: %s", doing, path, strerror(errno));
}

bool state_make(const char *folder, uid_t uid, gid_t gid, struct err *err)
{
	struct stat stat;

	assert(folder != NULL);

	if (mkdir(folder, S_IRWXU) == 0) {
		if (uid != (uid_t)-1 && chown(folder, uid, gid) != 0) {
			return state_failed(err, "give away state_dir", folder);
		}
		return true;
	}
	if (errno != EEXIST) {
		return state_failed(err, "make state_dir", folder);
	}
	if (lstat(folder, &stat) != 0) {
		return state_failed(err, "look at state_dir", folder);
	}
	if (!S_ISDIR(stat.st_mode)) {
		return err_set(err, ERR_INPUT, "state_dir %s is not a folder", folder);
	}
	if ((stat.st_mode & (S_IWGRP | S_IWOTH)) != 0) {
		return err_set(err, ERR_INPUT,
			"state_dir %s is a folder others may write to; use one of its own", folder);
	}
	if ((stat.st_mode & (S_IRWXG | S_IRWXO)) != 0 && chmod(folder, S_IRWXU) != 0) {
		return state_failed(err, "close to others state_dir", folder);
	}
	return true;
}

/* Who has it wrote their number into it. */
static enum state_lock state_taken(int fd, const char *path, struct err *err)
{
	char owner[STATE_OWNER_SIZE];
	ssize_t size = pread(fd, owner, sizeof(owner) - 1, 0);

	owner[size > 0 ? size : 0] = '\0';
	owner[strcspn(owner, "\n")] = '\0';
	(void)close(fd);
	(void)err_set(err, ERR_SYSTEM, "another alymd (process %s) runs on %s",
		owner[0] != '\0' ? owner : "unknown", path);
	return STATE_TAKEN;
}

/* A daemon that was killed may have left a copy of the book. */
static void state_sweep(const char *folder)
{
	char path[STATE_PATH_SIZE];

	if (state_copy(folder, path)) {
		copy_sweep(path);
	}
}

enum state_lock state_lock(const char *folder, int *fd, struct err *err)
{
	char path[STATE_PATH_SIZE];
	char owner[STATE_OWNER_SIZE];
	int lock;
	int size;

	assert(fd != NULL);

	if (!state_path(folder, "alymd.lock", path)) {
		(void)err_set(err, ERR_LIMIT, "state_dir %s is too long a path", folder);
		return STATE_FAILED;
	}
	lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, S_IRUSR | S_IWUSR);
	if (lock < 0) {
		(void)state_failed(err, "open", path);
		return STATE_FAILED;
	}
	if (flock(lock, LOCK_EX | LOCK_NB) != 0) {
		if (errno == EWOULDBLOCK) {
			return state_taken(lock, folder, err);
		}
		(void)state_failed(err, "lock", path);
		(void)close(lock);
		return STATE_FAILED;
	}
	size = snprintf(owner, sizeof(owner), "%ld\n", (long)getpid());
	assert(size > 0 && (size_t)size < sizeof(owner));
	if (ftruncate(lock, 0) != 0 || pwrite(lock, owner, (size_t)size, 0) != size) {
		(void)state_failed(err, "write", path);
		(void)close(lock);
		return STATE_FAILED;
	}
	state_sweep(folder);
	*fd = lock;
	return STATE_LOCKED;
}

static bool state_draw_seed(uint8_t seed[NOTE_SEED_SIZE], const char *folder, struct err *err)
{
	return getrandom(seed, NOTE_SEED_SIZE, 0) == NOTE_SEED_SIZE ||
	       state_failed(err, "ask for random bytes for", folder);
}

static bool state_write_key(const char *path, const uint8_t seed[NOTE_SEED_SIZE], struct err *err)
{
	return file_create(path, (struct text){ (const char *)seed, NOTE_SEED_SIZE }, err);
}

/* Makes the key of a book that is still to be founded; one that exists has signed with its own. */
static bool state_first_key(const char *folder, const char *path, struct err *err)
{
	char book[STATE_PATH_SIZE];
	uint8_t seed[NOTE_SEED_SIZE];
	bool ok;

	if (errno != ENOENT) {
		return state_failed(err, "look for", path);
	}
	if (!state_book(folder, book)) {
		return err_set(err, ERR_LIMIT, "state_dir %s is too long a path", folder);
	}
	if (access(book, F_OK) == 0) {
		return err_set(err, ERR_INPUT, "%s is gone, and %s was signed with it; restore it",
			path, book);
	}
	ok = state_draw_seed(seed, folder, err) && state_write_key(path, seed, err);
	mem_wipe(seed, sizeof(seed));
	return ok;
}

static bool state_read_key(const char *path, uint8_t seed[NOTE_SEED_SIZE], struct err *err)
{
	struct buffer bytes;
	bool ok;

	buffer_init(&bytes, NOTE_SEED_SIZE + 1);
	ok = file_read_secret(path, &bytes, err);
	if (ok && bytes.size != NOTE_SEED_SIZE) {
		ok = err_set(err, ERR_INPUT, "%s does not have %d bytes; restore it", path,
			NOTE_SEED_SIZE);
	}
	if (ok) {
		memcpy(seed, bytes.bytes, NOTE_SEED_SIZE);
	}
	file_forget(&bytes);
	return ok;
}

bool state_key(const char *folder, uint8_t seed[NOTE_SEED_SIZE], struct err *err)
{
	char path[STATE_PATH_SIZE];

	if (!state_path(folder, "checkpoint.key", path)) {
		return err_set(err, ERR_LIMIT, "state_dir %s is too long a path", folder);
	}
	return (access(path, F_OK) == 0 || state_first_key(folder, path, err)) &&
	       state_read_key(path, seed, err);
}

/* "FOLDER/checkpoint-0f3a9c21aabbccdd.key", by the public half. */
static bool state_later_path(const char *folder, const uint8_t public[NOTE_PUBLIC_SIZE],
	char path[STATE_PATH_SIZE], struct err *err)
{
	char digits[2 * STATE_KEY_BYTES + 1];
	char name[STATE_KEY_NAME_SIZE];

	text_hex(public, STATE_KEY_BYTES, digits);
	(void)snprintf(name, sizeof(name), "checkpoint-%s.key", digits);
	return state_path(folder, name, path) ||
	       err_set(err, ERR_LIMIT, "state_dir %s is too long a path", folder);
}

bool state_make_key(const char *folder, uint8_t seed[NOTE_SEED_SIZE], struct err *err)
{
	char path[STATE_PATH_SIZE];
	struct note_key *key = NULL;
	bool ok;

	assert(seed != NULL);

	ok = state_draw_seed(seed, folder, err) && note_key_new(seed, "state", &key, err) &&
	     state_later_path(folder, note_key_public(key), path, err) &&
	     state_write_key(path, seed, err);
	note_key_free(&key);
	if (!ok) {
		mem_wipe(seed, NOTE_SEED_SIZE);
	}
	return ok;
}

static bool state_is_gone(const char *path, struct err *err)
{
	return err_set(err, ERR_INPUT, "%s is gone, and the book signs with it; restore it", path);
}

bool state_later_key(const char *folder, const uint8_t public[NOTE_PUBLIC_SIZE],
	uint8_t seed[NOTE_SEED_SIZE], struct err *err)
{
	char path[STATE_PATH_SIZE];

	assert(public != NULL);

	if (!state_later_path(folder, public, path, err)) {
		return false;
	}
	return (access(path, F_OK) == 0 || state_is_gone(path, err)) &&
	       state_read_key(path, seed, err);
}

static bool state_add_key(const char *path, struct keyring *keys, struct err *err)
{
	uint8_t seed[NOTE_SEED_SIZE];
	struct note_key *key = NULL;
	bool ok = state_read_key(path, seed, err) && note_key_new(seed, "state", &key, err);

	if (ok) {
		keyring_add(keys, note_key_public(key));
	}
	note_key_free(&key);
	mem_wipe(seed, sizeof(seed));
	return ok;
}

/* Those that took the place of another, whether or not a book knows of it. */
static bool state_add_later_keys(const char *folder, struct keyring *keys, struct err *err)
{
	DIR *files = opendir(folder);
	const struct dirent *file;
	bool ok = true;

	if (files == NULL) {
		return state_failed(err, "look into", folder);
	}
	while (ok && (file = readdir(files)) != NULL) {
		char path[STATE_PATH_SIZE];

		if (fnmatch("checkpoint-*.key", file->d_name, 0) == 0 &&
			state_path(folder, file->d_name, path)) {
			ok = state_add_key(path, keys, err);
		}
	}
	(void)closedir(files);
	return ok;
}

bool state_keys(const char *folder, const char *book, struct keyring *own, struct keyring *named,
	struct err *err)
{
	char path[STATE_PATH_SIZE];

	if (!state_path(folder, "checkpoint.key", path)) {
		return err_set(err, ERR_LIMIT, "state_dir %s is too long a path", folder);
	}
	if (access(path, F_OK) != 0) {
		return err_set(err, ERR_INPUT,
			"%s is not there, and the book is verified by it: put it back from where "
			"you keep it",
			path);
	}
	if (!state_add_key(path, own, err) || !state_add_later_keys(folder, own, err) ||
		!keyring_add_named_in(named, book, err)) {
		return false;
	}
	if (named->count > 0 && !keyring_has(own, named->publics[0])) {
		return state_later_path(folder, named->publics[0], path, err) &&
		       state_is_gone(path, err);
	}
	return true;
}

/* The file that says that there was a book here. */
static bool state_mark(const char *folder, char path[STATE_PATH_SIZE], struct err *err)
{
	return state_path(folder, "founded", path) ||
	       err_set(err, ERR_LIMIT, "state_dir %s is too long a path", folder);
}

bool state_expect_book(const char *folder, struct err *err)
{
	char mark[STATE_PATH_SIZE];
	char book[STATE_PATH_SIZE];
	struct stat st;

	if (!state_mark(folder, mark, err)) {
		return false;
	}
	if (access(mark, F_OK) != 0 || !state_book(folder, book)) {
		return true; /* no book was founded here yet */
	}
	if (stat(book, &st) != 0 || st.st_size == 0) {
		return err_set(err, ERR_INPUT,
			"%s is missing or empty, and there was a book here (%s): restore it; a new one "
			"would number and book everything again",
			book, mark);
	}
	return true;
}

bool state_found_book(const char *folder, struct err *err)
{
	char mark[STATE_PATH_SIZE];

	if (!state_mark(folder, mark, err)) {
		return false;
	}
	return access(mark, F_OK) == 0 || file_create(mark, TEXT("a book was founded here\n"), err);
}
