/* SPDX-License-Identifier: Apache-2.0 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/state.h"
#include "tests/alym_test.h"

enum { FOLDER_SIZE = 64 };

static int open_folder(void **state)
{
	char *folder = calloc(1, FOLDER_SIZE);

	(void)snprintf(folder, FOLDER_SIZE, "/tmp/alym-state-XXXXXX");
	assert_non_null(mkdtemp(folder));
	*state = folder;
	return 0;
}

static void remove_file(const char *folder, const char *name)
{
	char path[STATE_PATH_SIZE];

	assert_in_range(snprintf(path, sizeof(path), "%s/%s", folder, name), 1, sizeof(path) - 1);
	(void)unlink(path);
}

static int close_folder(void **state)
{
	remove_file(*state, "checkpoint.key");
	remove_file(*state, "book.db");
	remove_file(*state, "founded");
	assert_int_equal(rmdir(*state), 0);
	free(*state);
	return 0;
}

static void the_key_is_made_once(void **state)
{
	uint8_t first[NOTE_SEED_SIZE];
	uint8_t again[NOTE_SEED_SIZE];
	struct err err = { 0 };

	assert_true(state_key(*state, first, &err));
	assert_true(state_key(*state, again, &err));
	assert_memory_equal(first, again, sizeof(first));
}

/* A new key would sign for another origin; auditors could not tell that from a forged book. */
static void a_book_without_its_key_gets_no_other(void **state)
{
	uint8_t seed[NOTE_SEED_SIZE];
	char path[STATE_PATH_SIZE];
	struct err err = { 0 };
	int fd;

	assert_true(state_book(*state, path));
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL, 0600);
	assert_true(fd >= 0);
	(void)close(fd);
	assert_false(state_key(*state, seed, &err));
	assert_non_null(strstr(err.message, "restore it"));
	(void)snprintf(path, sizeof(path), "%s/checkpoint.key", (const char *)*state);
	assert_int_not_equal(access(path, F_OK), 0);
}

/* Each is a file of its own, which nobody else may read. */
static void a_later_key_is_found_by_its_public_half(void **state)
{
	uint8_t made[NOTE_SEED_SIZE];
	uint8_t other[NOTE_SEED_SIZE];
	uint8_t read[NOTE_SEED_SIZE];
	const uint8_t unknown[NOTE_PUBLIC_SIZE] = { 0x0f, 0x3a, 0x9c, 0x21 };
	char digits[2 * 8 + 1];
	char path[STATE_PATH_SIZE];
	struct note_key *key = NULL;
	struct err err = { 0 };
	struct stat st;

	assert_true(state_make_key(*state, made, &err));
	assert_true(state_make_key(*state, other, &err));
	assert_memory_not_equal(made, other, sizeof(made));
	assert_true(note_key_new(made, "any", &key, &err));
	assert_true(state_later_key(*state, note_key_public(key), read, &err));
	assert_memory_equal(made, read, sizeof(made));
	text_hex(note_key_public(key), 8, digits);
	(void)snprintf(path, sizeof(path), "%s/checkpoint-%s.key", (const char *)*state, digits);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(unlink(path), 0);
	assert_false(state_later_key(*state, note_key_public(key), read, &err));
	assert_non_null(strstr(err.message, digits));
	assert_non_null(strstr(err.message, "restore it"));
	note_key_free(&key);
	assert_false(state_later_key(*state, unknown, read, &err));
	assert_non_null(strstr(err.message, "checkpoint-0f3a9c2100000000.key"));
	assert_true(note_key_new(other, "any", &key, &err));
	text_hex(note_key_public(key), 8, digits);
	note_key_free(&key);
	(void)snprintf(path, sizeof(path), "checkpoint-%s.key", digits);
	remove_file(*state, path);
}

static void write_book(const char *folder, const char *bytes)
{
	char path[STATE_PATH_SIZE];
	int fd;

	assert_true(state_book(folder, path));
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, bytes, strlen(bytes)), strlen(bytes));
	(void)close(fd);
}

/* It would give out every number again, and forget every key and operation. */
static void a_lost_book_gets_no_new_one_in_its_place(void **state)
{
	struct err err = { 0 };

	assert_true(state_expect_book(*state, &err)); /* a first start, also after a cut one */
	write_book(*state, "SQLite format 3");
	assert_true(state_found_book(*state, &err));
	assert_true(state_found_book(*state, &err));
	assert_true(state_expect_book(*state, &err));
	write_book(*state, "");
	assert_false(state_expect_book(*state, &err));
	assert_non_null(strstr(err.message, "restore it"));
	remove_file(*state, "book.db");
	assert_false(state_expect_book(*state, &err));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(the_key_is_made_once, open_folder, close_folder),
		cmocka_unit_test_setup_teardown(a_later_key_is_found_by_its_public_half,
			open_folder, close_folder),
		cmocka_unit_test_setup_teardown(a_lost_book_gets_no_new_one_in_its_place,
			open_folder, close_folder),
		cmocka_unit_test_setup_teardown(a_book_without_its_key_gets_no_other, open_folder,
			close_folder),
	};

	return cmocka_run_group_tests_name("daemon/state", tests, NULL, NULL);
}
