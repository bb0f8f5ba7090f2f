/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "tests/gateways/freedompay/fixture.h"

#define ENTRY(status, amount)                                                           \
	"<pg_refund_payment><pg_payment_id>9</pg_payment_id><pg_payment_status>" status \
	"</pg_payment_status><pg_amount>" amount "</pg_amount></pg_refund_payment>"

/* What get_status3.php may say of a payment. */
static const struct bank_field taken[] = { { "pg_salt", "y", NULL }, { NULL, NULL, NULL } };
static const struct bank_field taken_part[] = { { "pg_clearing_amount", "100.50", NULL },
	{ NULL, NULL, NULL } };
static const struct bank_field held[] = { { "pg_captured", "0", NULL },
	{ "pg_clearing_amount", "0", NULL }, { NULL, NULL, NULL } };
static const struct bank_field held_more[] = { { "pg_captured", "0", NULL },
	{ "pg_clearing_amount", "0", NULL }, { "pg_amount", "200000", NULL },
	{ NULL, NULL, NULL } };
static const struct bank_field held_less[] = { { "pg_captured", "0", NULL },
	{ "pg_clearing_amount", "0", NULL }, { "pg_amount", "129749.99", NULL },
	{ NULL, NULL, NULL } };
static const struct bank_field held_dollars[] = { { "pg_captured", "0", NULL },
	{ "pg_clearing_amount", "0", NULL }, { "pg_currency", "USD", NULL }, { NULL, NULL, NULL } };
static const struct bank_field over[] = { { "pg_captured", "0", NULL },
	{ "pg_payment_status", "revoked", NULL }, { NULL, NULL, NULL } };
static const struct bank_field waiting[] = { { "pg_captured", "0", NULL },
	{ "pg_payment_status", "pending", NULL }, { NULL, NULL, NULL } };
static const struct bank_field returned[] = { { "pg_payment_status", "refunded", NULL },
	{ "pg_refund_amount", "-129750", NULL }, { NULL, NULL, NULL } };
static const struct bank_field refunded[] = { { "pg_refund_amount", "-1000", NULL },
	{ "pg_refund_payments", ENTRY("success", "-1000.0"), "-1000.0;9;success" },
	{ NULL, NULL, NULL } };
static const struct bank_field refunding[] = { { "pg_refund_amount", "-1000", NULL },
	{ "pg_refund_payments", ENTRY("pending", "-1000.0"), "-1000.0;9;pending" },
	{ NULL, NULL, NULL } };
static const struct bank_field refunded_twice[] = { { "pg_refund_amount", "-2000", NULL },
	{ "pg_refund_payments", ENTRY("success", "-1000") ENTRY("ok", "-1000"),
		"-1000;9;success;-1000;9;ok" },
	{ NULL, NULL, NULL } };
static const struct bank_field refund_failed[] = {
	{ "pg_refund_payments", ENTRY("failed", "-1000"), "-1000;9;failed" }, { NULL, NULL, NULL }
};
static const struct bank_field dollars[] = { { "pg_currency", "USD", NULL }, { NULL, NULL, NULL } };

static void look(struct drive *d, const struct bank_field *changes)
{
	struct bank_field fields[BANK_FIELDS_MAX];

	assert_asked(d, "get_status3.php");
	bank_change(bank_taken, changes, fields);
	bank_answer(d, fields);
}

static void error(struct drive *d, const char *code)
{
	bank_answer(d, F({ "pg_status", "error", NULL }, { "pg_error_code", code, NULL },
			       { "pg_salt", "s", NULL }));
}

/* The bank's answer to a movement: a status, an error's code, or "" when it is lost. */
static void move(struct drive *d, const char *script, const char *said)
{
	assert_asked(d, script);
	assert_string_equal(bank_asked_field(d, "pg_payment_id"), BANK_ID);
	if (said[0] == '\0') {
		drive_failure(d, ALYM_FAILURE_PERHAPS_SENT);
	} else if (said[0] >= '0' && said[0] <= '9') {
		error(d, said);
	} else {
		bank_answer(d, F({ "pg_status", said, NULL }, { "pg_salt", "s", NULL }));
	}
}

static const char *script_of(enum alym_operation operation)
{
	if (operation == ALYM_OPERATION_CAPTURE) {
		return "do_capture.php";
	}
	return operation == ALYM_OPERATION_RELEASE ? "cancel.php" : "revoke.php";
}

