/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "base/id.h"
#include "ledger/attempt.h"
#include "ledger/payment.h"
#include "tests/alym_test.h"

/* Written by hand from design §3: rows are states, columns ATTEMPT REQUOTE PART FULL CANCEL EXPIRE
 * FULFIL REVERSE_PART REVERSE_FULL. */
static const char *const payment_table[PAYMENT_STATE_COUNT][PAYMENT_EVENT_COUNT] = {
	[PAYMENT_OPEN] = { "open", "open", "partly_paid hold", "paid pay", "cancelled", "expired",
		"-", "-", "-" },
	[PAYMENT_PARTLY_PAID] = { "partly_paid", "partly_paid", "partly_paid hold", "paid pay", "-",
		"-", "-", "partly_paid", "open" },
	[PAYMENT_PAID] = { "-", "-", "paid suspend", "paid suspend", "-", "-", "paid",
		"partly_paid", "open" },
	[PAYMENT_EXEMPT] = { "-", "-", "exempt suspend", "exempt suspend", "-", "-", "exempt", "-",
		"cancelled" },
	[PAYMENT_CANCELLED] = { "-", "-", "partly_paid hold", "paid pay", "=", "-", "-", "-", "-" },
	[PAYMENT_EXPIRED] = { "-", "-", "partly_paid hold", "paid pay", "-", "=", "-", "-", "-" },
};

static void payment_cell(enum payment_state s, enum payment_event e, char text[64])
{
	static const char *const entries[] = { "", " hold", " pay", " suspend" };
	struct payment_step step = payment_step(s, e);

	switch (step.verdict) {
	case PAYMENT_REFUSE:
		(void)snprintf(text, 64, "-");
		break;
	case PAYMENT_REPEAT:
		assert_int_equal(step.next, s);
		assert_int_equal(step.entry, PAYMENT_ENTRY_NONE);
		(void)snprintf(text, 64, "=");
		break;
	case PAYMENT_MOVE:
		(void)snprintf(text, 64, "%s%s", payment_state_name(step.next),
			entries[step.entry]);
		break;
	}
}

static void a_payment_moves_as_the_design_says(void **state)
{
	(void)state;
	for (enum payment_state s = 0; s < PAYMENT_STATE_COUNT; s++) {
		for (enum payment_event e = 0; e < PAYMENT_EVENT_COUNT; e++) {
			char text[64];

			payment_cell(s, e, text);
			print_message("%s, event %d: %s\n", payment_state_name(s), (int)e, text);
			assert_string_equal(text, payment_table[s][e]);
		}
	}
}

static void money_is_never_refused(void **state)
{
	(void)state;
	for (enum payment_state s = 0; s < PAYMENT_STATE_COUNT; s++) {
		assert_int_equal(payment_step(s, PAYMENT_PART).verdict, PAYMENT_MOVE);
		assert_int_equal(payment_step(s, PAYMENT_FULL).verdict, PAYMENT_MOVE);
		assert_int_not_equal(payment_step(s, PAYMENT_FULL).entry, PAYMENT_ENTRY_NONE);
	}
	for (enum attempt_state s = 0; s < ATTEMPT_STATE_COUNT; s++) {
		struct attempt_step step = attempt_step(s, ATTEMPT_DONE);

		assert_int_equal(step.verdict, ATTEMPT_MOVE);
		assert_int_equal(step.next, ATTEMPT_CAPTURED);
	}
}

