/* SPDX-License-Identifier: Apache-2.0 */

/* The message that an entry rests on: kept, erased, gone without a word, none. */
#include <sqlite3.h>
#include <stdlib.h>

#include "ledger/evidence.h"
#include "tests/alym_test.h"
#include "tests/ledger/scene.h"

enum { SALT = 0x2A };

/* (printf '\x2a'; head -c 31 /dev/zero; printf 'signed bytes') | sha256sum */
#define COMMITMENT "f6a2f9dbb64f945cd42cb27a1cf554f86a5872bd0f61e1dda1675cfd2e26a0bb"

static int begin(void **state)
{
	struct scene *s = malloc(sizeof(*s));

	*s = (struct scene){ 0 };
	scene_open(s);
	*state = s;
	return 0;
}

static int end(void **state)
{
	scene_close(*state);
	free(*state);
	return 0;
}

static void look(struct scene *s, int64_t record, struct evidence_view *view)
{
	struct buffer leaf;

	buffer_init(&leaf, 16384);
	evidence_init(view);
	assert_int_equal(reader_record(s->reader, record, &leaf, NULL), READER_FOUND);
	assert_true(evidence_read(s->reader, record, buffer_text(&leaf), view, NULL));
	buffer_done(&leaf);
}

/* A payment of 1000 that was paid; the entry's record. */
static int64_t pay(struct scene *s)
{
	struct job job = { 0 };
	int64_t payment = scene_create(s, "A-1", 1000);

	s->salt = SALT;
	assert_int_equal(scene_money(s, &job, payment, 1000, "op-1"), JOB_DONE);
	return job.record;
}

static void a_message_is_kept_with_its_salt(void **state)
{
	struct scene *s = *state;
	struct evidence_view view;

	look(s, pay(s), &view);
	assert_int_equal(view.state, EVIDENCE_KEPT);
	assert_true(text_is(view.data, "signed bytes"));
	assert_int_equal(view.salt[0], SALT);
	assert_int_equal(view.salt[1], 0);
	assert_string_equal(view.commitment, COMMITMENT);
	evidence_done(&view);
}

static void execute(struct scene *s, const char *sql)
{
	sqlite3 *db;

	assert_int_equal(sqlite3_open(s->path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
	(void)sqlite3_close(db);
}

static void an_erased_message_leaves_its_commitment(void **state)
{
	struct scene *s = *state;
	int64_t record = pay(s);
	struct evidence_view view;

	execute(s, "INSERT INTO erasure (record, payment, legal_order, reason, uid, client)"
		   " VALUES (2, 0, '', 'its time is over', 0, 0);"
		   "INSERT INTO erased (source, record, erasure) SELECT 2, record, 2 FROM evidence;"
		   "DELETE FROM evidence;");
	look(s, record, &view);
	assert_int_equal(view.state, EVIDENCE_ERASED);
	assert_int_equal(view.erasure, 2);
	assert_int_equal(view.data.size, 0);
	assert_string_equal(view.commitment, COMMITMENT);
	evidence_done(&view);
}

static void what_is_gone_without_a_word_is_missing(void **state)
{
	struct scene *s = *state;
	int64_t record = pay(s);
	struct evidence_view view;

	execute(s, "DROP TRIGGER evidence_remains; DELETE FROM evidence;");
	look(s, record, &view);
	assert_int_equal(view.state, EVIDENCE_MISSING);
	assert_string_equal(view.commitment, COMMITMENT);
	evidence_done(&view);
}

static void what_rests_on_no_message_says_so(void **state)
{
	struct scene *s = *state;
	struct evidence_view view;

	look(s, 1, &view);
	assert_int_equal(view.state, EVIDENCE_NONE);
	evidence_done(&view);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_message_is_kept_with_its_salt, begin, end),
		cmocka_unit_test_setup_teardown(an_erased_message_leaves_its_commitment, begin,
			end),
		cmocka_unit_test_setup_teardown(what_is_gone_without_a_word_is_missing, begin, end),
		cmocka_unit_test_setup_teardown(what_rests_on_no_message_says_so, begin, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
