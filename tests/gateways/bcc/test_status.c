/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/gateways/bcc/fixture.h"

static void ask(struct drive *d)
{
	drive_start(d, ALYM_OPERATION_STATUS);
	assert_null(d->fault);
	assert_int_equal(d->action.kind, ALYM_ACTION_SEND);
}

/* The answer in both forms comes to the same. */
static void answer(struct drive *d, const struct bank_note *note, enum alym_verdict_kind kind)
{
	for (int form = BANK_JSON; form <= BANK_HTML; form++) {
		ask(d);
		bank_answer_note(d, note, (enum bank_form)form);
		assert_verdict(d, kind);
	}
}

static void with_trtype(void **state, const char *trtype)
{
	fixture_set(*state, "trtype", trtype);
	assert_true(fixture_open(*state));
}

static void the_published_question_is_put(void **state)
{
	struct fixture *f = *state;
	static char bytes[ALYM_SCRATCH_SIZE];
	static struct alym_scratch scratch;

	scratch = (struct alym_scratch){ .bytes = bytes };
	fixture_vector(f, ALYM_OPERATION_STATUS, &scratch, &f->drive.action);
	assert_string_equal(bank_sent(&f->drive, "P_SIGN"),
		"7C0D8BF3F6C7DCB0AA35E88F045292E176184B5E");
	assert_string_equal(bank_sent(&f->drive, "TRTYPE"), "90");
	assert_string_equal(bank_sent(&f->drive, "TRAN_TRTYPE"), "1");
	assert_string_equal(bank_sent(&f->drive, "ORDER"), BANK_ORDER);
	assert_string_equal(bank_sent(&f->drive, "TERMINAL"), "88888881");
	assert_string_equal(bank_sent(&f->drive, "MERCH_GMT"), "0");
	assert_string_equal(bank_sent(&f->drive, "NOTIFY_URL"),
		"https://alym.test:443/callbacks/bcc");
	assert_text(f->drive.action.request.url, BANK_URL);
	assert_text(f->drive.action.request.method, "POST");
	assert_text(drive_header(&f->drive, "Content-Type"), "application/x-www-form-urlencoded");
}

static void a_paid_order_is_done_and_remembered(void **state)
{
	struct drive *d = fixture_drive(state);
	struct bank_note note = bank_note();

	answer(d, &note, ALYM_DONE);
	assert_int_equal(d->action.verdict.amount.minor, 35000);
	assert_string_equal(d->action.verdict.amount.currency, "KZT");
	assert_text(d->action.verdict.operation, "821185120045");
	assert_text(d->action.verdict.handle, BANK_HANDLE);
	bank_set(&note, "TRTYPE", "90");
	bank_set(&note, "TRAN_TRTYPE", "1");
	answer(d, &note, ALYM_DONE);
	bank_set(&note, "AMOUNT", "349.99"); /* the book compares */
	answer(d, &note, ALYM_DONE);
	assert_int_equal(d->action.verdict.amount.minor, 34999);
}

