/* SPDX-License-Identifier: Apache-2.0 */

/* Each check of the kit finds the bug that it is for. */
#include <string.h>

#include "tests/alym_test.h"
#include "tests/gateways/sandbox/words.h"

enum { SETTINGS_MAX = 8, FOUND_MAX = 3 };

static const struct {
	const char *bug;
	enum kit_check found[FOUND_MAX]; /* the first again where there are fewer */
} bugs[] = {
	{ "endless", { KIT_OPERATIONS, KIT_OPERATIONS, KIT_OPERATIONS } },
	{ "holds", { KIT_MEMORY, KIT_MEMORY, KIT_MEMORY } },
	{ "twice", { KIT_APPROVE, KIT_HOLD, KIT_REORDERED } },
	{ "never_declines", { KIT_DECLINE, KIT_DECLINE, KIT_DECLINE } },
	{ "impatient", { KIT_WAITING, KIT_HOLD, KIT_DECLINE } },
	{ "refunds_again", { KIT_REFUND, KIT_REFUND, KIT_REFUND } },
	{ "gives_up", { KIT_FAILURE, KIT_FAILURE, KIT_FAILURE } },
	{ "not_attempted", { KIT_FAILURE, KIT_FAILURE, KIT_FAILURE } },
	{ "forgets", { KIT_LOST, KIT_LOST, KIT_LOST } },
	{ "status_blind", { KIT_STATUS, KIT_STATUS, KIT_STATUS } },
	{ "hasty", { KIT_STATUS, KIT_CUT, KIT_MEMBER } },
	{ "counts", { KIT_DUPLICATE, KIT_DUPLICATE, KIT_DUPLICATE } },
	{ "expires", { KIT_LATE, KIT_LATE, KIT_LATE } },
	{ "yes", { KIT_DECISION, KIT_DECISION, KIT_DECISION } },
	{ "trusts", { KIT_FORGED, KIT_KEY, KIT_KEY } },
	{ "half", { KIT_FORGED, KIT_FORGED, KIT_FORGED } },
	{ "replays", { KIT_REPLAYED, KIT_REPLAYED, KIT_REPLAYED } },
	{ "merchant", { KIT_MERCHANT, KIT_MERCHANT, KIT_MERCHANT } },
	{ "amount", { KIT_AMOUNT, KIT_AMOUNT, KIT_AMOUNT } },
	{ "currency", { KIT_CURRENCY, KIT_CURRENCY, KIT_CURRENCY } },
	{ "order", { KIT_ORDER, KIT_ORDER, KIT_ORDER } },
	{ "large", { KIT_SIZE, KIT_SIZE, KIT_SIZE } },
	{ "bytes", { KIT_ENCODING, KIT_ENCODING, KIT_ENCODING } },
	{ "default", { KIT_MEMBER, KIT_MEMBER, KIT_MEMBER } },
};

static bool passes(const char *bug, enum kit_check check, bool proves)
{
	struct alym_setting settings[SETTINGS_MAX] = { { "bug", text_of(bug) } };
	struct kit_bank bank = sandbox_words(TEST_GATEWAY);
	char why[1024];
	bool passed;

	assert_true(bank.setting_count < SETTINGS_MAX);
	memcpy(settings + 1, bank.settings, bank.setting_count * sizeof(*settings));
	bank.settings = settings;
	bank.setting_count++;
	bank.proves = proves;
	passed = kit_judge(&bank, check, why, sizeof(why));
	print_message("%-15s %-10s %s\n", bug, kit_check_name(check), passed ? "passed" : why);
	assert_true(passed == (why[0] == '\0'));
	return passed;
}

static void each_bug_is_found(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(bugs); i++) {
		for (size_t k = 0; k < FOUND_MAX; k++) {
			if (k == 0 || bugs[i].found[k] != bugs[i].found[k - 1]) {
				assert_false(passes(bugs[i].bug, bugs[i].found[k], true));
			}
		}
	}
}

/* The sandbox believes signed calls, which is wrong of a bank whose signature proves nothing. */
static void a_call_that_proves_nothing_must_not_be_believed(void **state)
{
	(void)state;
	assert_false(passes("none", KIT_UNPROVEN, false));
}

static void each_check_finds_something_and_nothing_without_a_bug(void **state)
{
	(void)state;
	for (int check = 0; check < KIT_CHECK_COUNT; check++) {
		bool finds = check == KIT_UNPROVEN;

		for (size_t i = 0; i < COUNT(bugs); i++) {
			for (size_t k = 0; k < FOUND_MAX; k++) {
				finds = finds || (int)bugs[i].found[k] == check;
			}
		}
		if (!finds) {
			fail_msg("no bug shows that %s can fail",
				kit_check_name((enum kit_check)check));
		}
	}
	for (int check = 0; check < KIT_CHECK_COUNT; check++) {
		assert_true(passes("none", (enum kit_check)check, true));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_bug_is_found),
		cmocka_unit_test(a_call_that_proves_nothing_must_not_be_believed),
		cmocka_unit_test(each_check_finds_something_and_nothing_without_a_bug),
	};

	return cmocka_run_group_tests_name("gateways/kit/planted", tests, NULL, NULL);
}