/* Columns SEND PEND AUTHORIZE LOSE DONE DECLINE MISS RELEASE EXPIRE REVERSE. */
static const char *const attempt_table[ATTEMPT_STATE_COUNT][ATTEMPT_EVENT_COUNT] = {
	[ATTEMPT_CREATED] = { "sent", "-", "-", "-", "captured", "-", "not_attempted", "-", "-",
		"-" },
	[ATTEMPT_SENT] = { "=", "pending", "authorized", "unknown", "captured", "declined",
		"not_attempted", "released", "expired", "-" },
	[ATTEMPT_PENDING] = { "-", "=", "authorized", "=", "captured", "declined", "unknown",
		"released", "expired", "-" },
	[ATTEMPT_AUTHORIZED] = { "-", "=", "=", "unknown", "captured", "declined", "unknown",
		"released", "expired", "-" },
	[ATTEMPT_UNKNOWN] = { "-", "pending", "authorized", "=", "captured", "declined",
		"not_attempted", "released", "expired", "-" },
	[ATTEMPT_CAPTURED] = { "-", "=", "=", "=", "captured", "=", "=", "=", "=", "released" },
	[ATTEMPT_DECLINED] = { "-", "=", "=", "=", "captured", "=", "=", "=", "=", "-" },
	[ATTEMPT_NOT_ATTEMPTED] = { "-", "=", "=", "=", "captured", "=", "=", "=", "=", "-" },
	[ATTEMPT_RELEASED] = { "-", "=", "=", "=", "captured", "=", "=", "=", "=", "-" },
	[ATTEMPT_EXPIRED] = { "-", "=", "=", "=", "captured", "=", "=", "=", "=", "-" },
};

static void an_attempt_moves_as_the_design_says(void **state)
{
	(void)state;
	for (enum attempt_state s = 0; s < ATTEMPT_STATE_COUNT; s++) {
		for (enum attempt_event e = 0; e < ATTEMPT_EVENT_COUNT; e++) {
			struct attempt_step step = attempt_step(s, e);
			const char *text = step.verdict == ATTEMPT_REFUSE ? "-"
					   : step.verdict == ATTEMPT_REPEAT
						   ? "="
						   : attempt_state_name(step.next);

			print_message("%s, event %d: %s\n", attempt_state_name(s), (int)e, text);
			assert_string_equal(text, attempt_table[s][e]);
			if (step.verdict == ATTEMPT_REPEAT) {
				assert_int_equal(step.next, s);
			}
		}
	}
}

static void another_gateway_only_after_no_money_can_have_moved(void **state)
{
	(void)state;
	assert_false(attempt_allows_another(ATTEMPT_UNKNOWN));
	assert_false(attempt_allows_another(ATTEMPT_SENT));
	assert_false(attempt_allows_another(ATTEMPT_PENDING));
	assert_false(attempt_allows_another(ATTEMPT_CAPTURED));
	assert_true(attempt_allows_another(ATTEMPT_DECLINED));
	assert_true(attempt_allows_another(ATTEMPT_NOT_ATTEMPTED));
	assert_false(attempt_is_final(ATTEMPT_UNKNOWN));
	assert_true(attempt_is_final(ATTEMPT_CAPTURED));
}

static void an_attempts_number_tells_its_payment(void **state)
{
	static const int64_t payments[] = { 1, 2, 15, 16, ID_NUMBER_MAX };

	(void)state;
	for (size_t i = 0; i < COUNT(payments); i++) {
		for (size_t k = 0; k < ATTEMPT_COUNT_MAX; k++) {
			int64_t number = attempt_number(payments[i], k);

			assert_int_equal(attempt_payment(number), payments[i]);
			assert_int_equal(attempt_index(number), k);
			assert_true(number <= ID_ATTEMPT_NUMBER_MAX);
		}
	}
	assert_int_equal(attempt_number(1, 0), 17); /* on disk for ever */
	assert_int_equal(attempt_payment(0), 0);
	assert_int_equal(attempt_payment(32), 0);
	assert_int_equal(attempt_payment(-17), 0);
	assert_int_equal(attempt_index(32), SIZE_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_attempts_number_tells_its_payment),
		cmocka_unit_test(a_payment_moves_as_the_design_says),
		cmocka_unit_test(money_is_never_refused),
		cmocka_unit_test(an_attempt_moves_as_the_design_says),
		cmocka_unit_test(another_gateway_only_after_no_money_can_have_moved),
	};

	return cmocka_run_group_tests_name("ledger/payment", tests, NULL, NULL);
}
