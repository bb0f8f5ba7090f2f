/* SPDX-License-Identifier: Apache-2.0 */

/* Money that is held, taken in whole or in part, given up, given back. */
#include <string.h>

#include "tests/gateways/rbs/fixture.h"

#define BY_ID RBS_BANK_WHO "&orderId=" RBS_BANK_ID
#define ASK   "getOrderStatusExtended.do"
#define OK    "{\"errorCode\":\"0\"}"

static struct drive *held_drive(void **state)
{
	struct drive *d = fixture_drive(state);

	d->order.handle = TEXT(RBS_BANK_ID);
	return d;
}

/* What the bank says when it is asked first, when that is enough; not one movement is sent. */
static void what_is_so_already_needs_no_movement(void **state)
{
	static const struct {
		const char *body;
		const char *reason;
		enum alym_operation operation;
		enum alym_verdict_kind kind;
	} cases[] = {
		{ RBS_BANK_TAKEN, "", ALYM_OPERATION_CAPTURE, ALYM_DONE },
		{ RBS_BANK_REVERSED, "reversed", ALYM_OPERATION_CAPTURE, ALYM_DECLINED },
		{ RBS_BANK_REFUSED, "declined, actionCode 0", ALYM_OPERATION_CAPTURE,
			ALYM_DECLINED },
		{ RBS_BANK_WAITING, "nothing is held", ALYM_OPERATION_CAPTURE, ALYM_UNKNOWN },
		{ RBS_BANK_STATUS_OF("1", "12974999", "0", "0"), "less is held than was ordered",
			ALYM_OPERATION_CAPTURE, ALYM_DECLINED },
		{ "{\"errorCode\":6}", "no status, errorCode 6", ALYM_OPERATION_CAPTURE,
			ALYM_UNKNOWN },
		{ RBS_BANK_REVERSED, "", ALYM_OPERATION_RELEASE, ALYM_DONE },
		{ RBS_BANK_TAKEN, "the money was taken", ALYM_OPERATION_RELEASE, ALYM_DECLINED },
		{ RBS_BANK_REFUSED, "declined, actionCode 0", ALYM_OPERATION_RELEASE,
			ALYM_DECLINED },
		{ RBS_BANK_WAITING, "nothing is held", ALYM_OPERATION_RELEASE, ALYM_UNKNOWN },
		{ "{\"errorCode\":5}", "no status, errorCode 5", ALYM_OPERATION_RELEASE,
			ALYM_UNKNOWN },
	};
	struct drive *d = held_drive(state);

	for (size_t i = 0; i < COUNT(cases); i++) {
		d->again = i % 2 == 1;
		drive_start(d, cases[i].operation);
		assert_sends(d, ASK, BY_ID);
		rbs_bank_answer(d, 200, cases[i].body);
		assert_verdict(d, cases[i].kind, cases[i].reason);
	}
}

/* Of a hold of more only what was ordered is taken: the sum is always said. */
static void a_hold_is_taken(void **state)
{
	static const struct {
		const char *held;
		const char *after;
		int64_t minor;
	} cases[] = {
		{ RBS_BANK_HELD, RBS_BANK_TAKEN, 12975000 },
		{ RBS_BANK_STATUS_OF("1", "20000000", "0", "0"),
			RBS_BANK_STATUS_OF("8", "20000000", "12975000", "0"), 12975000 },
		{ RBS_BANK_STATUS_OF("1", "null", "0", "0"),
			RBS_BANK_STATUS_OF("2", "1", "12970000", "0"), 12970000 },
	};
	struct drive *d = held_drive(state);

	for (size_t i = 0; i < COUNT(cases); i++) {
		drive_start(d, ALYM_OPERATION_CAPTURE);
		rbs_bank_answer(d, 200, cases[i].held);
		assert_sends(d, "deposit.do", BY_ID "&amount=12975000");
		rbs_bank_answer(d, 200, OK);
		assert_sends(d, ASK, BY_ID);
		rbs_bank_answer(d, 200, cases[i].after);
		assert_verdict(d, ALYM_DONE, "");
		assert_true(d->action.verdict.cumulative);
		assert_int_equal(d->action.verdict.amount.minor, cases[i].minor);
	}
}