#define CAPTURE ALYM_OPERATION_CAPTURE
#define RELEASE ALYM_OPERATION_RELEASE
#define REFUND  ALYM_OPERATION_REFUND

struct way {
	const struct bank_field *before; /* what the status is first */
	const char *said;                /* NULL: nothing is to be sent */
	const struct bank_field *after;  /* NULL: nothing is to be asked */
	enum alym_operation operation;
	enum alym_verdict_kind kind;
};

/* Each alike whether it is the first time or a repetition. */
static const struct way ways[] = {
	{ held, "ok", taken, CAPTURE, ALYM_DONE },
	{ held_more, "success", taken, CAPTURE, ALYM_DONE },
	{ held, "pending", taken, CAPTURE, ALYM_DONE },
	{ held, "pending", held, CAPTURE, ALYM_UNKNOWN },
	{ held, "", taken, CAPTURE, ALYM_DONE },
	{ held, "", held, CAPTURE, ALYM_UNKNOWN },
	{ held, "ok", held, CAPTURE, ALYM_UNKNOWN },
	{ held, "ok", over, CAPTURE, ALYM_DECLINED },
	{ held, "120", held, CAPTURE, ALYM_DECLINED },
	{ held, "420", held, CAPTURE, ALYM_DECLINED },
	{ held, "120", taken, CAPTURE, ALYM_DONE },
	{ held, "100", held, CAPTURE, ALYM_UNKNOWN },
	{ held, "130", held, CAPTURE, ALYM_UNKNOWN },
	{ held, "350", held, CAPTURE, ALYM_UNKNOWN },
	{ held, "1000", held, CAPTURE, ALYM_UNKNOWN },
	{ taken, NULL, NULL, CAPTURE, ALYM_DONE },
	{ over, NULL, NULL, CAPTURE, ALYM_DECLINED },
	{ held_less, NULL, NULL, CAPTURE, ALYM_DECLINED },
	{ held_dollars, NULL, NULL, CAPTURE, ALYM_DECLINED },
	{ waiting, NULL, NULL, CAPTURE, ALYM_UNKNOWN },
	{ returned, NULL, NULL, CAPTURE, ALYM_UNKNOWN },
	{ held, "ok", NULL, RELEASE, ALYM_DONE },
	{ held_dollars, "success", NULL, RELEASE, ALYM_DONE },
	{ held, "pending", held, RELEASE, ALYM_UNKNOWN },
	{ held, "", over, RELEASE, ALYM_DONE },
	{ held, "", held, RELEASE, ALYM_UNKNOWN },
	{ held, "490", held, RELEASE, ALYM_DECLINED },
	{ held, "490", taken, RELEASE, ALYM_DECLINED },
	{ held, "600", held, RELEASE, ALYM_UNKNOWN },
	{ held, "9999", held, RELEASE, ALYM_UNKNOWN },
	{ over, NULL, NULL, RELEASE, ALYM_DONE },
	{ taken, NULL, NULL, RELEASE, ALYM_DECLINED },
	{ waiting, NULL, NULL, RELEASE, ALYM_UNKNOWN },
	{ returned, NULL, NULL, RELEASE, ALYM_UNKNOWN },
	{ taken, "ok", refunded, REFUND, ALYM_DONE },
	{ taken, "success", refunded, REFUND, ALYM_DONE },
	{ taken, "pending", refunding, REFUND, ALYM_PENDING },
	{ taken, "ok", taken, REFUND, ALYM_PENDING },
	{ taken, "", refunded, REFUND, ALYM_DONE },
	{ taken, "", refunding, REFUND, ALYM_PENDING },
	{ taken, "", taken, REFUND, ALYM_UNKNOWN },
	{ taken, "420", taken, REFUND, ALYM_DECLINED },
	{ taken, "420", refunded, REFUND, ALYM_DONE },
	{ taken, "120", refund_failed, REFUND, ALYM_DECLINED },
	{ taken, "130", taken, REFUND, ALYM_UNKNOWN },
	{ taken, "101", taken, REFUND, ALYM_UNKNOWN },
	{ taken, "ok", refunded_twice, REFUND, ALYM_UNKNOWN },
	{ refund_failed, "ok", refunded, REFUND, ALYM_DONE },
	{ taken_part, NULL, NULL, REFUND, ALYM_DECLINED },
	{ held, NULL, NULL, REFUND, ALYM_DECLINED },
	{ over, NULL, NULL, REFUND, ALYM_DECLINED },
	{ waiting, NULL, NULL, REFUND, ALYM_UNKNOWN },
	{ returned, NULL, NULL, REFUND, ALYM_UNKNOWN },
	{ refunded_twice, NULL, NULL, REFUND, ALYM_UNKNOWN },
	{ dollars, NULL, NULL, REFUND, ALYM_UNKNOWN },
};

