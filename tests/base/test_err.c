/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/err.h"
#include "tests/alym_test.h"

static void a_failure_says_its_kind_and_why(void **state)
{
	struct err err = { 0 };

	(void)state;
	assert_false(err_set(&err, ERR_LIMIT, "open %s: %d", "the book", 7));
	assert_int_equal(err.kind, ERR_LIMIT);
	assert_string_equal(err.message, "open the book: 7");
}

static void nobody_has_to_listen(void **state)
{
	(void)state;
	assert_false(err_set(NULL, ERR_SYSTEM, "unheard"));
}

static void a_long_message_is_cut_and_ends(void **state)
{
	struct err err = { 0 };
	char longer[ERR_MESSAGE_SIZE + 100];

	(void)state;
	memset(longer, 'x', sizeof(longer) - 1);
	longer[sizeof(longer) - 1] = '\0';
	assert_false(err_set(&err, ERR_PEER, "%s", longer));
	assert_int_equal(strlen(err.message), ERR_MESSAGE_SIZE - 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_failure_says_its_kind_and_why),
		cmocka_unit_test(nobody_has_to_listen),
		cmocka_unit_test(a_long_message_is_cut_and_ends),
	};

	return cmocka_run_group_tests_name("base/err", tests, NULL, NULL);
}