static void a_hold_is_given_up(void **state)
{
	struct drive *d = held_drive(state);

	drive_start(d, ALYM_OPERATION_RELEASE);
	rbs_bank_answer(d, 200, RBS_BANK_HELD);
	assert_sends(d, "reverse.do", BY_ID);
	rbs_bank_answer(d, 200, OK);
	assert_sends(d, ASK, BY_ID);
	rbs_bank_answer(d, 200, RBS_BANK_REVERSED);
	assert_verdict(d, ALYM_DONE, "");
}

/* A movement's own answer decides nothing: the order's state does, and is asked for once. */
static void a_refused_movement_is_looked_into(void **state)
{
	static const struct {
		const char *after;
		const char *reason;
		enum alym_operation operation;
		enum alym_verdict_kind kind;
	} cases[] = {
		{ RBS_BANK_HELD, "still held, errorCode 7", ALYM_OPERATION_CAPTURE, ALYM_UNKNOWN },
		{ RBS_BANK_TAKEN, "", ALYM_OPERATION_CAPTURE, ALYM_DONE },
		{ RBS_BANK_REVERSED, "reversed", ALYM_OPERATION_CAPTURE, ALYM_DECLINED },
		{ RBS_BANK_HELD, "still held, errorCode 7", ALYM_OPERATION_RELEASE, ALYM_UNKNOWN },
		{ RBS_BANK_TAKEN, "the money was taken", ALYM_OPERATION_RELEASE, ALYM_DECLINED },
		{ RBS_BANK_REVERSED, "", ALYM_OPERATION_RELEASE, ALYM_DONE },
	};
	struct drive *d = held_drive(state);

	for (size_t i = 0; i < COUNT(cases); i++) {
		drive_start(d, cases[i].operation);
		rbs_bank_answer(d, 200, RBS_BANK_HELD);
		rbs_bank_answer(d, 200, "{\"errorCode\":7}");
		assert_sends(d, ASK, BY_ID);
		rbs_bank_answer(d, 200, cases[i].after);
		assert_verdict(d, cases[i].kind, cases[i].reason);
	}
}

static void a_movement_without_an_answer_is_unknown(void **state)
{
	static const enum alym_operation operations[] = { ALYM_OPERATION_CAPTURE,
		ALYM_OPERATION_RELEASE };
	struct drive *d = held_drive(state);

	for (size_t i = 0; i < COUNT(operations); i++) {
		drive_start(d, operations[i]);
		rbs_bank_answer(d, 200, RBS_BANK_HELD);
		drive_failure(d, ALYM_FAILURE_PERHAPS_SENT);
		assert_verdict(d, ALYM_UNKNOWN, "no answer from the bank");
		drive_start(d, operations[i]);
		rbs_bank_answer(d, 200, RBS_BANK_HELD);
		rbs_bank_answer(d, 502, OK);
		assert_verdict(d, ALYM_UNKNOWN, "the answer's status tells nothing");
		drive_start(d, operations[i]);
		rbs_bank_answer(d, 200, RBS_BANK_HELD);
		rbs_bank_answer(d, 200, "{}");
		assert_verdict(d, ALYM_UNKNOWN, "the answer is malformed");
	}
}

/* An order that the bank does not name can not be moved: there is nothing to say it by. */
static void a_hold_without_a_name_is_unknown(void **state)
{
	struct drive *d = fixture_drive(state);

	drive_start(d, ALYM_OPERATION_CAPTURE);
	assert_sends(d, ASK, RBS_BANK_WHO "&orderNumber=12345678");
	rbs_bank_answer(d, 200,
		"{\"orderNumber\":\"12345678\",\"orderStatus\":1,\"amount\":12975000,"
		"\"currency\":398}");
	assert_verdict(d, ALYM_UNKNOWN, "the bank does not name its order");
}

/* ---- refunds ---- */

static struct drive *refund_drive(void **state)
{
	struct drive *d = held_drive(state);

	d->order.captured = d->order.amount;
	d->order.refund = money_of(1000, "KZT");
	d->order.refund_id = TEXT("r-17");
	return d;
}

