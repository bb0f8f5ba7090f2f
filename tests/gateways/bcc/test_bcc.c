/* SPDX-License-Identifier: Apache-2.0 */

/* Settings: what is taken, what is refused and by which name. */
#include "tests/gateways/bcc/fixture.h"

static const char *sign_of_form(struct fixture *f)
{
	drive_start(&f->drive, ALYM_OPERATION_PAY);
	assert_verdict(&f->drive, ALYM_PENDING);
	return bank_posted(&f->drive, "P_SIGN");
}

/* Part 1 XOR part 2, as the bank's documentation gives both. */
static void the_key_comes_whole_or_in_two_parts(void **state)
{
	struct fixture *f = *state;
	char whole[BANK_SIGN_SIZE];

	assert_true(text_copy(text_of(sign_of_form(f)), whole, sizeof(whole)));
	fixture_set(f, "key_file", NULL);
	fixture_set(f, "key_part1_file", BANK_KEY_PART1 "\n");
	fixture_set(f, "key_part2_file", BANK_KEY_PART2);
	assert_true(fixture_open(f));
	assert_string_equal(sign_of_form(f), whole);
	fixture_set(f, "key_part2_file", BANK_KEY_NEXT);
	assert_true(fixture_open(f));
	assert_string_not_equal(sign_of_form(f), whole);
}

static void the_next_key_comes_in_two_parts_too(void **state)
{
	struct fixture *f = *state;
	struct bank_note note = bank_note();

	fixture_set(f, "key_file", BANK_KEY_NEXT);
	fixture_set(f, "key_next_file", NULL);
	fixture_set(f, "key_next_part1_file", BANK_KEY_PART1);
	fixture_set(f, "key_next_part2_file", BANK_KEY_PART2);
	assert_true(fixture_open(f));
	bank_seal(&note, BANK_KEY);
	bank_call(&f->drive, &note);
	assert_int_equal(f->drive.action.kind, ALYM_ACTION_CHECK);
}

static void a_setting_that_can_not_be_used_is_named(void **state)
{
	static const struct {
		const char *name;
		const char *value; /* NULL: not set */
		const char *part;  /* of what is said */
	} cases[] = {
		{ "endpoint", "http://bank.test/cgi_link", "endpoint" },
		{ "endpoint", "https://bank.test/cgi_link/", "endpoint" },
		{ "endpoint", "https://bank.test/?x", "endpoint" },
		{ "page_endpoint", "bank.test", "page_endpoint" },
		{ "merchant", "", "merchant" },
		{ "merchant", "a b", "merchant" },
		{ "merchant", "123456789012345678901234567890123", "merchant" },
		{ "terminal", "8888 8881", "terminal" },
		{ "terminal", "123456789012345678901234567890123", "terminal" },
		{ "merchant_name", "\xFF", "merchant_name" },
		{ "trtype", "14", "trtype" },
		{ "trtype", "01", "trtype" },
		{ "amount_min", "thirty", "amount_min" },
		{ "amount_min", "30.001", "amount_min" },
		{ "absent_rc", "-24 00", "absent_rc" },
		{ "absent_rc", "-24;25", "absent_rc" },
		{ "absent_rc", "123456789", "absent_rc" },
		{ "absent_rc", "1 2 3 4 5 6 7 8 9", "absent_rc" },
		{ "m_info", "[]", "m_info" },
		{ "m_info", "{", "m_info" },
		{ "notify_user", NULL, "notify_user" },
		{ "notify_user", "a:b", "notify_user" },
		{ "notify_password_file", NULL, "notify_password_file" },
		{ "notify_password_file", "\n", "notify_password_file" },
		{ "key_file", NULL, "key_file" },
		{ "key_file", "6BB0AC02E47BDF73D98FEB777F3B52", "key_file" },
		{ "key_file", "6BB0AC02E47BDF73D98FEB777F3B529G", "key_file" },
		{ "key_file", BANK_KEY BANK_KEY "00", "key_file" },
		{ "key_part1_file", BANK_KEY_PART1, "key_file" },
		{ "key_next_file", "00", "key_next_file" },
		{ "key_next_part2_file", BANK_KEY_PART2, "key_next_file" },
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < COUNT(cases); i++) {
		memcpy(f->settings, bank_settings, sizeof(bank_settings));
		f->count = BANK_SETTINGS;
		fixture_set(f, cases[i].name, cases[i].value);
		if (fixture_open(f)) {
			print_error("%s = %s\n", cases[i].name, cases[i].value);
		}
		assert_null(f->state);
		assert_non_null(strstr(f->why, cases[i].part));
	}
}

static void secrets_are_not_told(void **state)
{
	struct fixture *f = *state;

	fixture_set(f, "key_file", "6BB0AC02E47BDF73D98FEB777F3B52XX");
	assert_false(fixture_open(f));
	assert_null(strstr(f->why, "6BB0"));
}

static void order_numbers_are_as_the_bank_wants_them(void **state)
{
	const struct alym_gateway *gateway = ((struct fixture *)*state)->plugin.gateway;

	assert_true(gateway->order.digits_min >= 7);
	assert_int_equal(gateway->order.digits_max, 15);
	assert_int_equal(gateway->order.suffix_daily, 6);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		FIXTURE_TEST(the_key_comes_whole_or_in_two_parts),
		FIXTURE_TEST(the_next_key_comes_in_two_parts_too),
		FIXTURE_TEST(a_setting_that_can_not_be_used_is_named),
		FIXTURE_TEST(secrets_are_not_told),
		FIXTURE_TEST(order_numbers_are_as_the_bank_wants_them),
	};

	return cmocka_run_group_tests_name("gateways/bcc/bcc", tests, NULL, NULL);
}
