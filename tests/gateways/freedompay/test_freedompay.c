/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "tests/gateways/freedompay/fixture.h"

static const struct {
	const char *name;
	const char *value;
	const char *why; /* NULL: accepted */
} settings[] = {
	{ "merchant_id", "1", NULL },
	{ "merchant_id", "123456789012345", NULL },
	{ "merchant_id", "1234567890123456", "merchant_id must be 1 to 15 digits" },
	{ "merchant_id", "shop", "merchant_id must be 1 to 15 digits" },
	{ "merchant_id", "1;2", "merchant_id must be 1 to 15 digits" },
	{ "endpoint", "http://bank.test", "endpoint must begin with https://" },
	{ "endpoint", "https://bank.test", NULL },
	{ "secret_file", "1234567", "secret_file must hold 8 to 128 bytes" },
	{ "secret_file", "12345678\n", NULL },
	{ "secret_next_file", "1234567", "secret_next_file must hold 8 to 128 bytes" },
	{ "secret_next_file", "\n", "secret_next_file must hold 8 to 128 bytes" },
	{ "testing", "yes", NULL },
	{ "testing", "no", NULL },
	{ "testing", "1", "testing must be yes or no" },
	{ "two_step", "maybe", "two_step must be yes or no" },
	{ "check", "YES", "check must be yes or no" },
	{ "language_kk", "kz", NULL },
	{ "language_kk", "kazakhsha", "language_kk must be 1 to 8 of A-Z a-z -" },
	{ "language_kk", "k;", "language_kk must be 1 to 8 of A-Z a-z -" },
};

static void settings_are_looked_at(void **state)
{
	const struct fixture *f = *state;

	for (size_t i = 0; i < COUNT(settings); i++) {
		struct alym_setting with[8];
		struct alym_gateway_state *opened;
		size_t count = 0;
		char why[256] = "";

		for (size_t k = 0; k < bank_setting_count; k++) {
			if (strcmp(bank_settings[k].name, settings[i].name) != 0) {
				with[count++] = bank_settings[k];
			}
		}
		with[count].name = settings[i].name;
		with[count++].value = text_of(settings[i].value);
		opened = f->plugin.gateway->open(with, count, why, sizeof(why));
		if ((opened == NULL) != (settings[i].why != NULL)) {
			print_error("%s = %s: %s\n", settings[i].name, settings[i].value, why);
		}
		assert_int_equal(opened == NULL, settings[i].why != NULL);
		if (settings[i].why != NULL) {
			assert_string_equal(why, settings[i].why);
		}
		f->plugin.gateway->close(opened);
	}
}

static void nothing_to_close_is_fine(void **state)
{
	((struct fixture *)*state)->plugin.gateway->close(NULL);
}

static int begin_testing(void **state)
{
	return fixture_begin_with(state, "testing", "yes");
}

static int begin_two_step(void **state)
{
	return fixture_begin_with(state, "two_step", "yes");
}

static int begin_unchecked(void **state)
{
	return fixture_begin_with(state, "check", "no");
}

static int begin_kazakh(void **state)
{
	return fixture_begin_with(state, "language_kk", "kz");
}

static void a_test_takes_tests(void **state)
{
	struct drive *d = fixture_drive(state);
	struct bank_field fields[BANK_FIELDS_MAX];

	drive_start(d, ALYM_OPERATION_PAY);
	assert_asked(d, "init_payment.php");
	assert_string_equal(bank_asked_field(d, "pg_testing_mode"), "1");
	bank_change(bank_result, F({ "pg_testing_mode", "1", NULL }), fields);
	bank_call(d, fields);
	assert_int_equal(d->action.kind, ALYM_ACTION_CHECK);
	bank_change(bank_taken, F({ "pg_testing_mode", "1", NULL }), fields);
	drive_start(d, ALYM_OPERATION_STATUS);
	bank_answer(d, fields);
	assert_verdict(d, ALYM_DONE);
}

static void two_steps_are_asked_for(void **state)
{
	struct drive *d = fixture_drive(state);

	drive_start(d, ALYM_OPERATION_PAY);
	assert_asked(d, "init_payment.php");
	assert_string_equal(bank_asked_field(d, "pg_postpone_payment"), "1");
}

static void a_check_may_be_left_out(void **state)
{
	struct drive *d = fixture_drive(state);

	drive_start(d, ALYM_OPERATION_PAY);
	assert_asked(d, "init_payment.php");
	assert_null(bank_asked_field(d, "pg_check_url"));
	assert_non_null(bank_asked_field(d, "pg_result_url"));
}

static void kazakh_is_called_what_the_setting_says(void **state)
{
	struct drive *d = fixture_drive(state);

	d->order.language = TEXT("kk");
	drive_start(d, ALYM_OPERATION_PAY);
	assert_asked(d, "init_payment.php");
	assert_string_equal(bank_asked_field(d, "pg_language"), "kz");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		FIXTURE_TEST(settings_are_looked_at),
		FIXTURE_TEST(nothing_to_close_is_fine),
		cmocka_unit_test_setup_teardown(a_test_takes_tests, begin_testing, fixture_end),
		cmocka_unit_test_setup_teardown(two_steps_are_asked_for, begin_two_step,
			fixture_end),
		cmocka_unit_test_setup_teardown(a_check_may_be_left_out, begin_unchecked,
			fixture_end),
		cmocka_unit_test_setup_teardown(kazakh_is_called_what_the_setting_says,
			begin_kazakh, fixture_end),
	};

	return cmocka_run_group_tests_name("gateways/freedompay", tests, NULL, NULL);
}
