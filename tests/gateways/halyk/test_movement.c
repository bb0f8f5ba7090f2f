/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/gateways/halyk/fixture.h"

#define MOVED "https://bank.test:8443/api/operation/" PAID_ID

/* To where the movement is about to be sent, with a token of its own. */
static void stand(struct drive *d, enum alym_operation operation, const char *status)
{
	begin(d, operation);
	assert_text(d->action.request.method, "GET");
	bank_says(d, 200, status);
}

static void move(struct drive *d, enum alym_operation operation, const char *status)
{
	stand(d, operation, status);
	assert_null(d->fault);
	assert_int_equal(d->action.kind, ALYM_ACTION_SEND);
	assert_text(d->action.request.url, "https://token.test/epay2/oauth2/token");
	bank_says(d, 200, "{\"access_token\":\"second\"}");
	assert_int_equal(d->action.kind, ALYM_ACTION_SEND);
}

static void each_movement_is_sent_with_its_own_token(void **state)
{
	static const struct {
		enum alym_operation operation;
		const char *before;
		const char *url;
		const char *done; /* what the bank's id of it is */
	} cases[] = {
		{ ALYM_OPERATION_CAPTURE, PAID("12.22", "AUTH"), MOVED "/charge?amount=12.22",
			PAID_ID },
		{ ALYM_OPERATION_CAPTURE, PAID("100", "AUTH"), MOVED "/charge?amount=12.22",
			PAID_ID },
		{ ALYM_OPERATION_RELEASE, PAID("12.22", "AUTH"), MOVED "/cancel", PAID_ID },
		{ ALYM_OPERATION_REFUND, PAID("12.22", "CHARGE"),
			MOVED "/refund?amount=12.22&externalID=r7", PAID_ID ":r7" },
		{ ALYM_OPERATION_REFUND, PAID("12.22", "REFUND"),
			MOVED "/refund?amount=12.22&externalID=r7", PAID_ID ":r7" },
	};
	struct drive *d = fixture_drive(state);

	for (size_t i = 0; i < COUNT(cases); i++) {
		move(d, cases[i].operation, cases[i].before);
		assert_text(d->action.request.method, "POST");
		assert_text(d->action.request.url, cases[i].url);
		assert_text(drive_header(d, "Authorization"), "Bearer second");
		assert_int_equal(d->action.request.body.size, 0);
		bank_says(d, 200, "");
		assert_verdict(d, ALYM_DONE);
		assert_int_equal(d->action.verdict.amount.minor, 1222);
		assert_text(d->action.verdict.operation, cases[i].done);
	}
}

static void a_part_is_given_back(void **state)
{
	struct drive *d = fixture_drive(state);

	d->order.amount = money_of(12975000, "KZT");
	d->order.refund = money_of(30000, "KZT");
	move(d, ALYM_OPERATION_REFUND, PAID("129750", "CHARGE"));
	assert_text(d->action.request.url, MOVED "/refund?amount=300&externalID=r7");
	bank_says(d, 200, "");
	assert_verdict(d, ALYM_DONE);
	assert_int_equal(d->action.verdict.amount.minor, 30000);
}

/* "The minimum refund amount is 10 tenge." */
static void less_than_ten_tenge_is_not_given_back(void **state)
{
	struct drive *d = fixture_drive(state);

	d->order.refund = money_of(999, "KZT");
	drive_start(d, ALYM_OPERATION_REFUND);
	assert_verdict(d, ALYM_DECLINED);
	d->order.refund = money_of(1000, "KZT");
	drive_start(d, ALYM_OPERATION_REFUND);
	assert_int_equal(d->action.kind, ALYM_ACTION_SEND);
}

static void how_the_money_stands_decides(void **state)
{
	static const struct {
		enum alym_operation operation;
		bool again;
		const char *before;
		enum alym_verdict_kind kind;
	} cases[] = {
		{ ALYM_OPERATION_CAPTURE, true, PAID("12.22", "CHARGE"), ALYM_DONE },
		{ ALYM_OPERATION_CAPTURE, false, PAID("12.21", "AUTH"), ALYM_DECLINED },
		{ ALYM_OPERATION_CAPTURE, false, PAID("12.22", "CANCEL"), ALYM_DECLINED },
		{ ALYM_OPERATION_CAPTURE, false, PAID("12.22", "NEW"), ALYM_UNKNOWN },
		{ ALYM_OPERATION_CAPTURE, false, PAID("12.22", "?"), ALYM_UNKNOWN },
		{ ALYM_OPERATION_CAPTURE, false, "{\"resultCode\":\"102\",\"resultMessage\":\"\"}",
			ALYM_UNKNOWN },
		{ ALYM_OPERATION_RELEASE, true, PAID("12.22", "CANCEL"), ALYM_DONE },
		{ ALYM_OPERATION_RELEASE, true, PAID("12.22", "CANCEL_OLD"), ALYM_DONE },
		{ ALYM_OPERATION_RELEASE, false, PAID("12.22", "CHARGE"), ALYM_DECLINED },
		{ ALYM_OPERATION_RELEASE, false, PAID("12.22", "REFUND"), ALYM_DECLINED },
		{ ALYM_OPERATION_RELEASE, false, PAID("12.22", "REJECT"), ALYM_DECLINED },
		{ ALYM_OPERATION_RELEASE, false, PAID("12.22", "3D"), ALYM_UNKNOWN },
		{ ALYM_OPERATION_REFUND, true, PAID("12.22", "REFUND"), ALYM_DONE },
		{ ALYM_OPERATION_REFUND, true, PAID("100", "REFUND"), ALYM_UNKNOWN },
		{ ALYM_OPERATION_REFUND, true, PAID("100", "CHARGE"), ALYM_UNKNOWN },
		{ ALYM_OPERATION_REFUND, false, PAID("12.22", "AUTH"), ALYM_UNKNOWN },
		{ ALYM_OPERATION_REFUND, false, PAID("12.22", "FAILED"), ALYM_UNKNOWN },
	};
	struct drive *d = fixture_drive(state);

	for (size_t i = 0; i < COUNT(cases); i++) {
		d->again = cases[i].again;
		stand(d, cases[i].operation, cases[i].before);
		assert_verdict(d, cases[i].kind);
	}
}