static void each_action_and_rc_has_its_verdict(void **state)
{
	static const struct {
		const char *action;
		const char *rc;
		enum alym_verdict_kind kind;
		const char *reason;
	} cases[] = {
		{ "1", "-21", ALYM_PENDING, "done before" },
		{ "1", "94", ALYM_PENDING, "ACTION 1" },
		{ "2", "05", ALYM_DECLINED, "RC 05" },
		{ "2", "51", ALYM_DECLINED, "not enough money" },
		{ "2", "57", ALYM_DECLINED, "smallest sum" },
		{ "2", "59", ALYM_DECLINED, "fraud" },
		{ "2", "62", ALYM_DECLINED, "restricted" },
		{ "2", "65", ALYM_DECLINED, "limit of operations" },
		{ "2", "95", ALYM_DECLINED, "RC 95" },
		{ "2", "96", ALYM_DECLINED, "fault of the system" },
		{ "2", "14", ALYM_DECLINED, "not known" },
		{ "2", "-19", ALYM_DECLINED, "3-D Secure" },
		{ "2", "00", ALYM_UNKNOWN, "ACTION 2, RC 00" },
		{ "2", "-20", ALYM_UNKNOWN, "clock" },
		{ "2", "-21", ALYM_UNKNOWN, "done before" },
		{ "3", "96", ALYM_DECLINED, "fault of the system" },
		{ "3", "-19", ALYM_DECLINED, "3-D Secure" },
		{ "3", "-2", ALYM_UNKNOWN, "ORDER or TIMESTAMP" },
		{ "3", "-17", ALYM_UNKNOWN, "P_SIGN" },
		{ "3", "-20", ALYM_UNKNOWN, "clock" },
		{ "3", "-24", ALYM_UNKNOWN, "not known" }, /* the payer may still come */
		{ "3", "25", ALYM_UNKNOWN, "not known" },
		{ "4", "01", ALYM_PENDING, "ACTION 4" },
		{ "4", "00", ALYM_UNKNOWN, "ACTION 4, RC 00" },
		{ "5", "-19", ALYM_PENDING, "3-D Secure" },
		{ "5", "-20", ALYM_UNKNOWN, "clock" },
		{ "0", "05", ALYM_UNKNOWN, "ACTION 0, RC 05" },
		{ "0", "0", ALYM_UNKNOWN, "ACTION 0" },
		{ "6", "05", ALYM_UNKNOWN, "ACTION 6" },
		{ "00", "00", ALYM_UNKNOWN, "no ACTION and RC" },
		{ "", "00", ALYM_UNKNOWN, "no ACTION and RC" },
		{ "-", "00", ALYM_UNKNOWN, "no ACTION and RC" },
		{ "0", "", ALYM_UNKNOWN, "no ACTION and RC" },
		{ "0", "000000000", ALYM_UNKNOWN, "no ACTION and RC" },
		{ NULL, "00", ALYM_UNKNOWN, "no ACTION and RC" },
		{ "0", NULL, ALYM_UNKNOWN, "no ACTION and RC" },
	};
	struct drive *d = fixture_drive(state);

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct bank_note note = bank_note();

		bank_set(&note, "ACTION", cases[i].action);
		bank_set(&note, "RC", cases[i].rc);
		answer(d, &note, cases[i].kind);
		assert_reason(d, cases[i].reason);
		assert_false(d->action.verdict.expired);
	}
}

/* Which RC says so is not published: it is a setting, and the payer may come as long as there are
 * forms. */
static void an_order_the_bank_never_saw_waits_and_expires(void **state)
{
	static const struct {
		int64_t after_s;
		enum alym_verdict_kind kind;
	} cases[] = {
		{ 60, ALYM_PENDING },
		{ 1200 + 3600, ALYM_PENDING },
		{ 1200 + 3601, ALYM_DECLINED },
	};
	struct fixture *f = *state;

	fixture_set(f, "absent_rc", "-24  25");
	assert_true(fixture_open(f));
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct bank_note note = bank_note();

		bank_set(&note, "ACTION", "3");
		bank_set(&note, "RC", i % 2 == 0 ? "-24" : "25");
		f->drive.now = BANK_NOW + cases[i].after_s;
		answer(&f->drive, &note, cases[i].kind);
		assert_int_equal(f->drive.action.verdict.expired, cases[i].kind == ALYM_DECLINED);
	}
}

