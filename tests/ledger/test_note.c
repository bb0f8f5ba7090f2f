/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "ledger/note.h"
#include "tests/alym_test.h"

/*
 * The constants were made with Python's cryptography from the text of the C2SP specifications:
 * key id = SHA-256(name || 0x0A || 0x01 || public key)[:4], of the seed 00 01 02 ... 1f (and of
 * 01 02 ... 20 for the witness), root e0 e1 ... ff.
 */
#define NAME     "alym/0f3a9c21/1"
#define ROOT     "4OHi4+Tl5ufo6err7O3u7/Dx8vP09fb3+Pn6+/z9/v8="
#define VERIFIER NAME "+44c38b81+AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4"
#define DASH     "\xE2\x80\x94 "
#define TEXT_OF  NAME "\n4711\n" ROOT "\n"

static const char signature[] =
	DASH NAME " RMOLgZClqn33mEJ8pe92vC4gijvL/r+m7f+RMUTWxraD6Hr372EDpXK0jgRxXU7R+0zt9V7id8R0"
		  "5qqLa7n3dp24TwQ=\n";
static const char witness[] =
	DASH "witness.example/w1 R/U/TErDKf9wi0cEJtJ/DIQtQZEmBqKhgCDW7gH6PxN3pm6ownGbZwXUtVWJVA"
	     "NVcwM8MWNKShHmBtdO4llDMXCp+Qk=\n";

/* By the key of the witness's seed, under our name: the one that took the first one's place. */
#define VERIFIER_LATER "alym/0f3a9c21/1+ab70558b+AXm1Vi6P5lT5QHixEuipi6eQH4U65pW+1+DjkQutBJZk"
static const char signature_later[] =
	DASH NAME " q3BVi0rDKf9wi0cEJtJ/DIQtQZEmBqKhgCDW7gH6PxN3pm6ownGbZwXUtVWJ"
		  "VANVcwM8MWNKShHmBtdO4llDMXCp+Qk=\n";

static struct note_key *key_of(const char *name)
{
	uint8_t seed[NOTE_SEED_SIZE];
	struct note_key *key = NULL;
	struct err err = { 0 };

	for (size_t i = 0; i < sizeof(seed); i++) {
		seed[i] = (uint8_t)i;
	}
	assert_true(note_key_new(seed, name, &key, &err));
	return key;
}

static struct tree_hash root_of(void)
{
	struct tree_hash root = { { 0 } };

	for (size_t i = 0; i < sizeof(root.bytes); i++) {
		root.bytes[i] = (uint8_t)(0xe0 + i);
	}
	return root;
}

static bool opens_by(const char *note, const char *verifier)
{
	struct tree_hash root;
	uint64_t size;

	return note_open(text_of(note), text_of(verifier), &size, &root, NULL);
}

static bool opens(const char *note)
{
	uint64_t size = 77;
	struct tree_hash root = { { 77 } };
	struct err err = { 0 };
	bool ok = note_open(text_of(note), TEXT(VERIFIER), &size, &root, &err);

	assert_int_equal(ok, err.kind == ERR_NONE);
	if (!ok) {
		assert_int_equal(size, 77);
		assert_int_equal(root.bytes[0], 77);
	}
	return ok;
}

/* Text and signature lines as one note, good until the next call. */
static const char *note_of(const char *text, const char *lines, const char *more)
{
	static char note[2 * NOTE_SIZE_MAX];

	assert_in_range(snprintf(note, sizeof(note), "%s\n%s%s", text, lines, more), 1,
		sizeof(note) - 1);
	return note;
}

static void a_checkpoint_is_signed_as_others_sign_it(void **state)
{
	struct note_key *key = key_of(NAME);
	struct tree_hash root = root_of();
	char verifier[NOTE_VERIFIER_SIZE];
	char note[NOTE_TEXT_SIZE];
	struct err err = { 0 };

	(void)state;
	assert_string_equal(note_key_verifier(key, verifier), VERIFIER);
	assert_true(note_sign(key, 4711, &root, note, &err));
	assert_string_equal(note, note_of(TEXT_OF, signature, ""));
	note_key_free(&key);
	assert_null(key);
	note_key_free(&key); /* NULL is fine */
}

