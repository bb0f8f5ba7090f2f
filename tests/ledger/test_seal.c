/* SPDX-License-Identifier: Apache-2.0 */

/* Seals are what docs/LEDGER.md says they are: the hexadecimal here was made by Python's hashlib.
 */
#include "ledger/seal.h"
#include "tests/alym_test.h"

static struct seal open_seal(uint8_t first)
{
	uint8_t code_key[CODE_KEY_SIZE];
	struct seal seal;

	for (size_t i = 0; i < sizeof(code_key); i++) {
		code_key[i] = (uint8_t)(first + i);
	}
	seal_init(&seal, digest_new(), code_key);
	return seal;
}

static void expect_seal(struct keyset_key key, const char *hex)
{
	char text[2 * KEYSET_KEY_SIZE + 1];

	text_hex(key.bytes, sizeof(key.bytes), text);
	assert_string_equal(text, hex);
}

static void each_is_what_the_documentation_says(void **state)
{
	struct seal seal = open_seal(0);
	const struct job_request request = { .client = 3,
		.route = ROUTE_CANCEL,
		.key = TEXT("k-1"),
		.fingerprint = { 0x5a } };

	(void)state;
	expect_seal(seal_request(&seal, &request), "20402b6a9dce4a82aa62065ed1f37224");
	expect_seal(seal_fingerprint(&seal, &request), "0a67171bef08e4d579f70480d7e4c380");
	expect_seal(seal_reference(&seal, 1, TEXT("A-1")), "14c5264727a621ac82dd79eb2a87ac7f");
	expect_seal(seal_operation(&seal, 1, TEXT("A-1")), "89d842d52e67c285b631528be078ef70");
	digest_free(&seal.digest);
}

static void a_leaf_has_a_member_for_what_is_said(void **state)
{
	struct seal seal = open_seal(0);
	struct json_writer w;
	struct buffer out;

	(void)state;
	buffer_init(&out, 256);
	json_writer_init(&w, &out);
	json_open_object(&w, NULL);
	seal_write(&seal, &w, "handle", TEXT(""));
	seal_write(&seal, &w, "page", TEXT("{}"));
	json_close_object(&w);
	assert_true(text_is(buffer_text(&out), "{\"page\":\"4833b44f7031e5e4c065b455902e87d4\"}"));
	buffer_done(&out);
	digest_free(&seal.digest);
}

/* Who guesses a text has to have the book, too. */
static void another_book_has_other_seals(void **state)
{
	struct seal one = open_seal(0);
	struct seal other = open_seal(1);
	struct keyset_key a = seal_reference(&one, 1, TEXT("A-1"));
	struct keyset_key b = seal_reference(&other, 1, TEXT("A-1"));

	(void)state;
	assert_memory_not_equal(a.bytes, b.bytes, sizeof(a.bytes));
	digest_free(&one.digest);
	digest_free(&other.digest);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_is_what_the_documentation_says),
		cmocka_unit_test(a_leaf_has_a_member_for_what_is_said),
		cmocka_unit_test(another_book_has_other_seals),
	};

	return cmocka_run_group_tests_name("ledger/seal", tests, NULL, NULL);
}
