/* SPDX-License-Identifier: Apache-2.0 */
#include <fcntl.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "daemon/replacement.h"
#include "tests/alym_test.h"

enum { FOLDER_SIZE = 64, PATH_SIZE = 128, CONTENT_SIZE = 32, SECONDS = 30 };

static int open_folder(void **state)
{
	char *folder = calloc(1, FOLDER_SIZE);

	(void)snprintf(folder, FOLDER_SIZE, "/tmp/alym-replacement-XXXXXX");
	assert_non_null(mkdtemp(folder));
	*state = folder;
	return 0;
}

/* The files of the folder; the caller frees them. */
static glob_t look(const char *folder)
{
	char pattern[PATH_SIZE];
	glob_t files;

	(void)snprintf(pattern, sizeof(pattern), "%s/*", folder);
	assert_int_equal(glob(pattern, 0, NULL, &files), 0);
	return files;
}

static int close_folder(void **state)
{
	glob_t files = look(*state);

	for (size_t i = 0; i < files.gl_pathc; i++) {
		assert_int_equal(unlink(files.gl_pathv[i]), 0);
	}
	globfree(&files);
	assert_int_equal(rmdir(*state), 0);
	free(*state);
	return 0;
}

static void path_of(void **state, const char *name, char path[PATH_SIZE])
{
	(void)snprintf(path, PATH_SIZE, "%s/%s", (const char *)*state, name);
}

static void put(void **state, const char *name, const char *content)
{
	char path[PATH_SIZE];
	int fd;

	path_of(state, name, path);
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, content, strlen(content)), strlen(content));
	assert_int_equal(close(fd), 0);
}

static void assert_content(const char *path, const char *content)
{
	char read_back[CONTENT_SIZE] = "";
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	assert_true(fd >= 0);
	assert_true(read(fd, read_back, sizeof(read_back) - 1) >= 0);
	assert_int_equal(close(fd), 0);
	assert_string_equal(read_back, content);
}

static void the_old_file_is_kept_with_its_log(void **state)
{
	char kept[REPLACEMENT_PATH_SIZE];
	char log[REPLACEMENT_PATH_SIZE + sizeof("-wal")];
	char fresh[PATH_SIZE];
	char book[PATH_SIZE];
	struct err err = { 0 };
	glob_t files;

	put(state, "book.db", "old");
	put(state, "book.db-wal", "its log");
	put(state, "book.db-shm", "its index");
	put(state, "fresh", "new");
	path_of(state, "fresh", fresh);
	path_of(state, "book.db", book);
	assert_true(replacement_make(fresh, book, kept, &err));
	assert_content(book, "new");
	assert_content(kept, "old");
	(void)snprintf(log, sizeof(log), "%s-wal", kept);
	assert_content(log, "its log");
	files = look(*state);
	assert_int_equal(files.gl_pathc, 3);
	globfree(&files);
}

static void a_log_that_was_kept_before_stays(void **state)
{
	char kept[REPLACEMENT_PATH_SIZE];
	char name[CONTENT_SIZE];
	char fresh[PATH_SIZE];
	char book[PATH_SIZE];
	char log[PATH_SIZE];
	struct err err = { 0 };
	time_t now = time(NULL);

	put(state, "book.db", "old");
	put(state, "book.db-wal", "its log");
	put(state, "fresh", "new");
	/* Of the names that it may get, whichever second it is. */
	for (time_t at = now; at < now + SECONDS; at++) {
		(void)strftime(name, sizeof(name), "book.db.%Y%m%dT%H%M%SZ-wal", gmtime(&at));
		put(state, name, "another log");
	}
	path_of(state, "fresh", fresh);
	path_of(state, "book.db", book);
	path_of(state, "book.db-wal", log);
	assert_false(replacement_make(fresh, book, kept, &err));
	/* Nothing was begun: the book is not without its log, at no moment. */
	assert_content(book, "old");
	assert_content(log, "its log");
	path_of(state, name, book);
	assert_content(book, "another log");
}

static void where_no_file_was_none_is_kept(void **state)
{
	char kept[REPLACEMENT_PATH_SIZE] = "something";
	char fresh[PATH_SIZE];
	char book[PATH_SIZE];
	struct err err = { 0 };

	put(state, "fresh", "new");
	path_of(state, "fresh", fresh);
	path_of(state, "book.db", book);
	assert_true(replacement_make(fresh, book, kept, &err));
	assert_content(book, "new");
	assert_string_equal(kept, "");
}

static void without_a_new_file_the_old_one_stays(void **state)
{
	char kept[REPLACEMENT_PATH_SIZE];
	char fresh[PATH_SIZE];
	char book[PATH_SIZE];
	struct err err = { 0 };

	put(state, "book.db", "old");
	path_of(state, "fresh", fresh);
	path_of(state, "book.db", book);
	assert_false(replacement_make(fresh, book, kept, &err));
	assert_non_null(strstr(err.message, "fresh"));
	assert_content(book, "old");
}

static void a_path_without_room_for_the_time_is_refused(void **state)
{
	char kept[REPLACEMENT_PATH_SIZE];
	char book[REPLACEMENT_PATH_SIZE];
	char fresh[PATH_SIZE];
	struct err err = { 0 };

	put(state, "fresh", "new");
	path_of(state, "fresh", fresh);
	memset(book, 'b', sizeof(book));
	book[sizeof(book) - 1] = '\0';
	assert_false(replacement_make(fresh, book, kept, &err));
	assert_int_equal(err.kind, ERR_LIMIT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(the_old_file_is_kept_with_its_log, open_folder,
			close_folder),
		cmocka_unit_test_setup_teardown(a_log_that_was_kept_before_stays, open_folder,
			close_folder),
		cmocka_unit_test_setup_teardown(where_no_file_was_none_is_kept, open_folder,
			close_folder),
		cmocka_unit_test_setup_teardown(without_a_new_file_the_old_one_stays, open_folder,
			close_folder),
		cmocka_unit_test_setup_teardown(a_path_without_room_for_the_time_is_refused,
			open_folder, close_folder),
	};

	return cmocka_run_group_tests_name("daemon/replacement", tests, NULL, NULL);
}
