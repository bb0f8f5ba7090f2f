/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "tests/alym_test.h"
#include "tools/progress.h"

static void a_line_says_how_far_it_is(void **state)
{
	static const struct {
		int64_t done;
		int64_t all;
		const char *line;
	} cases[] = {
		{ 0, 10, "[                    ]   0 %  0 of 10 payments" },
		{ 5, 10, "[##########          ]  50 %  5 of 10 payments" },
		{ 999, 1000, "[###################" },
		{ 10, 10, "[####################] 100 %  10 of 10 payments" },
		{ 12, 10, "[####################] 100 %  12 of 10 payments" },
		{ 0, 0, "[####################] 100 %  0 of 0 payments" },
		{ INT64_MAX / 2, INT64_MAX, "[#########" },
	};
	char line[PROGRESS_LINE_SIZE];

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		progress_format("payments", cases[i].done, cases[i].all, line);
		assert_memory_equal(line, cases[i].line, strlen(cases[i].line));
	}
	progress_format("payments", 999, 1000, line);
	assert_non_null(strstr(line, "99 %"));
}

static void where_there_is_no_terminal_it_says_nothing(void **state)
{
	FILE *file = tmpfile();
	struct progress progress;

	(void)state;
	assert_non_null(file);
	progress_init(&progress, "payments", file);
	progress_set(&progress, 1, 2);
	progress_done(&progress);
	assert_int_equal(ftell(file), 0);
	(void)fclose(file);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_line_says_how_far_it_is),
		cmocka_unit_test(where_there_is_no_terminal_it_says_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