/* A whole refund that the bank does not show was not made; of a part nobody can tell. */
static void a_refund_is_repeated_only_when_it_was_certainly_not_made(void **state)
{
	struct drive *d = fixture_drive(state);

	d->again = true;
	move(d, ALYM_OPERATION_REFUND, PAID("12.22", "CHARGE"));
	bank_says(d, 400, "{\"code\":100,\"message\":\"\"}");
	assert_verdict(d, ALYM_UNKNOWN);
	d->order.refunded = money_of(1000, "KZT");
	stand(d, ALYM_OPERATION_REFUND, PAID("12.22", "CHARGE"));
	assert_verdict(d, ALYM_UNKNOWN);
}

static void a_refused_movement_leaves_the_hold_to_the_status(void **state)
{
	static const struct {
		const char *before;
		const char *body;
		enum alym_operation operation;
		int status;
		enum alym_verdict_kind kind;
	} cases[] = {
#define CODE(n) "{\"code\":" n ",\"message\":\"\"}"

		{ PAID("12.22", "AUTH"), CODE("100"), ALYM_OPERATION_CAPTURE, 400, ALYM_UNKNOWN },
		{ PAID("12.22", "AUTH"), CODE("484"), ALYM_OPERATION_CAPTURE, 400, ALYM_UNKNOWN },
		{ PAID("12.22", "AUTH"), "", ALYM_OPERATION_CAPTURE, 500, ALYM_UNKNOWN },
		{ PAID("12.22", "AUTH"), CODE("100"), ALYM_OPERATION_RELEASE, 400, ALYM_UNKNOWN },
		{ PAID("12.22", "CHARGE"), CODE("100"), ALYM_OPERATION_REFUND, 400, ALYM_DECLINED },
		{ PAID("12.22", "CHARGE"), CODE("454"), ALYM_OPERATION_REFUND, 400, ALYM_UNKNOWN },
		{ PAID("12.22", "CHARGE"), "", ALYM_OPERATION_REFUND, 400, ALYM_UNKNOWN },
		{ PAID("12.22", "CHARGE"), CODE("100"), ALYM_OPERATION_REFUND, 401, ALYM_UNKNOWN },
		{ PAID("12.22", "CHARGE"), CODE("100"), ALYM_OPERATION_REFUND, 502, ALYM_UNKNOWN },
	};
	struct drive *d = fixture_drive(state);

	for (size_t i = 0; i < COUNT(cases); i++) {
		move(d, cases[i].operation, cases[i].before);
		bank_says(d, cases[i].status, cases[i].body);
		assert_verdict(d, cases[i].kind);
	}
}

static void a_lost_answer_is_unknown_and_what_never_left_is_not(void **state)
{
	struct drive *d = fixture_drive(state);

	drive_start(d, ALYM_OPERATION_REFUND);
	drive_failure(d, ALYM_FAILURE_PERHAPS_SENT);
	assert_verdict(d, ALYM_NOT_ATTEMPTED);
	begin(d, ALYM_OPERATION_REFUND);
	drive_failure(d, ALYM_FAILURE_PERHAPS_SENT);
	assert_verdict(d, ALYM_NOT_ATTEMPTED);
	move(d, ALYM_OPERATION_REFUND, PAID("12.22", "CHARGE"));
	drive_failure(d, ALYM_FAILURE_NOT_SENT);
	assert_verdict(d, ALYM_NOT_ATTEMPTED);
	move(d, ALYM_OPERATION_REFUND, PAID("12.22", "CHARGE"));
	drive_failure(d, ALYM_FAILURE_PERHAPS_SENT);
	assert_verdict(d, ALYM_UNKNOWN);
	d->again = true;
	move(d, ALYM_OPERATION_REFUND, PAID("12.22", "CHARGE"));
	drive_failure(d, ALYM_FAILURE_NOT_SENT);
	assert_verdict(d, ALYM_UNKNOWN);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		FIXTURE_TEST(each_movement_is_sent_with_its_own_token),
		FIXTURE_TEST(a_part_is_given_back),
		FIXTURE_TEST(less_than_ten_tenge_is_not_given_back),
		FIXTURE_TEST(how_the_money_stands_decides),
		FIXTURE_TEST(a_refund_is_repeated_only_when_it_was_certainly_not_made),
		FIXTURE_TEST(a_refused_movement_leaves_the_hold_to_the_status),
		FIXTURE_TEST(a_lost_answer_is_unknown_and_what_never_left_is_not),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
