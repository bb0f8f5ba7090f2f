/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "plugins/endpoint.h"
#include "plugins/settings.h"
#include "tests/alym_test.h"

static void settings_are_found_by_name(void **state)
{
	const struct alym_setting items[] = {
		{ "merchant", TEXT("shop\n") },
		{ "secret_file", TEXT("s3cret\n\n") },
	};
	struct settings settings = { items, 2 };

	(void)state;
	assert_true(text_is(settings_find(&settings, "merchant"), "shop\n"));
	assert_true(text_is(settings_find_line(&settings, "secret_file"), "s3cret\n"));
	assert_int_equal(settings_find(&settings, "secret").size, 0);
	assert_int_equal(settings_find_line(&settings, "secret").size, 0);
}

static void an_endpoint_is_taken_apart_where_its_path_begins(void **state)
{
	struct endpoint endpoint;

	(void)state;
	assert_null(endpoint_parse(&endpoint, TEXT("https://bank.example:5445/cgi-bin/cgi_link")));
	assert_string_equal(endpoint.address, "https://bank.example:5445/cgi-bin/cgi_link");
	assert_int_equal(endpoint.origin_size, 25); /* https:// and bank.example:5445 */
	assert_null(endpoint_parse(&endpoint, TEXT("https://[::1]")));
	assert_int_equal(endpoint.origin_size, 13);
}

static void an_endpoint_that_can_not_be_used_says_why(void **state)
{
	static const struct {
		const char *setting;
		const char *why;
	} cases[] = {
		{ "", "must begin with https://" },
		{ "http://bank.example", "must begin with https://" },
		{ "https://", "has no usable host" },
		{ "https:///api", "has no usable host" },
		{ "https://user@bank.example", "has no usable host" },
		{ "https://bank.example/", "has a path that can not be used, or ends in a slash" },
		{ "https://bank.example/a?b",
			"has a path that can not be used, or ends in a slash" },
		{ "https://bank.example/a b",
			"has a path that can not be used, or ends in a slash" },
	};
	struct endpoint endpoint;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const char *why = endpoint_parse(&endpoint, text_of(cases[i].setting));

		assert_non_null(why);
		assert_string_equal(why, cases[i].why);
	}
}

static void an_endpoint_is_bounded(void **state)
{
	char address[ENDPOINT_SIZE_MAX + 2];
	struct text scheme = TEXT("https://");
	struct endpoint endpoint;

	(void)state;
	memset(address, 'a', sizeof(address));
	memcpy(address, scheme.bytes, scheme.size);
	assert_null(endpoint_parse(&endpoint, (struct text){ address, ENDPOINT_SIZE_MAX }));
	assert_string_equal(endpoint_parse(&endpoint,
				    (struct text){ address, ENDPOINT_SIZE_MAX + 1 }),
		"is too long");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(settings_are_found_by_name),
		cmocka_unit_test(an_endpoint_is_taken_apart_where_its_path_begins),
		cmocka_unit_test(an_endpoint_that_can_not_be_used_says_why),
		cmocka_unit_test(an_endpoint_is_bounded),
	};

	return cmocka_run_group_tests_name("plugins/settings", tests, NULL, NULL);
}
