/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "ledger/keyset.h"
#include "ledger/store_sqlite.h"
#include "tests/alym_test.h"

enum { NAME = 2, WINDOW = 8 };

struct shelf {
	char folder[64];
	char path[96];
	struct store *store;
};

/* A book's store, in a transaction that is never committed. */
static int open_shelf(void **state)
{
	struct shelf *shelf = mem_new(1, sizeof(*shelf));
	struct err err = { 0 };

	(void)snprintf(shelf->folder, sizeof(shelf->folder), "/tmp/alym-keyset-XXXXXX");
	assert_non_null(mkdtemp(shelf->folder));
	(void)snprintf(shelf->path, sizeof(shelf->path), "%s/book.db", shelf->folder);
	assert_true(store_open(shelf->path, NULL, STORE_WRITE, &shelf->store, &err));
	store_begin(shelf->store);
	*state = shelf;
	return 0;
}

static int close_shelf(void **state)
{
	static const char *const parts[] = { "", "-wal", "-shm" };
	struct shelf *shelf = *state;

	store_close(&shelf->store);
	for (size_t i = 0; i < COUNT(parts); i++) {
		char path[sizeof(shelf->path) + sizeof("-shm")];

		/* Who has failed leaves them. */
		(void)snprintf(path, sizeof(path), "%s%s", shelf->path, parts[i]);
		(void)unlink(path);
	}
	assert_int_equal(rmdir(shelf->folder), 0);
	free(shelf);
	return 0;
}

static void run(void **state, const char *sql)
{
	struct shelf *shelf = *state;

	assert_int_equal(sqlite3_exec(store_sqlite(shelf->store), sql, NULL, NULL, NULL),
		SQLITE_OK);
}

static struct keyset *open_set(void **state, int name, int64_t window)
{
	struct shelf *shelf = *state;
	struct keyset *set = NULL;
	struct err err = { 0 };

	assert_true(keyset_open(shelf->store, name, window, &set, &err));
	return set;
}

/* Spread as a hash would: by the finaliser of splitmix64. */
static struct keyset_key key_of(int64_t i)
{
	struct keyset_key key = { { 0 } };

	for (size_t part = 0; part < 2; part++) {
		uint64_t x = 2 * (uint64_t)i + part + UINT64_C(0x9E3779B97F4A7C15);

		x = (x ^ x >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
		x = (x ^ x >> 27) * UINT64_C(0x94D049BB133111EB);
		x ^= x >> 31;
		memcpy(key.bytes + 8 * part, &x, sizeof(x));
	}
	return key;
}

static void put(struct keyset *set, int64_t i, int64_t value, int64_t order)
{
	struct keyset_key key = key_of(i);

	keyset_put(set, &key, value, order);
}

static void spill(struct keyset *set)
{
	struct err err = { 0 };

	assert_true(keyset_spill(set, &err));
}

/* The value of key `i`, or -1. */
static int64_t find(struct keyset *set, int64_t i)
{
	struct keyset_key key = key_of(i);
	int64_t value = -1;
	struct err err = { 0 };
	enum keyset_result result = keyset_find(set, &key, &value, &err);

	assert_int_equal(result, value == -1 ? KEYSET_ABSENT : KEYSET_FOUND);
	return value;
}

static int64_t count_of(void **state, const char *sql)
{
	struct shelf *shelf = *state;
	sqlite3 *db = store_sqlite(shelf->store);
	sqlite3_stmt *s = NULL;
	int64_t count;

	assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &s, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_step(s), SQLITE_ROW);
	count = sqlite3_column_int64(s, 0);
	assert_int_equal(sqlite3_finalize(s), SQLITE_OK);
	return count;
}

static void keys_forced_out_of_the_window_are_found(void **state)
{
	struct keyset *set = open_set(state, NAME, WINDOW);

	assert_int_equal(keyset_covered(set), 0);
	for (int64_t i = 1; i <= 1000; i++) {
		assert_int_equal(find(set, i), -1);
		put(set, i, 10 * i, i);
		spill(set);
		assert_int_equal(find(set, i), 10 * i);
	}
	for (int64_t i = 1; i <= 1000; i++) {
		assert_int_equal(find(set, i), 10 * i);
	}
	for (int64_t i = 1001; i <= 3000; i++) {
		assert_int_equal(find(set, i), -1);
	}
	assert_int_equal(count_of(state, "SELECT count(*) FROM keyset_segment"), 250);
	assert_int_equal(count_of(state, "SELECT sum(length(keys)) / 24 FROM keyset"), 1000);
	assert_int_equal(keyset_covered(set), 999);
	keyset_close(&set);
	assert_null(set);
	keyset_close(&set); /* NULL is fine */
}

static void the_latest_value_wins_wherever_it_is(void **state)
{
	struct keyset *set = open_set(state, NAME, WINDOW);
	int64_t order = 0;

	/* Keys 1..6 over and over: each is in many segments, in the frozen half and in the young.
	 */
	for (int64_t round = 0; round < 20; round++) {
		for (int64_t i = 1; i <= 6; i++) {
			order++;
			put(set, i, order, order);
			assert_int_equal(find(set, i), order);
			spill(set);
			assert_int_equal(find(set, i), order);
		}
		put(set, 1000 + round, 7, order);
		spill(set);
	}
	for (int64_t i = 1; i <= 6; i++) {
		assert_int_equal(find(set, i), order - 6 + i);
	}
	keyset_close(&set);
}

