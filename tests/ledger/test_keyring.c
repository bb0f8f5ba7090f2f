/* SPDX-License-Identifier: Apache-2.0 */

/* Whose signatures a book has: told by its own records, and by keys that somebody else gives. */
#include <string.h>

#include "ledger/verify.h"
#include "tests/alym_test.h"
#include "tests/ledger/verify_stage.h"

static struct verify_stage *stage;

static int open_stage(void **state)
{
	(void)state;
	stage = verify_stage_new(0);
	return 0;
}

static int close_stage(void **state)
{
	(void)state;
	verify_stage_free(&stage);
	return 0;
}

/* A ring of the key of 32 such bytes. */
static void add(struct keyring *keys, uint8_t byte)
{
	uint8_t seed[NOTE_SEED_SIZE];
	struct note_key *key = NULL;

	memset(seed, byte, sizeof(seed));
	assert_true(note_key_new(seed, "any", &key, NULL));
	keyring_add(keys, note_key_public(key));
	note_key_free(&key);
}

/* The faults by those keys, of both levels. */
static int64_t verify(const struct keyring *keys, const struct keyring *named,
	struct verify_signed *signatures)
{
	const struct verify_options more = { .keys = keys, .named = named };
	int64_t faults[2];

	for (size_t i = 0; i < COUNT(faults); i++) {
		struct verify *verify = verify_stage_begin(stage, &more);
		struct err err = { 0 };

		assert_true(i == 0 ? verify_quick(verify, stage->scene.path, NULL, &err)
				   : verify_file(verify, stage->scene.path, NULL, &err));
		faults[i] = verify_faults(verify);
		*signatures = *verify_signatures(verify);
		verify_free(&verify);
	}
	assert_int_equal(faults[0], faults[1]);
	return faults[0];
}

static void a_book_names_its_keys(void **state)
{
	struct keyring named = { .count = 0 };
	struct keyring expected = { .count = 0 };

	(void)state;
	add(&expected, FULL_LATER_BYTE);
	add(&expected, FULL_SEED_BYTE);
	assert_true(keyring_add_named_in(&named, stage->scene.path, NULL));
	assert_int_equal(named.count, 2);
	assert_memory_equal(named.publics, expected.publics, sizeof(*named.publics) * 2);
	keyring_done(&named);
	keyring_done(&expected);
}

/* What the owner signed anew by a key of his own is not what the auditor knows the book by. */
static void another_key_than_the_auditors_is_found(void **state)
{
	struct keyring named = { .count = 0 };
	struct keyring keys = { .count = 0 };
	struct verify_signed s;

	(void)state;
	assert_true(keyring_add_named_in(&named, stage->scene.path, NULL));
	add(&keys, 77);
	assert_int_equal(verify(&keys, NULL, &s), 4);
	assert_non_null(strstr(stage->told.bytes, "column note: none of the keys signed it"));
	assert_int_equal(s.checked, 0);
	/* Nor when it says of itself that they are its keys. */
	assert_int_equal(verify(&keys, &named, &s), 1);
	assert_non_null(strstr(stage->told.bytes,
		"column note: not one is signed by a key that was given"));
	assert_int_equal(s.checked, 0);
	assert_int_equal(s.unchecked, 4);
	keyring_done(&keys);
	keyring_done(&named);
}

/* The auditor who came after the rotation has the later key alone. */
static void what_could_not_be_checked_is_told(void **state)
{
	struct keyring named = { .count = 0 };
	struct keyring keys = { .count = 0 };
	struct verify_signed s;

	(void)state;
	assert_true(keyring_add_named_in(&named, stage->scene.path, NULL));
	add(&keys, FULL_LATER_BYTE);
	assert_int_equal(verify(&keys, &named, &s), 0);
	assert_true(s.checked > 0 && s.unchecked > 0);
	assert_int_equal(s.checked + s.unchecked, 4);
	assert_true(s.first <= s.last && (uint64_t)s.last < s.size);
	add(&keys, FULL_SEED_BYTE);
	assert_int_equal(verify(&keys, &named, &s), 0);
	assert_int_equal(s.checked, 4);
	assert_int_equal(s.unchecked, 0);
	keyring_done(&keys);
	keyring_done(&named);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_book_names_its_keys),
		cmocka_unit_test(another_key_than_the_auditors_is_found),
		cmocka_unit_test(what_could_not_be_checked_is_told),
	};

	return cmocka_run_group_tests(tests, open_stage, close_stage);
}
