/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "tests/gateways/rbs/fixture.h"

static bool opens(void **state, const struct alym_setting *settings, size_t count, char *why,
	size_t why_size)
{
	const struct alym_gateway *gateway = ((struct fixture *)*state)->plugin.gateway;
	struct alym_gateway_state *opened = gateway->open(settings, count, why, why_size);

	if (opened != NULL) {
		gateway->close(opened);
	}
	return opened != NULL;
}

#define WHO      "token_file, or user and password_file: one of the two, and not empty"
#define KEY_SIZE "user, password_file and token_file have at most 128 bytes"
#define YES_NO   "two_step and dynamic_callback must be yes or no"
#define OFFSET   "utc_offset must be like +05:00"
#define PEM                                                                              \
	"callback_certificate_file and callback_certificate_next_file must hold an RSA " \
	"certificate or public key in PEM"
#define LONG "0123456789012345678901234567890123456789012345678901234567890123"

static void settings_that_are_unusable_are_refused(void **state)
{
	static const struct {
		const char *name;
		const char *value;
		const char *why;
	} cases[] = {
		{ "endpoint", "http://bank.test/payment/rest", NULL },
		{ "user", "", WHO },
		{ "password_file", "", WHO },
		{ "password_file", "\n", WHO },
		{ "token_file", "both", WHO },
		{ "user", LONG LONG "x", KEY_SIZE },
		{ "password_file", LONG LONG "x", KEY_SIZE },
		{ "user", "\xFF", "user, password_file and token_file must hold UTF-8" },
		{ "two_step", "maybe", YES_NO },
		{ "dynamic_callback", "1", YES_NO },
		{ "return_url", "http://portal.test/", "return_url must be an https address" },
		{ "utc_offset", "5", OFFSET },
		{ "utc_offset", "+5:000", OFFSET },
		{ "utc_offset", "+15:00", OFFSET },
		{ "utc_offset", "+05:60", OFFSET },
		{ "utc_offset", " 05:00", OFFSET },
		{ "callback_digest", "md5", "callback_digest must be sha512 or sha256" },
		{ "callback_key_file", "",
			"callback_key_next_file needs a callback_key_file beside it" },
		{ "callback_certificate_file", "no PEM", PEM },
		{ "callback_certificate_next_file",
			"-----BEGIN CERTIFICATE-----\nAA==\n"
			"-----END CERTIFICATE-----\n",
			PEM },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct alym_setting settings[RBS_BANK_SETTINGS + 1];
		size_t count = RBS_BANK_SETTINGS;
		char why[256] = "";

		memcpy(settings, rbs_bank_settings, sizeof(*settings) * RBS_BANK_SETTINGS);
		settings[count] = (struct alym_setting){ cases[i].name, text_of(cases[i].value) };
		for (size_t k = 0; k < RBS_BANK_SETTINGS; k++) {
			if (strcmp(settings[k].name, cases[i].name) == 0) {
				settings[k].value = text_of(cases[i].value);
				count--;
			}
		}
		assert_false(opens(state, settings, count + 1, why, sizeof(why)));
		assert_true(why[0] != '\0');
		if (cases[i].why != NULL) {
			assert_string_equal(why, cases[i].why);
		}
	}
}

static void one_way_to_know_the_bank_is_enough(void **state)
{
	const struct alym_setting hmac[] = { rbs_bank_settings[0],
		{ "token_file", TEXT("t0ken\n") }, rbs_bank_settings[3] };
	const struct alym_setting rsa[] = { rbs_bank_settings[0], { "token_file", TEXT("t0ken") },
		rbs_bank_settings[5] };
	char why[256] = "";

	assert_true(opens(state, hmac, COUNT(hmac), why, sizeof(why)));
	assert_true(opens(state, rsa, COUNT(rsa), why, sizeof(why)));
	assert_false(opens(state, hmac, COUNT(hmac) - 1, why, sizeof(why)));
	assert_string_equal(why,
		"callback_key_file or callback_certificate_file must be there, and not empty");
}

static void a_token_stands_for_user_and_password(void **state)
{
	struct fixture *f = *state;
	const struct alym_setting settings[] = { rbs_bank_settings[0],
		{ "token_file", TEXT("t0&ken\n") }, rbs_bank_settings[3] };
	struct err err = { 0 };

	f->plugin.gateway->close(f->state);
	f->state = NULL;
	assert_true(loader_configure(&f->plugin, settings, COUNT(settings), &f->state, &err));
	f->drive.state = f->state;
	drive_start(&f->drive, ALYM_OPERATION_STATUS);
	assert_text(f->drive.action.request.body, "token=t0%26ken&orderNumber=12345678");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		FIXTURE_TEST(settings_that_are_unusable_are_refused),
		FIXTURE_TEST(one_way_to_know_the_bank_is_enough),
		FIXTURE_TEST(a_token_stands_for_user_and_password),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