static void sets_of_other_names_are_not_mixed_up(void **state)
{
	struct keyset *one = open_set(state, 1, WINDOW);
	struct keyset *two = open_set(state, 2, WINDOW);

	for (int64_t i = 1; i <= 100; i++) {
		put(one, i, i, i);
		put(two, i + 50, 2 * i, i);
		spill(one);
		spill(two);
	}
	for (int64_t i = 1; i <= 150; i++) {
		assert_int_equal(find(one, i), i <= 100 ? i : -1);
		assert_int_equal(find(two, i), i > 50 ? 2 * (i - 50) : -1);
	}
	keyset_close(&one);
	keyset_close(&two);
}

static void a_set_opened_again_finds_what_it_covers(void **state)
{
	struct keyset *set = open_set(state, NAME, WINDOW);
	int64_t covered;

	for (int64_t i = 1; i <= 103; i++) {
		put(set, i, 10 * i, i);
		spill(set);
	}
	covered = keyset_covered(set);
	keyset_close(&set);
	set = open_set(state, NAME, WINDOW);
	assert_int_equal(keyset_covered(set), covered);
	for (int64_t i = 1; i <= covered; i++) {
		assert_int_equal(find(set, i), 10 * i);
	}
	for (int64_t i = covered + 1; i <= 103; i++) {
		put(set, i, 10 * i, i);
	}
	for (int64_t i = 1; i <= 2000; i++) {
		assert_int_equal(find(set, i), i <= 103 ? 10 * i : -1);
	}
	keyset_close(&set);
}

static void a_record_of_several_keys_is_covered_whole_or_not(void **state)
{
	struct keyset *set = open_set(state, NAME, WINDOW);

	/* Eight keys of record 1: the spill comes in between, and covers none of them. */
	for (int64_t i = 1; i <= 8; i++) {
		put(set, i, 1, 1);
		spill(set);
	}
	assert_int_equal(count_of(state, "SELECT count(*) FROM keyset_segment"), 2);
	assert_int_equal(keyset_covered(set), 0);
	keyset_close(&set);
}

/* Puts keys first..last in batches of a hundred, and calls for a spill after each batch. */
static void put_batches(struct keyset *set, int64_t first, int64_t last)
{
	for (int64_t i = first; i <= last; i++) {
		put(set, i, 10 * i, i);
		if (i % 100 == 0) {
			spill(set);
		}
	}
}

static void a_spill_that_died_is_begun_again(void **state)
{
	const int64_t half = 2000;
	int64_t segments;

	/* Dies after each number of slices; another set of keys is frozen the second time. */
	for (int64_t died = half; died <= 2 * half; died += 300) {
		struct keyset *set = open_set(state, NAME, 2 * half);

		put_batches(set, 1, died);
		keyset_close(&set);
		set = open_set(state, NAME, 2 * half);
		for (int64_t i = keyset_covered(set) + 1; i <= died; i++) {
			put(set, i, 10 * i + 1, i); /* its value is another now */
		}
		for (int64_t i = died + 1; i <= 4 * half; i++) {
			put(set, i, 10 * i, i);
			if (i % 700 == 0) {
				spill(set);
			}
		}
		for (int64_t i = 1; i <= 5 * half; i++) {
			int64_t value = find(set, i);

			assert_int_equal(value / 10, i <= 4 * half ? i : 0);
		}
		assert_true(find(set, died) == 10 * died + 1);
		segments = count_of(state, "SELECT count(*) FROM keyset_segment");
		assert_true(segments >= 1);
		keyset_close(&set);
		run(state, "DELETE FROM keyset; DELETE FROM keyset_segment");
	}
}

static void a_spill_goes_by_slices_and_keeps_up(void **state)
{
	const int64_t half = 2000;
	struct keyset *set = open_set(state, NAME, 2 * half);
	int64_t rows;
	int64_t i = 0;

	for (; i < half; i++) {
		put(set, i, i, i + 1);
	}
	spill(set); /* twice what was put since the last call: everything */
	assert_int_equal(count_of(state, "SELECT sum(length(keys)) / 24 FROM keyset"), half);
	for (; i < 2 * half; i++) {
		put(set, i, i, i + 1);
		if (i % 10 == 0) {
			spill(set);
		}
	}
	for (int64_t slice = 1; slice * (KEYSET_SLICE + 64) < half; slice++) {
		spill(set);
		rows = count_of(state, "SELECT sum(length(keys)) / 24 FROM keyset");
		assert_in_range(rows, half + slice * KEYSET_SLICE,
			half + slice * (KEYSET_SLICE + 64));
		assert_int_equal(count_of(state, "SELECT count(*) FROM keyset_segment"), 1);
	}
	/* Batches larger than a slice: the young half never grows past the one being written. */
	for (int64_t batch = 0; batch < 20; batch++) {
		for (int64_t more = 0; more < 1000; more++, i++) {
			put(set, i, i, i + 1);
		}
		spill(set);
		assert_true(i - keyset_covered(set) <= 3 * half);
	}
	for (int64_t k = 0; k < i; k++) {
		assert_int_equal(find(set, k), k);
	}
	keyset_close(&set);
}