static void a_second_key_signs_the_same_checkpoint(void **state)
{
	struct note_key *key = key_of(NAME);
	struct note_key *later = NULL;
	struct tree_hash root = root_of();
	uint8_t seed[NOTE_SEED_SIZE];
	char verifier[NOTE_VERIFIER_SIZE];
	char note[NOTE_TEXT_SIZE];
	struct err err = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof(seed); i++) {
		seed[i] = (uint8_t)(i + 1);
	}
	assert_true(note_key_new(seed, NAME, &later, &err));
	assert_string_equal(note_key_verifier(later, verifier), VERIFIER_LATER);
	assert_true(note_sign(later, 4711, &root, note, &err));
	assert_true(opens_by(note, VERIFIER_LATER));
	assert_false(opens_by(note, VERIFIER));
	assert_true(note_cosign(key, note, &err));
	assert_string_equal(note, note_of(TEXT_OF, signature_later, signature));
	assert_true(opens_by(note, VERIFIER_LATER));
	assert_true(opens_by(note, VERIFIER));
	note_key_free(&later);
	note_key_free(&key);
}

static void a_checkpoint_says_size_and_root(void **state)
{
	struct tree_hash expected = root_of();
	struct tree_hash root = { { 0 } };
	uint64_t size = 0;
	struct err err = { 0 };

	(void)state;
	assert_true(note_open(text_of(note_of(TEXT_OF, signature, "")), TEXT(VERIFIER), &size,
		&root, &err));
	assert_int_equal(size, 4711);
	assert_memory_equal(root.bytes, expected.bytes, sizeof(root.bytes));
}

static void the_longest_name_and_the_largest_size_fit(void **state)
{
	char name[NOTE_NAME_SIZE + 1];
	struct note_key *key;
	struct tree_hash root = root_of();
	char verifier[NOTE_VERIFIER_SIZE];
	char note[NOTE_TEXT_SIZE];
	uint64_t size = 0;
	const uint8_t seed[NOTE_SEED_SIZE] = { 0 };
	struct err err = { 0 };

	(void)state;
	memset(name, 'n', NOTE_NAME_SIZE);
	name[NOTE_NAME_SIZE] = '\0';
	key = NULL;
	assert_false(note_key_new(seed, name, &key, &err));
	assert_int_equal(err.kind, ERR_INPUT);
	assert_null(key);
	name[NOTE_NAME_SIZE - 1] = '\0';
	key = key_of(name);
	assert_true(note_sign(key, INT64_MAX, &root, note, &err));
	assert_true(note_open(text_of(note), text_of(note_key_verifier(key, verifier)), &size,
		&root, &err));
	assert_true(size == INT64_MAX);
	note_key_free(&key);
}

static void names_that_would_confuse_are_refused(void **state)
{
	static const char *const names[] = { "", "two words", "a+b", "tab\there", "line\n", "алым",
		"del\x7F" };
	const uint8_t seed[NOTE_SEED_SIZE] = { 0 };
	struct note_key *key = NULL;
	struct err err = { 0 };

	(void)state;
	for (size_t i = 0; i < COUNT(names); i++) {
		assert_false(note_key_new(seed, names[i], &key, &err));
		assert_null(key);
		assert_int_equal(err.kind, ERR_INPUT);
	}
}

static void witnesses_may_sign_along(void **state)
{
	static const char *const others[] = { DASH "someone/else AAAA\n",
		DASH NAME " AAAAAAAA\n" /* the name alone is not the key */ };

	(void)state;
	assert_true(opens(note_of(TEXT_OF, signature, witness)));
	assert_true(opens(note_of(TEXT_OF, witness, signature)));
	assert_true(opens(note_of(TEXT_OF, signature, signature)));
	assert_true(opens(note_of(TEXT_OF, signature, others[0])));
	assert_true(opens(note_of(TEXT_OF, others[1], signature)));
	assert_false(opens(note_of(TEXT_OF, witness, "")));
	assert_false(opens(note_of(TEXT_OF, others[0], others[1])));
	assert_false(opens(note_of(TEXT_OF, "", "")));
}