/* Of another order, terminal or merchant, without what is needed, or against itself. */
static void what_is_not_about_the_order_is_unknown(void **state)
{
	static const struct bank_field others[] = {
		{ "ORDER", "3558714461569" },
		{ "ORDER", NULL },
		{ "TERMINAL", "88888888" },
		{ "TERMINAL", NULL },
		{ "MERCHANT", "00000002" },
		{ "TRTYPE", NULL },
		{ "TRTYPE", "90" },
		{ "TRTYPE", "14" },
		{ "TRTYPE", "8" },
		{ "AMOUNT", NULL },
		{ "AMOUNT", "0.00" },
		{ "AMOUNT", "350,00" },
		{ "AMOUNT", "-350.00" },
		{ "AMOUNT", "3.5e2" },
		{ "AMOUNT", "350.000" },
		{ "AMOUNT", "99999999999999999999" },
		{ "AMOUNT", "90071992547409.92" },
		{ "CURRENCY", "840" },
		{ "CURRENCY", NULL },
		{ "RRN", NULL },
		{ "RRN", "" },
		{ "RRN", "82118512 045" },
		{ "RRN", "8211851200458211851200451" },
		{ "INT_REF", NULL },
		{ "INT_REF", "9C21<76F638FDC05C" },
	};
	struct drive *d = fixture_drive(state);

	for (size_t i = 0; i < COUNT(others); i++) {
		struct bank_note note = bank_note();

		bank_set(&note, others[i].name, others[i].value);
		answer(d, &note, ALYM_UNKNOWN);
	}
}

static void an_answer_without_a_merchant_is_ours_by_its_terminal(void **state)
{
	struct bank_note note = bank_note();

	bank_set(&note, "MERCHANT", NULL);
	answer(fixture_drive(state), &note, ALYM_DONE);
}

static void no_answer_says_nothing(void **state)
{
	struct drive *d = fixture_drive(state);
	static const enum alym_failure failures[] = { ALYM_FAILURE_NOT_SENT,
		ALYM_FAILURE_PERHAPS_SENT };

	for (size_t i = 0; i < COUNT(failures); i++) {
		ask(d);
		drive_failure(d, failures[i]);
		assert_verdict(d, ALYM_UNKNOWN);
	}
}

/* ---- the day's window ---- */

static void after_a_day_the_statement_is_named(void **state)
{
	struct drive *d = fixture_drive(state);
	struct bank_note note = bank_note();

	d->now = BANK_NOW + 86400;
	answer(d, &note, ALYM_DONE);
	d->now = BANK_NOW + 86401;
	drive_start(d, ALYM_OPERATION_STATUS);
	assert_verdict(d, ALYM_UNKNOWN);
	assert_reason(d, "24 hours");
	assert_reason(d, "2020-02-24");
	assert_reason(d, BANK_ORDER);
}

/* ---- two steps ---- */

static void held_money_waits_for_its_capture(void **state)
{
	static const char *const trtypes[] = { "0", "12" };

	for (size_t i = 0; i < COUNT(trtypes); i++) {
		struct bank_note note = bank_note();
		struct drive *d = fixture_drive(state);

		with_trtype(state, trtypes[i]);
		ask(d);
		assert_string_equal(bank_sent(d, "TRAN_TRTYPE"), trtypes[i]);
		bank_set(&note, "TRTYPE", trtypes[i]);
		answer(d, &note, ALYM_PENDING);
		assert_true(d->action.verdict.authorized);
		assert_text(d->action.verdict.handle,
			i == 0 ? BANK_HANDLE " 0" : BANK_HANDLE " 12");
		assert_text(d->action.verdict.operation, "");
	}
}

/* Was it taken?  Was it given back?  Is it still held? */
static void what_became_of_held_money_is_asked_in_three(void **state)
{
	struct fixture *f = *state;
	struct drive *d = &f->drive;
	struct bank_note no = bank_note();
	struct bank_note held = bank_note();

	with_trtype(state, "12");
	d->order.handle = TEXT(BANK_HELD);
	bank_set(&no, "ACTION", "2");
	bank_set(&no, "RC", "05");
	bank_set(&held, "TRTYPE", "12");
	ask(d);
	assert_string_equal(bank_sent(d, "TRAN_TRTYPE"), "21");
	bank_answer_note(d, &no, BANK_JSON);
	assert_string_equal(bank_sent(d, "TRAN_TRTYPE"), "22");
	bank_answer_note(d, &held, BANK_JSON); /* of the hold, whatever was asked about */
	assert_string_equal(bank_sent(d, "TRAN_TRTYPE"), "12");
	bank_answer_note(d, &held, BANK_HTML);
	assert_verdict(d, ALYM_PENDING);
	assert_true(d->action.verdict.authorized);
	assert_text(d->action.verdict.handle, "");
}