static int count_question(unsigned what, void *context, void *statement, void *text)
{
	int *asked = context;

	(void)statement;
	assert_int_equal(what, SQLITE_TRACE_STMT);
	*asked += strstr(text, "SELECT keys") != NULL ? 1 : 0;
	return 0;
}

static void few_absent_keys_ask_the_disk(void **state)
{
	const int64_t keys = 20000;
	struct shelf *shelf = *state;
	struct keyset *set = open_set(state, NAME, 2 * keys);
	int asked = 0;

	for (int64_t i = 1; i <= keys; i++) {
		put(set, i, i, i);
	}
	spill(set);
	keyset_close(&set);
	set = open_set(state, NAME, 2 * keys);
	assert_int_equal(sqlite3_trace_v2(store_sqlite(shelf->store), SQLITE_TRACE_STMT,
				 count_question, &asked),
		SQLITE_OK);
	for (int64_t i = keys + 1; i <= 11 * keys; i++) {
		assert_int_equal(find(set, i), -1);
	}
	print_message("%d of %d absent keys asked\n", asked, (int)(10 * keys));
	assert_in_range(asked, 1, 10 * keys / 500);
	asked = 0;
	for (int64_t i = 1; i <= keys; i++) {
		assert_int_equal(find(set, i), i);
	}
	assert_int_equal(asked, keys);
	keyset_close(&set);
}

static void a_question_that_fails_is_reported(void **state)
{
	struct shelf *shelf = *state;
	struct keyset *set = open_set(state, NAME, WINDOW);
	struct keyset_key key = key_of(1);
	struct err err = { 0 };
	int64_t value;

	for (int64_t i = 1; i <= WINDOW; i++) {
		put(set, i, i, i);
		spill(set);
	}
	keyset_close(&set);
	set = open_set(state, NAME, WINDOW);
	run(state, "DROP TABLE keyset");
	assert_int_equal(keyset_find(set, &key, &value, &err), KEYSET_FAILED);
	assert_int_equal(err.kind, ERR_DATABASE);
	assert_true(store_failed(shelf->store)); /* what is decided on that is not written */
	keyset_close(&set);
}

static void a_spill_that_fails_is_reported(void **state)
{
	static const struct {
		const char *harm;
		const char *message;
	} cases[] = {
		{ "PRAGMA query_only = 1",
			"write the book: attempt to write a readonly database (SQLite 8)" },
		{ "CREATE TRIGGER no BEFORE INSERT ON keyset_segment "
		  "BEGIN SELECT RAISE(ABORT, 'no'); END",
			"write the book: no (SQLite 1811)" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct keyset *set = open_set(state, NAME, WINDOW);
		struct err err = { 0 };

		run(state, cases[i].harm);
		put_batches(set, 1, 99);
		assert_false(keyset_spill(set, &err));
		assert_int_equal(err.kind, ERR_DATABASE);
		assert_string_equal(err.message, cases[i].message);
		keyset_close(&set);
		assert_int_equal(close_shelf(state), 0); /* a store that has failed stays so */
		assert_int_equal(open_shelf(state), 0);
	}
}

static void a_set_without_its_tables_does_not_open(void **state)
{
	struct shelf *shelf = *state;
	struct keyset *set = NULL;
	struct err err = { 0 };

	run(state, "PRAGMA ignore_check_constraints = 1;"
		   "INSERT INTO keyset_segment VALUES (2, 1, 5, x'00')");
	assert_false(keyset_open(shelf->store, NAME, WINDOW, &set, &err));
	assert_null(set);
	assert_string_equal(err.message,
		"the book is damaged: table keyset_segment, row 1 of set 2: "
		"is not what it must be");
	run(state, "DROP TABLE keyset_segment");
	assert_false(keyset_open(shelf->store, NAME, WINDOW, &set, &err));
	assert_null(set);
	assert_int_equal(err.kind, ERR_DATABASE);
}

int main(void)
{
#define STORED(test) cmocka_unit_test_setup_teardown(test, open_shelf, close_shelf)
	const struct CMUnitTest tests[] = {
		STORED(keys_forced_out_of_the_window_are_found),
		STORED(the_latest_value_wins_wherever_it_is),
		STORED(sets_of_other_names_are_not_mixed_up),
		STORED(a_set_opened_again_finds_what_it_covers),
		STORED(a_record_of_several_keys_is_covered_whole_or_not),
		STORED(a_spill_that_died_is_begun_again),
		STORED(a_spill_goes_by_slices_and_keeps_up),
		STORED(few_absent_keys_ask_the_disk),
		STORED(a_question_that_fails_is_reported),
		STORED(a_spill_that_fails_is_reported),
		STORED(a_set_without_its_tables_does_not_open),
	};

	return cmocka_run_group_tests_name("ledger/keyset", tests, NULL, NULL);
}