static void any_changed_bit_is_noticed(void **state)
{
	char note[NOTE_TEXT_SIZE];
	size_t size;

	(void)state;
	size = (size_t)snprintf(note, sizeof(note), "%s", note_of(TEXT_OF, signature, ""));
	assert_true(opens(note));
	for (size_t bit = 0; bit < 8 * size; bit++) {
		note[bit / 8] = (char)(note[bit / 8] ^ 1 << bit % 8);
		assert_false(opens(note));
		note[bit / 8] = (char)(note[bit / 8] ^ 1 << bit % 8);
	}
	for (size_t end = 0; end < size; end++) {
		uint64_t stated;
		struct tree_hash root;

		assert_false(note_open((struct text){ note, end }, TEXT(VERIFIER), &stated, &root,
			NULL));
	}
}

static void malformed_signature_lines_are_refused(void **state)
{
	static const char *const lines[] = { "\n", "x\n", DASH "\n", DASH "name\n", DASH " AAAA\n",
		DASH "name \n", DASH "name AAAA", "-- name AAAA\n" };

	(void)state;
	for (size_t i = 0; i < COUNT(lines); i++) {
		assert_false(opens(note_of(TEXT_OF, signature, lines[i])));
	}
}

/* Texts that were signed by the key, and are no checkpoints of it for all that - or are. */
static void a_signature_alone_makes_no_checkpoint(void **state)
{
	static const struct {
		const char *text;
		const char *base64;
		bool taken;
	} cases[] = {
		{ NAME "\n4711\n" ROOT "\nextension line\n",
			"RMOLgeH/In4avEHHIzrJfhOu2PUhSHtADMydDAZ+eNi4izRoD9qRU+t+08KNlmrp74w6qisHi4CM2"
			"EHpV2uWAeCGSQ0=",
			true },
		{ NAME "\n0\n" ROOT "\n",
			"RMOLgfn0gdvY7Y4UgG9VazCZFUsJ9UFLQK7mpPiHsLq+jZw+++T/DY707YFUn/wsMtYvCl/SPAKBR"
			"HB7sSMfJgTXjg4=",
			true },
		{ "other/origin\n4711\n" ROOT "\n",
			"RMOLgZNOv6TvjnxiPey6XMaNfRXWxsrNtJFn4lE9iByEAA/yrcZPejv6JTHS8tQakNFpGONxj8JHr"
			"/+yJsFUFwJcMwo=",
			false },
		{ NAME "\n04711\n" ROOT "\n",
			"RMOLgT5H/HqD0h5ulqp+hwnafymBKN/ja1YDX415a4gCHgTn2NSXMb9pDC4cGECd1N1ZLXK0gN6KV"
			"eRayHZ4ooeulQs=",
			false },
		{ NAME "\n-1\n" ROOT "\n",
			"RMOLgdIUnPoPpSFQmS4LC7cRfLcmVAcc8T2WUYVr4AhCwVCdDXH/0Zm86+GQBf7FJabKP8dm63Knw"
			"oPRUwMdWoaZYQo=",
			false },
		{ NAME "\n9223372036854775808\n" ROOT "\n",
			"RMOLgXfIK2r6bewEhxa+nuk2BbvOeU+TTNZitNZiNU5GSmI9P94vtQ4syoYLQKKQBHKU+1KkKS/4c"
			"gGf8rz/obw/RA0=",
			false },
		{ NAME "\n4711\n",
			"RMOLgU6FjJ2dwmmobgl9rSOUKWdmgEey9Oa2shBkOTnOWDwj8oNXxSf6d3eSjgoc7mS9KwcmfCwfc"
			"fmogISqkqjFygo=",
			false },
		/* Two spellings of base64 that only a careless decoder takes for 32 bytes. */
		{ NAME "\n4711\n4OHi4+Tl5ufo6err7O3u7/Dx8vP09fb3+Pn6+/z9/v==\n",
			"RMOLgeuaDAHXks7KuLsnEA8rjt45x1pVGVEmlevgn6wviLoe/2t1XxB5+mkLDQI+UlmkkT8k1sKN3"
			"EvSE1GkMweatQs=",
			false },
		{ NAME "\n4711\n4OHi4+Tl5ufo6err7O3u7/Dx8vP09fb3+Pn6+/z9/v9=\n",
			"RMOLgdRWPJNb3alkCt5X7dMg31IuSNMuAlekPhifNRzmOpnNH06HdIoO5Bm8QVmC3rM9lYlq/IsJh"
			"vffIuX0z3IeggQ=",
			false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		char line[NOTE_TEXT_SIZE];
		struct err err = { 0 };
		uint64_t size;
		struct tree_hash root;

		(void)snprintf(line, sizeof(line), DASH NAME " %s\n", cases[i].base64);
		assert_int_equal(opens(note_of(cases[i].text, line, "")), cases[i].taken);
		if (!cases[i].taken) {
			assert_false(note_open(text_of(note_of(cases[i].text, line, "")),
				TEXT(VERIFIER), &size, &root, &err));
			assert_string_equal(err.message,
				"open a checkpoint: signed, but no checkpoint");
		}
	}
}

static void only_a_whole_verifier_key_verifies(void **state)
{
	static const char *const verifiers[] = { "", NAME, NAME "+44c38b81", NAME "+44c38b81+",
		NAME "+44c38b82+AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4",
		NAME "x+44c38b81+AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4",
		NAME "+44c38b81+AgOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4",
		NAME "+44c38b81+AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG5",
		NAME "+44c38b81+AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG",
		NAME "+44c38b81+AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4=",
		NAME "+44c38b8+AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4",
		"+44c38b81+AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4",
		"witness.example/w1+47f53f4c+AXm1Vi6P5lT5QHixEuipi6eQH4U6pW+1+DjkQutBJFkh" };

	(void)state;
	for (size_t i = 0; i < COUNT(verifiers); i++) {
		struct err err = { 0 };
		uint64_t size;
		struct tree_hash root;

		assert_false(note_open(text_of(note_of(TEXT_OF, signature, "")),
			text_of(verifiers[i]), &size, &root, &err));
		assert_int_equal(err.kind, ERR_INPUT);
	}
}

static void notes_are_opened_up_to_the_limit(void **state)
{
	char note[NOTE_SIZE_MAX + 1];
	size_t size = (size_t)snprintf(note, sizeof(note), "%s%s", note_of(TEXT_OF, signature, ""),
		DASH "w ");
	struct err err = { 0 };
	uint64_t stated;
	struct tree_hash root;

	(void)state;
	memset(note + size, 'A', sizeof(note) - size);
	note[NOTE_SIZE_MAX - 1] = '\n';
	assert_true(note_open((struct text){ note, NOTE_SIZE_MAX }, TEXT(VERIFIER), &stated, &root,
		&err));
	note[NOTE_SIZE_MAX - 1] = 'A';
	note[NOTE_SIZE_MAX] = '\n';
	assert_false(note_open((struct text){ note, NOTE_SIZE_MAX + 1 }, TEXT(VERIFIER), &stated,
		&root, &err));
	assert_int_equal(err.kind, ERR_LIMIT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_checkpoint_is_signed_as_others_sign_it),
		cmocka_unit_test(a_second_key_signs_the_same_checkpoint),
		cmocka_unit_test(a_checkpoint_says_size_and_root),
		cmocka_unit_test(the_longest_name_and_the_largest_size_fit),
		cmocka_unit_test(names_that_would_confuse_are_refused),
		cmocka_unit_test(witnesses_may_sign_along),
		cmocka_unit_test(any_changed_bit_is_noticed),
		cmocka_unit_test(malformed_signature_lines_are_refused),
		cmocka_unit_test(a_signature_alone_makes_no_checkpoint),
		cmocka_unit_test(only_a_whole_verifier_key_verifies),
		cmocka_unit_test(notes_are_opened_up_to_the_limit),
	};

	return cmocka_run_group_tests_name("ledger/note", tests, NULL, NULL);
}
