/* SPDX-License-Identifier: Apache-2.0 */
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "daemon/problem.h"
#include "tests/alym_test.h"

/* The problem's JSON, which is UTF-8 or it is none. */
static json_t *told_of(const struct problem *problem, enum language language)
{
	struct buffer out;
	json_t *told;

	buffer_init(&out, PROBLEM_BODY_MAX);
	problem_write(problem, language, &out);
	told = json_loadb(out.bytes, out.size, 0, NULL);
	assert_non_null(told);
	buffer_done(&out);
	return told;
}

static void every_code_has_a_status_a_name_and_three_titles(void **state)
{
	json_t *names = json_object();

	(void)state;
	for (int i = PROBLEM_NONE + 1; i < PROBLEM_CODE_COUNT; i++) {
		const struct problem problem = { .code = (enum problem_code)i };
		json_t *titles = json_object();

		for (int l = 0; l < LANGUAGE_COUNT; l++) {
			json_t *told = told_of(&problem, (enum language)l);
			const char *title = json_string_value(json_object_get(told, "title"));
			const char *name = json_string_value(json_object_get(told, "code"));
			json_int_t status = json_integer_value(json_object_get(told, "status"));

			assert_true(status >= 400 && status <= 599);
			assert_int_equal(status, problem_status(problem.code));
			assert_true(strlen(title) > 0 && strlen(name) > 0);
			(void)json_object_set_new(titles, title, json_true());
			(void)json_object_set_new(names, name, json_true());
			json_decref(told);
		}
		assert_int_equal(json_object_size(titles), LANGUAGE_COUNT);
		assert_int_equal(json_object_size(names), i - PROBLEM_NONE);
		json_decref(titles);
	}
	json_decref(names);
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
