/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "ledger/code.h"
#include "tests/alym_test.h"

enum { SAMPLES = 200 };

static const uint8_t key_bytes[CODE_KEY_SIZE] = "0123456789abcde";

/* Where codes grow by a digit, and both sides of it. */
static const int64_t edges[] = { 1, 2, 999999999, 1000000000, 9999999999, 10000000000, 99999999999,
	100000000000, ID_NUMBER_MAX };

static int open_key(void **state)
{
	*state = code_key_new(key_bytes);
	return 0;
}

static int close_key(void **state)
{
	struct code_key *key = *state;

	code_key_free(&key);
	assert_null(key);
	code_key_free(&key); /* NULL is fine */
	return 0;
}

/* A number of any size, different for each `i`. */
static int64_t sample(int64_t i)
{
	return (i * 4999999937 + i * i * 31) % ID_NUMBER_MAX + 1;
}

static void assert_returns(struct code_key *key, int32_t generation, int64_t number)
{
	char code[CODE_SIZE];
	int32_t found_generation = 0;
	int64_t found_number = 0;

	(void)code_format(key, generation, number, code);
	assert_true(text_is_digits(text_of(code)));
	assert_true(code_parse(key, text_of(code), &found_generation, &found_number));
	assert_int_equal(found_generation, generation);
	assert_true(found_number == number);
}

static void a_code_gives_back_its_payment(void **state)
{
	for (size_t i = 0; i < COUNT(edges); i++) {
		for (int32_t generation = 1; generation <= ID_GENERATION_MAX; generation++) {
			assert_returns(*state, generation, edges[i]);
		}
	}
	for (int64_t i = 1; i <= 5000; i++) {
		assert_returns(*state, (int32_t)(i % ID_GENERATION_MAX + 1), sample(i));
		assert_returns(*state, 1, i);
	}
}

static void codes_are_twelve_digits_and_grow_to_fifteen(void **state)
{
	static const size_t sizes[COUNT(edges)] = { 12, 12, 12, 13, 13, 14, 14, 15, 15 };
	char code[CODE_SIZE];

	for (size_t i = 0; i < COUNT(edges); i++) {
		assert_int_equal(strlen(code_format(*state, 1, edges[i], code)), sizes[i]);
		assert_int_equal(strlen(code_format(*state, ID_GENERATION_MAX, edges[i], code)),
			sizes[i]);
	}
}

static int compare(const void *a, const void *b)
{
	return strcmp(a, b);
}

static void no_two_payments_share_a_code(void **state)
{
	enum { CODES = 20000 };
	char(*codes)[CODE_SIZE] = mem_new(CODES, sizeof(*codes));

	for (int i = 0; i < CODES; i++) {
		(void)code_format(*state, 1 + i % 2, 1 + i / 2, codes[i]);
	}
	qsort(codes, CODES, sizeof(*codes), compare);
	for (int i = 1; i < CODES; i++) {
		assert_true(strcmp(codes[i - 1], codes[i]) < 0);
	}
	free(codes);
}

static void codes_do_not_follow_one_another(void **state)
{
	char one[CODE_SIZE];
	char next[CODE_SIZE];
	int alike = 0;

	/* Of 12 digits of unrelated codes one in ten agrees by chance. */
	for (int64_t i = 1; i <= SAMPLES; i++) {
		(void)code_format(*state, 1, i, one);
		(void)code_format(*state, 1, i + 1, next);
		for (int digit = 0; digit < CODE_DIGITS_MIN; digit++) {
			alike += one[digit] == next[digit] ? 1 : 0;
		}
	}
	assert_in_range(alike, SAMPLES * 12 / 20, SAMPLES * 12 / 6);
}

static bool parses(struct code_key *key, const char *code)
{
	int32_t generation;
	int64_t number;

	return code_parse(key, text_of(code), &generation, &number);
}

static void every_wrong_digit_is_noticed(void **state)
{
	char code[CODE_SIZE];

	for (int64_t i = 1; i <= SAMPLES; i++) {
		(void)code_format(*state, 1, i % 2 == 0 ? i : sample(i), code);
		for (size_t at = 0; code[at] != '\0'; at++) {
			char right = code[at];

			for (code[at] = '0'; code[at] <= '9'; code[at]++) {
				assert_int_equal(parses(*state, code), code[at] == right);
			}
			code[at] = right;
		}
	}
}

static void every_exchange_of_neighbours_is_noticed(void **state)
{
	char code[CODE_SIZE];

	for (int64_t i = 1; i <= SAMPLES; i++) {
		(void)code_format(*state, 1, i % 2 == 0 ? i : sample(i), code);
		for (size_t at = 1; code[at] != '\0'; at++) {
			char left = code[at - 1];

			code[at - 1] = code[at];
			code[at] = left;
			assert_int_equal(parses(*state, code), code[at - 1] == left);
			code[at] = code[at - 1];
			code[at - 1] = left;
		}
	}
}

/* Gives the code a first digit that checks, by Damm's table for one digit written out by hand. */
static bool is_checked(const char *code)
{
	static const char *const rows[] = { "0317598642", "7092154863", "4206871359", "1750983426",
		"6123045978", "3674209581", "5869720134", "8945362017", "9438617205",
		"2581436790" };
	int sum = 0;

	for (size_t at = strlen(code); at > 0; at--) {
		sum = rows[sum][code[at - 1] - '0'] - '0';
	}
	return sum == 0;
}

