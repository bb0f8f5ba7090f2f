/* SPDX-License-Identifier: Apache-2.0 */
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "daemon/problem.h"
#include "tests/alym_test.h"

static void every_code_has_a_status_a_name_and_three_titles(void **state)
{
	(void)state;
	for (int i = PROBLEM_NONE + 1; i < PROBLEM_CODE_COUNT; i++) {
		enum problem_code code = (enum problem_code)i;

		assert_true(problem_status(code) >= 400 && problem_status(code) <= 599);
		assert_true(strlen(problem_name(code)) > 0);
		for (int l = 0; l < LANGUAGE_COUNT; l++) {
			struct text title = text_of(problem_title(code, (enum language)l));

			assert_true(title.size > 0);
			assert_true(text_is_utf8(title));
		}
		for (int other = i + 1; other < PROBLEM_CODE_COUNT; other++) {
			assert_string_not_equal(problem_name(code),
				problem_name((enum problem_code)other));
		}
	}
}

static void a_problem_tells_what_it_knows(void **state)
{
	struct problem problem = { 0 };
	struct buffer out;

	(void)state;
	buffer_init(&out, PROBLEM_BODY_MAX);
	problem_set(&problem, PROBLEM_AMOUNT_CHANGED, "expect", "%d is due", 7);
	problem.due = money_of(7, "KZT");
	problem_write(&problem, LANGUAGE_EN, &out);
	assert_string_equal(out.bytes,
		"{\"code\":\"amount_changed\",\"detail\":\"7 is due\","
		"\"due\":{\"amount\":7,\"currency\":\"KZT\"},\"field\":\"expect\",\"status\":409,"
		"\"title\":\"Another amount is due now\","
		"\"type\":\"urn:alym:problem:amount_changed\"}");
	buffer_done(&out);
}

static void bytes_of_a_caller_can_not_break_the_answer(void **state)
{
	struct problem problem = { 0 };
	struct buffer out;
	char field[600];
	json_t *value;

	(void)state;
	memset(field, '\xD0', sizeof(field));
	field[0] = '"';
	field[1] = '\n';
	field[sizeof(field) - 1] = '\0';
	buffer_init(&out, PROBLEM_BODY_MAX);
	problem_set(&problem, PROBLEM_UNKNOWN_FIELD, field, "%s", field);
	problem_write(&problem, LANGUAGE_KK, &out);
	assert_false(out.overflowed);
	value = json_loadb(out.bytes, out.size, JSON_REJECT_DUPLICATES, NULL);
	assert_non_null(value);
	json_decref(value);
	buffer_done(&out);
}

static void a_complaint_about_the_whole_body_is_about_json(void **state)
{
	struct json_problem complaint = { .fault = JSON_WRONG, .detail = "must be an object" };
	struct problem problem = { 0 };

	(void)state;
	problem_of_json(&problem, &complaint);
	assert_int_equal(problem.code, PROBLEM_INVALID_JSON);
	(void)snprintf(complaint.path, sizeof(complaint.path), "a.b");
	problem_of_json(&problem, &complaint);
	assert_int_equal(problem.code, PROBLEM_INVALID_FIELD);
	assert_string_equal(problem.field, "a.b");
	complaint.fault = JSON_UNKNOWN;
	problem_of_json(&problem, &complaint);
	assert_int_equal(problem.code, PROBLEM_UNKNOWN_FIELD);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_code_has_a_status_a_name_and_three_titles),
		cmocka_unit_test(a_problem_tells_what_it_knows),
		cmocka_unit_test(bytes_of_a_caller_can_not_break_the_answer),
		cmocka_unit_test(a_complaint_about_the_whole_body_is_about_json),
	};

	return cmocka_run_group_tests_name("daemon/problem", tests, NULL, NULL);
}
