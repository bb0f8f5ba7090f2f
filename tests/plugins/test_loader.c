/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "plugins/loader.h"
#include "tests/alym_test.h"

static void a_good_gateway_loads(void **state)
{
	struct loader_plugin plugin = { 0 };
	struct err err = { 0 };

	(void)state;
	assert_true(loader_open(TEST_BAD "/good.so", &plugin, &err));
	assert_int_equal(err.kind, ERR_NONE);
	assert_non_null(plugin.handle);
	assert_string_equal(plugin.gateway->name, "bad");
	loader_close(&plugin);
	assert_null(plugin.handle);
	assert_null(plugin.gateway);
	loader_close(&plugin); /* closing what is closed does nothing */
}

static void what_can_not_be_a_gateway_is_refused(void **state)
{
	static const struct {
		const char *path;
		enum err_kind kind;
		const char *message;
	} cases[] = {
		{ TEST_BAD "/symbol.so", ERR_PEER, "exports no alym_gateway" },
		{ TEST_BAD "/abi.so", ERR_PEER, "built for another ABI" },
		{ TEST_BAD "/larger.so", ERR_PEER, "built against another plugins/gateway.h" },
		{ TEST_BAD "/smaller.so", ERR_PEER, "built against another plugins/gateway.h" },
		{ TEST_BAD "/name_null.so", ERR_PEER, "has no name" },
		{ TEST_BAD "/name_empty.so", ERR_PEER, "has no name" },
		{ TEST_BAD "/keys.so", ERR_PEER, "leaves a required member NULL" },
		{ TEST_BAD "/open.so", ERR_PEER, "leaves a required member NULL" },
		{ TEST_BAD "/close.so", ERR_PEER, "leaves a required member NULL" },
		{ TEST_BAD "/step.so", ERR_PEER, "leaves a required member NULL" },
		{ TEST_BAD "/no_digits.so", ERR_PEER,
			"asks for order numbers that can not be made" },
		{ TEST_BAD "/many_digits.so", ERR_PEER,
			"asks for order numbers that can not be made" },
		{ TEST_BAD "/crossed_digits.so", ERR_PEER,
			"asks for order numbers that can not be made" },
		{ TEST_BAD "/long_suffix.so", ERR_PEER,
			"asks for order numbers that can not be made" },
		{ TEST_BAD "/short_suffix.so", ERR_PEER,
			"asks for order numbers that can not be made" },
		{ TEST_BAD "/negative_suffix.so", ERR_PEER,
			"asks for order numbers that can not be made" },
		{ TEST_BAD "/no_room.so", ERR_PEER, "asks for order numbers that can not be made" },
		{ TEST_BAD "/session.so", ERR_PEER,
			"asks for more memory than a session may have" },
		{ TEST_BAD "/undefined.so", ERR_SYSTEM, "undefined symbol: bad_missing" },
		{ TEST_BAD "/nowhere.so", ERR_SYSTEM, "No such file" },
		{ TEST_BAD, ERR_SYSTEM, "" },
		{ "good.so", ERR_INPUT, "the path is not absolute" },
		{ "./good.so", ERR_INPUT, "the path is not absolute" },
		{ "libc.so.6", ERR_INPUT, "the path is not absolute" },
		{ "", ERR_INPUT, "the path is not absolute" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct loader_plugin plugin = { 0 };
		struct err err = { 0 };

		assert_false(loader_open(cases[i].path, &plugin, &err));
		assert_null(plugin.handle);
		assert_int_equal(err.kind, cases[i].kind);
		assert_non_null(strstr(err.message, cases[i].path));
		assert_non_null(strstr(err.message, cases[i].message));
	}
}

static void shorter_numbers_do_without_a_daily_rule(void **state)
{
	struct loader_plugin plugin = { 0 };
	struct err err = { 0 };

	(void)state;
	assert_true(loader_open(TEST_BAD "/no_suffix.so", &plugin, &err));
	loader_close(&plugin);
}

static void a_key_is_found_by_its_name(void **state)
{
	struct loader_plugin plugin = { 0 };
	struct err err = { 0 };

	(void)state;
	assert_true(loader_open(TEST_BAD "/good.so", &plugin, &err));
	assert_true(loader_key(&plugin, "endpoint")->required);
	assert_false(loader_key(&plugin, "colour")->required);
	assert_null(loader_key(&plugin, "color"));
	assert_null(loader_key(&plugin, ""));
	loader_close(&plugin);
}

static void settings_are_those_the_gateway_takes(void **state)
{
	static const struct {
		struct alym_setting settings[3];
		size_t count;
		const char *message; /* NULL: they are taken */
	} cases[] = {
		{ { { "endpoint", { "https://a", 9 } } }, 1, NULL },
		{ { { "endpoint", { "https://a", 9 } }, { "colour", { "blue", 4 } } }, 2, NULL },
		{ { { 0 } }, 0, "gateway bad: key endpoint is missing" },
		{ { { "colour", { "blue", 4 } } }, 1, "gateway bad: key endpoint is missing" },
		{ { { "endpoint", { "https://a", 9 } }, { "size", { "9", 1 } } }, 2,
			"gateway bad: unknown key size" },
		{ { { "endpoint", { "https://a", 9 } }, { "endpoint", { "https://b", 9 } } }, 2,
			"gateway bad: key endpoint is set twice" },
		{ { { "endpoint", { "https://a", 9 } }, { "colour", { "red", 3 } } }, 2,
			"gateway bad: red is not a colour" },
		{ { { "endpoint", { "https://a", 9 } }, { "colour", { "mute", 4 } } }, 2,
			"gateway bad: refused its settings" },
		{ { { "endpoint", { "https://a", 9 } }, { "colour", { "loud", 4 } } }, 2,
			"gateway bad: !!!!!!!!" },
	};
	struct loader_plugin plugin = { 0 };
	struct err err = { 0 };

	(void)state;
	assert_true(loader_open(TEST_BAD "/good.so", &plugin, &err));
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct alym_gateway_state *opened = NULL;
		bool taken =
			loader_configure(&plugin, cases[i].settings, cases[i].count, &opened, &err);

		assert_int_equal(taken, cases[i].message == NULL);
		assert_int_equal(opened != NULL, taken);
		if (taken) {
			plugin.gateway->close(opened);
			continue;
		}
		assert_int_equal(err.kind, ERR_INPUT);
		assert_true(text_starts(text_of(err.message), text_of(cases[i].message)));
	}
	loader_close(&plugin);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_good_gateway_loads),
		cmocka_unit_test(what_can_not_be_a_gateway_is_refused),
		cmocka_unit_test(shorter_numbers_do_without_a_daily_rule),
		cmocka_unit_test(a_key_is_found_by_its_name),
		cmocka_unit_test(settings_are_those_the_gateway_takes),
	};

	return cmocka_run_group_tests_name("plugins/loader", tests, NULL, NULL);
}