static void go(struct drive *d, const struct way *way)
{
	drive_start(d, way->operation);
	look(d, way->before);
	if (way->said != NULL) {
		move(d, script_of(way->operation), way->said);
	}
	if (way->after != NULL) {
		look(d, way->after);
	}
	assert_verdict(d, way->kind);
}

static void each_way_has_its_verdict(void **state)
{
	struct drive *d = fixture_drive(state);

	for (size_t i = 0; i < 2 * COUNT(ways); i++) {
		const struct way *way = &ways[i / 2];

		d->again = i % 2 == 1;
		d->order.handle = i % 4 < 2 ? TEXT(BANK_ID) : TEXT("");
		go(d, way);
		if (way->kind == ALYM_DONE && way->operation == ALYM_OPERATION_CAPTURE) {
			assert_int_equal(d->action.verdict.amount.minor, 12975000);
			assert_text(d->action.verdict.operation, BANK_ID);
		}
		if (way->kind == ALYM_DONE && way->operation == ALYM_OPERATION_REFUND) {
			assert_int_equal(d->action.verdict.amount.minor, 100000);
			assert_text(d->action.verdict.operation, BANK_ID "-r1");
		}
	}
}

static void the_sum_is_said_in_the_request(void **state)
{
	struct drive *d = fixture_drive(state);

	drive_start(d, ALYM_OPERATION_CAPTURE);
	look(d, held_more);
	assert_asked(d, "do_capture.php");
	assert_string_equal(bank_asked_field(d, "pg_clearing_amount"), "129750.00");
	assert_string_equal(bank_asked_field(d, "pg_merchant_id"), "500235");
	drive_start(d, ALYM_OPERATION_REFUND);
	look(d, taken);
	assert_asked(d, "revoke.php");
	assert_string_equal(bank_asked_field(d, "pg_refund_amount"), "1000.00");
	drive_start(d, ALYM_OPERATION_RELEASE);
	look(d, held);
	assert_asked(d, "cancel.php");
	assert_null(bank_asked_field(d, "pg_refund_amount"));
	assert_null(bank_asked_field(d, "pg_clearing_amount"));
}

/* revoke.php has no key: what the list shows decides, and never the hope that it was not heard. */
static void a_refund_whose_answer_was_lost_is_found(void **state)
{
	struct drive *d = fixture_drive(state);

	drive_start(d, ALYM_OPERATION_REFUND);
	look(d, taken);
	assert_asked(d, "revoke.php");
	drive_failure(d, ALYM_FAILURE_PERHAPS_SENT);
	assert_asked(d, "get_status3.php");
	drive_failure(d, ALYM_FAILURE_PERHAPS_SENT);
	assert_verdict(d, ALYM_UNKNOWN);
	assert_text(d->action.verdict.handle, "");
	d->again = true;
	drive_start(d, ALYM_OPERATION_REFUND);
	look(d, refunded);
	assert_verdict(d, ALYM_DONE);
	/* Without a request of ours before it, it is somebody else's. */
	d->again = false;
	drive_start(d, ALYM_OPERATION_REFUND);
	look(d, refunded);
	assert_verdict(d, ALYM_UNKNOWN);
}

static void a_refund_that_was_not_heard_is_sent_again(void **state)
{
	struct drive *d = fixture_drive(state);

	d->again = true;
	drive_start(d, ALYM_OPERATION_REFUND);
	look(d, taken);
	assert_asked(d, "revoke.php");
	drive_failure(d, ALYM_FAILURE_NOT_SENT);
	assert_verdict(d, ALYM_UNKNOWN);
}