/* What an order is does not change with the settings. */
static void a_hold_is_one_whatever_the_settings_say(void **state)
{
	struct fixture *f = *state;

	f->drive.order.handle = TEXT(BANK_HANDLE " 0");
	for (size_t i = 0; i < 3; i++) {
		static const char *const about[] = { "21", "22", "0" };
		struct bank_note no = bank_note();

		bank_set(&no, "ACTION", "2");
		bank_set(&no, "RC", "05");
		if (i == 0) {
			ask(&f->drive);
		}
		assert_string_equal(bank_sent(&f->drive, "TRAN_TRTYPE"), about[i]);
		bank_answer_note(&f->drive, &no, BANK_JSON);
	}
	assert_verdict(&f->drive, ALYM_DECLINED);
	with_trtype(state, "12");
	f->drive.order.handle = TEXT(BANK_HANDLE);
	ask(&f->drive);
	assert_string_equal(bank_sent(&f->drive, "TRAN_TRTYPE"), "12");
}

static void held_money_that_was_taken_has_the_hold_s_name(void **state)
{
	struct fixture *f = *state;
	struct bank_note note = bank_note();

	with_trtype(state, "12");
	f->drive.order.handle = TEXT(BANK_HELD);
	bank_set(&note, "TRTYPE", "21");
	bank_set(&note, "RRN", "999999999999");
	ask(&f->drive);
	bank_answer_note(&f->drive, &note, BANK_JSON);
	assert_verdict(&f->drive, ALYM_DONE);
	assert_text(f->drive.action.verdict.operation, "821185120045");
	bank_set(&note, "TRTYPE", "22");
	answer(&f->drive, &note, ALYM_DECLINED);
}

/* Nobody knows whether it was taken: another capture would take it twice. */
static void while_a_capture_is_unclear_nothing_is_held(void **state)
{
	static const struct {
		const char *action;
		const char *rc;
	} cases[] = { { "1", "-21" }, { "3", "-24" }, { "3", "-20" }, { "4", "01" } };
	struct fixture *f = *state;

	with_trtype(state, "12");
	f->drive.order.handle = TEXT(BANK_HELD);
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct bank_note note = bank_note();

		bank_set(&note, "ACTION", cases[i].action);
		bank_set(&note, "RC", cases[i].rc);
		answer(&f->drive, &note, ALYM_UNKNOWN);
	}
	ask(&f->drive);
	drive_failure(&f->drive, ALYM_FAILURE_PERHAPS_SENT);
	assert_verdict(&f->drive, ALYM_UNKNOWN);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		FIXTURE_TEST(the_published_question_is_put),
		FIXTURE_TEST(a_paid_order_is_done_and_remembered),
		FIXTURE_TEST(each_action_and_rc_has_its_verdict),
		FIXTURE_TEST(an_order_the_bank_never_saw_waits_and_expires),
		FIXTURE_TEST(what_is_not_about_the_order_is_unknown),
		FIXTURE_TEST(an_answer_without_a_merchant_is_ours_by_its_terminal),
		FIXTURE_TEST(no_answer_says_nothing),
		FIXTURE_TEST(after_a_day_the_statement_is_named),
		FIXTURE_TEST(held_money_waits_for_its_capture),
		FIXTURE_TEST(what_became_of_held_money_is_asked_in_three),
		FIXTURE_TEST(a_hold_is_one_whatever_the_settings_say),
		FIXTURE_TEST(held_money_that_was_taken_has_the_hold_s_name),
		FIXTURE_TEST(while_a_capture_is_unclear_nothing_is_held),
	};

	return cmocka_run_group_tests_name("gateways/bcc/status", tests, NULL, NULL);
}