static void a_checked_number_of_no_payment_is_refused(void **state)
{
	char code[CODE_SIZE];
	int checked = 0;
	int refused = 0;

	/* Of 13 digits one value in ten belongs to a number that needs but 12; generation 0 is
	 * none. */
	for (int64_t i = 0; i < 20000; i++) {
		for (int64_t digit = 12, rest = i * 48271; digit >= 0; digit--) {
			code[digit] = (char)('0' + rest % 10);
			rest /= 10;
		}
		code[13] = '\0';
		if (is_checked(code)) {
			checked++;
			refused += parses(*state, code) ? 0 : 1;
		}
	}
	assert_in_range(checked, 1800, 2200);
	assert_in_range(refused, checked / 15, checked / 6);
}

static void spaces_and_hyphens_are_skipped_and_nothing_else(void **state)
{
	static const char *const marks[] = { "+", ".", "/", "a", "\t", "\n", "\xC2\xA0", "O", ":" };
	struct text spaced;
	int32_t generation = 0;
	int64_t number = 0;
	char code[CODE_SIZE];
	struct buffer b;

	(void)code_format(*state, 3, 42, code);
	buffer_init(&b, 64);
	buffer_printf(&b, " %.3s-%.3s %.3s -- %s ", code, code + 3, code + 6, code + 9);
	spaced = buffer_text(&b);
	assert_true(code_parse(*state, spaced, &generation, &number));
	assert_int_equal(generation, 3);
	assert_int_equal(number, 42);
	for (size_t i = 0; i < COUNT(marks); i++) {
		buffer_reset(&b);
		buffer_printf(&b, "%.6s%s%s", code, marks[i], code + 6);
		assert_false(parses(*state, b.bytes));
		buffer_reset(&b);
		buffer_printf(&b, "%s%s", code, marks[i]);
		assert_false(parses(*state, b.bytes));
	}
	/* A NUL is no end. */
	assert_false(code_parse(*state, (struct text){ code, CODE_DIGITS_MIN + 1 }, &generation,
		&number));
	buffer_done(&b);
}

static void other_lengths_are_refused(void **state)
{
	char digits[32];

	for (size_t size = 0; size < sizeof(digits) - 1; size++) {
		if (size >= CODE_DIGITS_MIN && size <= CODE_DIGITS_MAX) {
			continue;
		}
		memset(digits, '0', size);
		digits[size] = '\0';
		assert_false(parses(*state, digits));
	}
	assert_false(parses(*state, ""));
	assert_false(parses(*state, "- -"));
}

static void another_key_makes_another_code(void **state)
{
	static const uint8_t other_bytes[CODE_KEY_SIZE] = "0123456789abcdf";
	struct code_key *other = code_key_new(other_bytes);
	char code[CODE_SIZE];
	char other_code[CODE_SIZE];
	char token[CODE_TOKEN_SIZE];
	int32_t generation;
	int64_t number;

	(void)code_format(*state, 1, 42, code);
	(void)code_format(other, 1, 42, other_code);
	assert_string_not_equal(code, other_code);
	(void)code_token(*state, 1, 42, token);
	assert_false(code_token_parse(other, text_of(token), &generation, &number));
	code_key_free(&other);
}

static void a_token_gives_back_its_attempt(void **state)
{
	static const int64_t numbers[] = { 1, 16, 17, 999999999999, ID_ATTEMPT_NUMBER_MAX };
	char token[CODE_TOKEN_SIZE];
	int32_t generation = 0;
	int64_t number = 0;

	for (size_t i = 0; i < COUNT(numbers); i++) {
		(void)code_token(*state, 99, numbers[i], token);
		assert_int_equal(strlen(token), 32);
		assert_true(code_token_parse(*state, text_of(token), &generation, &number));
		assert_int_equal(generation, 99);
		assert_true(number == numbers[i]);
	}
}

static void a_forged_token_is_refused(void **state)
{
	uint8_t block[16];
	char token[CODE_TOKEN_SIZE];
	char forged[CODE_TOKEN_SIZE];
	int32_t generation = 42;
	int64_t number = 42;

	(void)code_token(*state, 1, 4711, token);
	assert_true(text_unhex(text_of(token), block, sizeof(block)));
	for (size_t bit = 0; bit < 128; bit++) {
		block[bit / 8] ^= (uint8_t)(1U << bit % 8);
		text_hex(block, sizeof(block), forged);
		assert_false(code_token_parse(*state, text_of(forged), &generation, &number));
		block[bit / 8] ^= (uint8_t)(1U << bit % 8);
	}
	assert_false(code_token_parse(*state, TEXT(""), &generation, &number));
	assert_false(code_token_parse(*state, (struct text){ token, 31 }, &generation, &number));
	assert_false(code_token_parse(*state, (struct text){ token, 33 }, &generation, &number));
	token[7] = 'g';
	assert_false(code_token_parse(*state, text_of(token), &generation, &number));
	assert_int_equal(generation, 42);
	assert_int_equal(number, 42);
}

int main(void)
{
#define KEYED(test) cmocka_unit_test_setup_teardown(test, open_key, close_key)
	const struct CMUnitTest tests[] = {
		KEYED(a_code_gives_back_its_payment),
		KEYED(codes_are_twelve_digits_and_grow_to_fifteen),
		KEYED(no_two_payments_share_a_code),
		KEYED(codes_do_not_follow_one_another),
		KEYED(every_wrong_digit_is_noticed),
		KEYED(every_exchange_of_neighbours_is_noticed),
		KEYED(a_checked_number_of_no_payment_is_refused),
		KEYED(spaces_and_hyphens_are_skipped_and_nothing_else),
		KEYED(other_lengths_are_refused),
		KEYED(another_key_makes_another_code),
		KEYED(a_token_gives_back_its_attempt),
		KEYED(a_forged_token_is_refused),
	};

	return cmocka_run_group_tests_name("ledger/code", tests, NULL, NULL);
}