/* The bank says yes and shows it an hour later: meanwhile it is not sent a second time. */
static void a_refund_that_was_accepted_is_sent_once(void **state)
{
	struct drive *d = fixture_drive(state);
	char handle[ALYM_HANDLE_MAX + 1];

	d->order.handle = TEXT(BANK_ID);
	drive_start(d, ALYM_OPERATION_REFUND);
	look(d, taken);
	move(d, "revoke.php", "pending");
	look(d, taken);
	assert_verdict(d, ALYM_PENDING);
	assert_true(text_copy(d->action.verdict.handle, handle, sizeof(handle)));
	assert_string_equal(handle, BANK_ID " r1");
	d->again = true;
	d->order.handle = text_of(handle);
	drive_start(d, ALYM_OPERATION_REFUND);
	look(d, taken);
	assert_verdict(d, ALYM_PENDING);
	drive_start(d, ALYM_OPERATION_REFUND);
	look(d, refunded);
	assert_verdict(d, ALYM_DONE);
	assert_text(d->action.verdict.operation, BANK_ID "-r1");
	/* The next one is another. */
	d->order.refund_id = TEXT("r2");
	d->order.refunded = d->order.refund;
	drive_start(d, ALYM_OPERATION_REFUND);
	look(d, refunded);
	assert_asked(d, "revoke.php");
	/* Nobody can tell what came of it: it was accepted all the same. */
	move(d, "revoke.php", "ok");
	drive_failure(d, ALYM_FAILURE_PERHAPS_SENT);
	assert_verdict(d, ALYM_UNKNOWN);
	assert_text(d->action.verdict.handle, BANK_ID " r2");
}

static void the_second_of_two_parts(void **state)
{
	struct drive *d = fixture_drive(state);

	d->order.refund_id = TEXT("r2");
	d->order.refunded = d->order.refund;
	d->order.handle = TEXT(BANK_ID " r1");
	drive_start(d, ALYM_OPERATION_REFUND);
	look(d, refunded);
	move(d, "revoke.php", "ok");
	look(d, refunded_twice);
	assert_verdict(d, ALYM_DONE);
	assert_text(d->action.verdict.operation, BANK_ID "-r2");
}

static void all_of_it_is_given_back(void **state)
{
	struct drive *d = fixture_drive(state);

	d->order.refund = d->order.amount;
	drive_start(d, ALYM_OPERATION_REFUND);
	look(d, taken);
	move(d, "revoke.php", "success");
	look(d, returned);
	assert_verdict(d, ALYM_DONE);
	assert_int_equal(d->action.verdict.amount.minor, 12975000);
	d->order.refund.minor++;
	drive_start(d, ALYM_OPERATION_REFUND);
	look(d, taken);
	assert_verdict(d, ALYM_DECLINED);
}

static void what_the_status_does_not_tell_moves_nothing(void **state)
{
	static const enum alym_operation operations[] = { CAPTURE, RELEASE, REFUND };
	struct drive *d = fixture_drive(state);

	for (size_t i = 0; i < COUNT(operations); i++) {
		drive_start(d, operations[i]);
		error(d, "340");
		assert_verdict(d, ALYM_UNKNOWN);
		d->order.handle = TEXT(BANK_ID);
		drive_start(d, operations[i]);
		look(d, F({ "pg_payment_id", "4567789", NULL }));
		assert_verdict(d, ALYM_UNKNOWN);
		d->order.handle = TEXT("what the bank never gave us");
		drive_start(d, operations[i]);
		assert_verdict(d, ALYM_UNKNOWN);
		d->order.handle = TEXT("");
	}
	d->order.refund_id = TEXT("12345678901234567890123456789012345678901");
	drive_start(d, ALYM_OPERATION_REFUND);
	assert_verdict(d, ALYM_UNKNOWN);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		FIXTURE_TEST(each_way_has_its_verdict),
		FIXTURE_TEST(the_sum_is_said_in_the_request),
		FIXTURE_TEST(a_refund_whose_answer_was_lost_is_found),
		FIXTURE_TEST(a_refund_that_was_not_heard_is_sent_again),
		FIXTURE_TEST(a_refund_that_was_accepted_is_sent_once),
		FIXTURE_TEST(the_second_of_two_parts),
		FIXTURE_TEST(all_of_it_is_given_back),
		FIXTURE_TEST(what_the_status_does_not_tell_moves_nothing),
	};

	return cmocka_run_group_tests_name("gateways/freedompay/movement", tests, NULL, NULL);
}
