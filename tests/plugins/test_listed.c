/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "plugins/action.h"
#include "tests/alym_test.h"

static char long_text[ALYM_OPERATION_MAX + 1]; /* of 'a' */
static struct alym_scratch scratch;
static const struct alym_order order = { .number = { "000123", 6 } };

static struct text as(size_t size)
{
	memset(long_text, 'a', sizeof(long_text));
	return (struct text){ long_text, size };
}

static void a_list_can_be_booked_movement_by_movement(void **state)
{
	static const struct alym_list list = { .since = 1 };
	struct alym_listed listed[ALYM_LISTED_MAX + 1] = {
		{ .order = TEXT("000123"), .operation = TEXT("op-1"), .amount = { 1, "KZT" } }
	};
	struct alym_event event = { .kind = ALYM_EVENT_RESPONSE,
		.operation = ALYM_OPERATION_LIST,
		.list = &list };
	struct alym_action action = { .kind = ALYM_ACTION_LISTED,
		.listed = listed,
		.listed_count = 1,
		.scratch = &scratch };
	static const char unbookable[] = "lists what can not be booked";

	(void)state;
	assert_null(action_fault(&action, &event));
	listed[0].code = TEXT("301234567890");
	assert_string_equal(action_fault(&action, &event), unbookable);
	listed[0].code = TEXT("");
	listed[0].operation = as(ALYM_OPERATION_MAX);
	assert_null(action_fault(&action, &event));
	listed[0].operation = as(ALYM_OPERATION_MAX + 1);
	assert_string_equal(action_fault(&action, &event), unbookable);
	listed[0].operation = TEXT("op-1");
	listed[0].amount.minor = 0;
	assert_string_equal(action_fault(&action, &event), unbookable);
	listed[0].amount.minor = 1;
	listed[0].paid_at = -1;
	assert_string_equal(action_fault(&action, &event), unbookable);
	listed[0].paid_at = 0;
	action.listed_next = as(ALYM_OPERATION_MAX + 1);
	assert_string_equal(action_fault(&action, &event),
		"goes on in a list at an impossible place");
	action.listed_next = TEXT("");
	for (size_t i = 1; i < COUNT(listed); i++) {
		listed[i] = listed[0];
	}
	action.listed_count = ALYM_LISTED_MAX;
	assert_null(action_fault(&action, &event));
	action.listed_count = ALYM_LISTED_MAX + 1;
	assert_string_equal(action_fault(&action, &event), "lists too much at once");
	action = (struct alym_action){ .kind = ALYM_ACTION_VERDICT, .scratch = &scratch };
	action.verdict.kind = ALYM_UNKNOWN;
	assert_null(action_fault(&action, &event));
	action.verdict.kind = ALYM_DECLINED;
	assert_string_equal(action_fault(&action, &event), "gives a verdict on a list");
	event.list = NULL;
	event.order = &order;
	action = (struct alym_action){ .kind = ALYM_ACTION_LISTED, .scratch = &scratch };
	assert_string_equal(action_fault(&action, &event), "is out of turn");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_list_can_be_booked_movement_by_movement),
	};

	return cmocka_run_group_tests_name("plugins/listed", tests, NULL, NULL);
}
