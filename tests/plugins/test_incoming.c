/* SPDX-License-Identifier: Apache-2.0 */
#include "plugins/incoming.h"
#include "tests/alym_test.h"

static void a_header_counts_only_where_it_is_there_once(void **state)
{
	const struct alym_header headers[] = {
		{ TEXT("Authorization"), TEXT("Basic eA==") },
		{ TEXT("X-Sign"), TEXT("1") },
		{ TEXT("x-sign"), TEXT("2") },
	};
	struct alym_message message = { .headers = headers, .header_count = 3 };

	(void)state;
	assert_true(text_is(incoming_header(&message, "AUTHORIZATION"), "Basic eA=="));
	assert_int_equal(incoming_header(&message, "X-Sign").size, 0);
	assert_int_equal(incoming_header(&message, "Date").size, 0);
}

static void a_query_begins_behind_the_first_question_mark(void **state)
{
	static const struct {
		const char *path;
		const char *query;
	} cases[] = { { "/callbacks/kaspi?a=1?2", "a=1?2" }, { "/callbacks/kaspi", "" },
		{ "/callbacks/kaspi?", "" }, { "", "" } };

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct alym_message message = { .path = text_of(cases[i].path) };

		assert_true(text_is(incoming_query(&message), cases[i].query));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_header_counts_only_where_it_is_there_once),
		cmocka_unit_test(a_query_begins_behind_the_first_question_mark),
	};

	return cmocka_run_group_tests_name("plugins/incoming", tests, NULL, NULL);
}
