/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/call.h"
#include "daemon/language.h"
#include "tests/alym_test.h"

static void headers_are_found_without_case(void **state)
{
	const struct call_header headers[] = { { TEXT("Host"), TEXT("a") },
		{ TEXT("X-One"), TEXT("1") }, { TEXT("x-one"), TEXT("2") } };
	const struct call call = { .headers = headers, .header_count = COUNT(headers) };
	size_t count;

	(void)state;
	assert_true(text_is(call_header(&call, "host", &count), "a"));
	assert_int_equal(count, 1);
	assert_true(text_is(call_header(&call, "X-ONE", &count), "1"));
	assert_int_equal(count, 2);
	assert_int_equal(call_header(&call, "X-Two", &count).size, 0);
	assert_int_equal(count, 0);
	assert_int_equal(call_header(&call, "Hos", NULL).size, 0);
}

static void a_parameter_is_there_once_or_not_at_all(void **state)
{
	static const struct {
		const char *query;
		bool found;
		const char *value;
	} cases[] = {
		{ "", false, "" },
		{ "a=1", true, "1" },
		{ "b=2&a=1", true, "1" },
		{ "a=1&a=1", false, "" },
		{ "a", true, "" },
		{ "a=", true, "" },
		{ "a=x=y", true, "x=y" },
		{ "aa=1", false, "" },
		{ "&&a=1&", true, "1" },
		{ "=1", false, "" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		const struct call call = { .query = text_of(cases[i].query) };
		struct text value = TEXT("untouched");

		assert_int_equal(call_parameter(&call, "a", &value), cases[i].found);
		assert_true(text_is(value, cases[i].found ? cases[i].value : "untouched"));
	}
}

static void a_preference_is_found_in_any_spelling(void **state)
{
	static const struct {
		const char *first;
		const char *second;
		bool found;
	} cases[] = {
		{ "return=minimal", "", true },
		{ "", "return=minimal", true },
		{ " Return = \"minimal\" ", "", true },
		{ "respond-async, wait=10 , return=minimal;foo=bar", "", true },
		{ "return=minimal, return=representation", "", true },
		{ "", "", false },
		{ "return", "", false },
		{ "return=", "", false },
		{ "return=representation", "", false },
		{ "return=minimal2", "", false },
		{ "return=MINIMAL", "", false },
		{ "return=\"minimal", "", false },
		{ "xreturn=minimal", "", false },
		{ "foo;return=minimal", "", false },
		{ ",,;=,", "=", false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		const struct call_header headers[] = { { TEXT("X"), TEXT("return=minimal") },
			{ TEXT("prefer"), text_of(cases[i].first) },
			{ TEXT("Prefer"), text_of(cases[i].second) } };
		const struct call call = { .headers = headers, .header_count = COUNT(headers) };

		assert_int_equal(call_prefers(&call, "return=minimal"), cases[i].found);
	}
}

static void the_best_language_is_chosen(void **state)
{
	static const struct {
		const char *accept;
		enum language language;
	} cases[] = {
		{ "", LANGUAGE_EN },
		{ "*", LANGUAGE_EN },
		{ "de", LANGUAGE_EN },
		{ "ru", LANGUAGE_RU },
		{ "KK-kz", LANGUAGE_KK },
		{ "de, ru;q=0.5, kk;q=0.9", LANGUAGE_KK },
		{ "kk;q=0, ru;q=0.1", LANGUAGE_RU },
		{ "kk;q=0", LANGUAGE_EN },
		{ "rus", LANGUAGE_EN },
		{ " kk ; q=0.2 ,\tru ; q=0.3", LANGUAGE_RU },
		{ ",,;;q=,", LANGUAGE_EN },
		{ "ru;q=9999999999999", LANGUAGE_RU },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		assert_int_equal(language_choose(text_of(cases[i].accept), LANGUAGE_EN),
			cases[i].language);
	}
	assert_string_equal(language_name(LANGUAGE_KK), "kk");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(headers_are_found_without_case),
		cmocka_unit_test(a_parameter_is_there_once_or_not_at_all),
		cmocka_unit_test(a_preference_is_found_in_any_spelling),
		cmocka_unit_test(the_best_language_is_chosen),
	};

	return cmocka_run_group_tests_name("daemon/call", tests, NULL, NULL);
}