/* By the same number and the same rest a repeat is told from a second refund. */
static void a_refund_is_sent_alike_each_time(void **state)
{
	static const char first[] = BY_ID "&amount=1000&expectedDepositedAmount=12975000"
					  "&externalRefundId=r-17";
	struct drive *d = refund_drive(state);

	for (int again = 0; again < 2; again++) {
		d->again = again == 1;
		drive_start(d, ALYM_OPERATION_REFUND);
		assert_sends(d, "refund.do", first);
		drive_failure(d, ALYM_FAILURE_PERHAPS_SENT);
		assert_verdict(d, ALYM_UNKNOWN, "no answer from the bank");
	}
	drive_start(d, ALYM_OPERATION_REFUND);
	rbs_bank_answer(d, 200, OK);
	assert_verdict(d, ALYM_DONE, "");
	assert_int_equal(d->action.verdict.amount.minor, 1000);
	assert_text(d->action.verdict.operation, "refund-r-17");
	d->order.refunded = money_of(1000, "KZT");
	d->order.refund = money_of(12974000, "KZT");
	d->order.refund_id = TEXT("r-18");
	drive_start(d, ALYM_OPERATION_REFUND);
	assert_sends(d, "refund.do",
		BY_ID "&amount=12974000&expectedDepositedAmount=12974000&externalRefundId=r-18");
}

static void a_refusal_declines_only_a_first_refund(void **state)
{
	static const struct {
		const char *body;
		const char *reason;
		enum alym_verdict_kind first;
	} cases[] = {
		{ "{\"errorCode\":\"7\"}", "no refund, errorCode 7", ALYM_DECLINED },
		{ "{\"errorCode\":\"5\"}", "no refund, errorCode 5", ALYM_UNKNOWN },
		{ "{\"errorCode\":\"6\"}", "no refund, errorCode 6", ALYM_UNKNOWN },
		{ "{\"error\":{\"code\":\"8\"}}", "no refund, errorCode 8", ALYM_UNKNOWN },
		{ "{\"errorCode\":\"99\"}", "no refund, errorCode 99", ALYM_UNKNOWN },
		{ "", "the answer is malformed", ALYM_UNKNOWN },
		{ "{}", "the answer is malformed", ALYM_UNKNOWN },
		{ "{\"errorMessage\":\"Success\"}", "the answer is malformed", ALYM_UNKNOWN },
	};
	struct drive *d = refund_drive(state);

	for (size_t i = 0; i < COUNT(cases); i++) {
		d->again = false;
		drive_start(d, ALYM_OPERATION_REFUND);
		rbs_bank_answer(d, 200, cases[i].body);
		assert_verdict(d, cases[i].first, cases[i].reason);
		d->again = true;
		drive_start(d, ALYM_OPERATION_REFUND);
		rbs_bank_answer(d, 200, cases[i].body);
		assert_verdict(d, ALYM_UNKNOWN, cases[i].reason);
	}
}

static void more_than_is_left_is_not_asked_for(void **state)
{
	struct drive *d = refund_drive(state);

	d->order.refunded = money_of(12974001, "KZT");
	drive_start(d, ALYM_OPERATION_REFUND);
	assert_verdict(d, ALYM_DECLINED, "the refund is of more than is left");
	d->again = true;
	drive_start(d, ALYM_OPERATION_REFUND);
	assert_verdict(d, ALYM_UNKNOWN, "the refund is of more than is left");
	d->order.refund = money_of(1, "USD");
	drive_start(d, ALYM_OPERATION_REFUND);
	assert_verdict(d, ALYM_UNKNOWN, "the refund is of nothing that was taken");
	d->order.refund = money_of(1, "KZT");
	d->order.handle = TEXT("");
	drive_start(d, ALYM_OPERATION_REFUND);
	assert_verdict(d, ALYM_UNKNOWN, "the refund is of nothing that was taken");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		FIXTURE_TEST(what_is_so_already_needs_no_movement),
		FIXTURE_TEST(a_hold_is_taken),
		FIXTURE_TEST(a_hold_is_given_up),
		FIXTURE_TEST(a_refused_movement_is_looked_into),
		FIXTURE_TEST(a_movement_without_an_answer_is_unknown),
		FIXTURE_TEST(a_hold_without_a_name_is_unknown),
		FIXTURE_TEST(a_refund_is_sent_alike_each_time),
		FIXTURE_TEST(a_refusal_declines_only_a_first_refund),
		FIXTURE_TEST(more_than_is_left_is_not_asked_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
