/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "tests/gateways/sandbox/fixture.h"

enum { SETTINGS_MAX = 5 };

static char long_text[1024]; /* of 'a' */

static struct text as(size_t size)
{
	return (struct text){ long_text, size };
}

/* bank_settings with one of them set to `value` (added when it is not among them). */
static bool configure(const struct fixture *f, const char *name, struct text value,
	struct alym_gateway_state **opened, struct err *err)
{
	struct alym_setting settings[SETTINGS_MAX];
	size_t count = bank_setting_count;
	size_t at = count;

	assert_true(bank_setting_count < SETTINGS_MAX);
	memcpy(settings, bank_settings, count * sizeof(*settings));
	for (size_t i = 0; i < count; i++) {
		at = strcmp(settings[i].name, name) == 0 ? i : at;
	}
	count += at == count ? 1 : 0;
	settings[at] = (struct alym_setting){ name, value };
	return loader_configure(&f->plugin, settings, count, opened, err);
}

static void settings_have_their_forms(void **state)
{
	const char *endpoint = "gateway sandbox: endpoint must begin with https://";
	const char *host = "gateway sandbox: endpoint has no usable host";
	const char *path =
		"gateway sandbox: endpoint has a path that can not be used, or ends in a slash";
	const char *merchant = "gateway sandbox: merchant must be 1 to 32 of A-Z a-z 0-9 _ -";
	const char *secret = "gateway sandbox: secret_file must hold 16 to 128 bytes";
	const char *next = "gateway sandbox: secret_next_file must hold 16 to 128 bytes";
	const char *window = "gateway sandbox: window_s must be 1 to 3600";
	const struct {
		const char *name;
		struct text value;
		const char *message; /* NULL: it is taken */
	} cases[] = {
		{ "endpoint", TEXT("https://bank.test"), NULL },
		{ "endpoint", TEXT("https://[::1]:8443/a/b"), NULL },
		{ "endpoint", TEXT(""), endpoint },
		{ "endpoint", TEXT("http://bank.test"), endpoint },
		{ "endpoint", TEXT("HTTPS://bank.test"), endpoint },
		{ "endpoint", TEXT("https://"), host },
		{ "endpoint", TEXT("https:///a"), host },
		{ "endpoint", TEXT("https://me@bank.test"), host },
		{ "endpoint", TEXT("https://bank.test?x=1"), host },
		{ "endpoint", TEXT("https://bank test"), host },
		{ "endpoint", TEXT("https://bank.test/"), path },
		{ "endpoint", TEXT("https://bank.test/a/"), path },
		{ "endpoint", TEXT("https://bank.test/a?x=1"), path },
		{ "endpoint", TEXT("https://bank.test/a{"), path },
		{ "endpoint", TEXT("https://bank.test/a\0b"), path },
		{ "endpoint", as(513), endpoint },
		{ "merchant", TEXT("Shop_1-2"), NULL },
		{ "merchant", as(32), NULL },
		{ "merchant", as(33), merchant },
		{ "merchant", TEXT(""), merchant },
		{ "merchant", TEXT("sh op"), merchant },
		{ "merchant", TEXT("shop&x=1"), merchant },
		{ "secret_file", as(16), NULL },
		{ "secret_file", as(128), NULL },
		{ "secret_file", as(15), secret },
		{ "secret_file", as(129), secret },
		{ "secret_file", TEXT("123456789012345\n"), secret },
		{ "secret_file", TEXT(""), secret },
		{ "secret_next_file", as(15), next },
		{ "secret_next_file", as(129), next },
		{ "secret_next_file", TEXT(""), NULL },
		{ "window_s", TEXT("1"), NULL },
		{ "window_s", TEXT("3600"), NULL },
		{ "window_s", TEXT("0"), window },
		{ "window_s", TEXT("3601"), window },
		{ "window_s", TEXT("-1"), window },
		{ "window_s", TEXT("5m"), window },
		{ "window", TEXT("1"), "gateway sandbox: unknown key window" },
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct alym_gateway_state *opened = NULL;
		struct err err = { 0 };

		if (configure(f, cases[i].name, cases[i].value, &opened, &err)) {
			assert_null(cases[i].message);
			f->plugin.gateway->close(opened);
		} else {
			assert_non_null(cases[i].message);
			assert_string_equal(err.message, cases[i].message);
			assert_null(opened);
		}
	}
}

static void an_endpoint_has_a_largest_size(void **state)
{
	struct fixture *f = *state;
	struct alym_gateway_state *opened = NULL;
	struct err err = { 0 };
	struct buffer b;

	buffer_init(&b, 1024);
	buffer_add_string(&b, "https://bank.test/");
	buffer_add(&b, as(512 - b.size));
	assert_true(configure(f, "endpoint", buffer_text(&b), &opened, &err));
	f->plugin.gateway->close(opened);
	buffer_add_char(&b, 'a');
	assert_false(configure(f, "endpoint", buffer_text(&b), &opened, &err));
	assert_string_equal(err.message, "gateway sandbox: endpoint is too long");
	buffer_done(&b);
}

static void the_window_is_a_setting(void **state)
{
	struct fixture *f = *state;
	struct alym_gateway_state *opened = NULL;
	struct drive d;
	struct err err = { 0 };

	assert_true(configure(f, "window_s", TEXT("5"), &opened, &err));
	drive_init(&d, f->plugin.gateway, opened, BANK_NOW);
	for (int64_t offset_s = 4; offset_s <= 6; offset_s++) {
		struct bank_message m = { .message = {
						  .method = TEXT("POST"),
						  .path = TEXT(BANK_PATH),
						  .body = TEXT("{\"kind\":\"hint\","
							       "\"merchant\":\"shop\","
							       "\"order\":\"1\"}"),
					  } };

		bank_sign_request(BANK_SECRET, BANK_NOW - offset_s, &m);
		drive_callback(&d, &m.message);
		assert_int_equal(d.action.kind,
			offset_s <= 5 ? ALYM_ACTION_CHECK : ALYM_ACTION_ANSWER);
	}
	drive_done(&d);
	f->plugin.gateway->close(opened);
}

static void what_the_gateway_asks_of_alymd_is_stated(void **state)
{
	const struct fixture *f = *state;

	assert_string_equal(f->plugin.gateway->name, "sandbox");
	assert_int_equal(f->plugin.gateway->order.digits_min, 8);
	assert_int_equal(f->plugin.gateway->order.digits_max, 15);
	assert_int_equal(f->plugin.gateway->order.suffix_daily, 0);
	assert_true(loader_key(&f->plugin, "endpoint")->required);
	assert_true(loader_key(&f->plugin, "merchant")->required);
	assert_true(loader_key(&f->plugin, "secret_file")->required);
	assert_false(loader_key(&f->plugin, "secret_next_file")->required);
	assert_false(loader_key(&f->plugin, "window_s")->required);
}

static void closing_nothing_does_nothing(void **state)
{
	const struct fixture *f = *state;

	f->plugin.gateway->close(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		FIXTURE_TEST(settings_have_their_forms),
		FIXTURE_TEST(an_endpoint_has_a_largest_size),
		FIXTURE_TEST(the_window_is_a_setting),
		FIXTURE_TEST(what_the_gateway_asks_of_alymd_is_stated),
		FIXTURE_TEST(closing_nothing_does_nothing),
	};

	memset(long_text, 'a', sizeof(long_text));
	return cmocka_run_group_tests_name("gateways/sandbox", tests, NULL, NULL);
}
