/* SPDX-License-Identifier: Apache-2.0 */

/* Capture, reversal and refund; and what of any answer can not be read. */
#include <stdio.h>

#include "tests/gateways/bcc/fixture.h"

static const struct {
	enum alym_operation operation;
	const char *trtype;
	const char *amount;
	const char *name; /* the operation's id in a verdict */
} moves[] = {
	{ ALYM_OPERATION_CAPTURE, "21", "350.00", "821185120045" },
	{ ALYM_OPERATION_RELEASE, "22", "350.00", "821185120045" },
	{ ALYM_OPERATION_REFUND, "14", "100.00", "14 821185120045 7" },
};

static void begin_move(struct drive *d, size_t i)
{
	d->order.handle = TEXT(BANK_HELD);
	drive_start(d, moves[i].operation);
	assert_null(d->fault);
	assert_int_equal(d->action.kind, ALYM_ACTION_SEND);
}

static struct bank_note done(size_t i)
{
	struct bank_note note = bank_note();

	bank_set(&note, "TRTYPE", moves[i].trtype);
	bank_set(&note, "AMOUNT", moves[i].amount);
	return note;
}

static void the_published_refund_is_asked_for(void **state)
{
	struct fixture *f = *state;
	static char bytes[ALYM_SCRATCH_SIZE];
	static struct alym_scratch scratch;

	scratch = (struct alym_scratch){ .bytes = bytes };
	f->drive.order.handle = TEXT(BANK_HANDLE);
	f->drive.order.refund = money_of(35000, "KZT");
	fixture_vector(f, ALYM_OPERATION_REFUND, &scratch, &f->drive.action);
	assert_string_equal(bank_sent(&f->drive, "P_SIGN"),
		"0D8ABFC1215135BD51AB27C10E2CD621C5AF1432");
}

static void each_movement_says_what_it_moves(void **state)
{
	struct drive *d = fixture_drive(state);

	for (size_t i = 0; i < COUNT(moves); i++) {
		begin_move(d, i);
		assert_string_equal(bank_sent(d, "TRTYPE"), moves[i].trtype);
		assert_string_equal(bank_sent(d, "ORDER"), BANK_ORDER);
		assert_string_equal(bank_sent(d, "AMOUNT"), moves[i].amount);
		assert_string_equal(bank_sent(d, "ORG_AMOUNT"), i == 0 ? "" : "350.00");
		assert_string_equal(bank_sent(d, "CURRENCY"), "398");
		assert_string_equal(bank_sent(d, "RRN"), "821185120045");
		assert_string_equal(bank_sent(d, "INT_REF"), "9C2176F638FDC05C");
		assert_string_equal(bank_sent(d, "TIMESTAMP"), "20200224073921");
	}
}

/* In the order that is written down for it. */
static void a_capture_is_signed_over_its_own_list(void **state)
{
	struct drive *d = fixture_drive(state);
	const char *values[] = { BANK_ORDER, "350.00", "398", "821185120045", "9C2176F638FDC05C",
		"21", "88888881", "20200224073921", "" };
	char nonce[64];
	char sign[BANK_SIGN_SIZE];

	begin_move(d, 0);
	assert_true(text_copy(text_of(bank_sent(d, "NONCE")), nonce, sizeof(nonce)));
	values[8] = nonce;
	bank_sign(BANK_KEY, values, COUNT(values), sign);
	assert_string_equal(bank_sent(d, "P_SIGN"), sign);
}

static void what_the_bank_did_is_done(void **state)
{
	struct drive *d = fixture_drive(state);

	for (size_t i = 0; i < COUNT(moves); i++) {
		for (int form = BANK_JSON; form <= BANK_HTML; form++) {
			struct bank_note note = done(i);

			begin_move(d, i);
			bank_answer_note(d, &note, (enum bank_form)form);
			assert_verdict(d, ALYM_DONE);
			assert_text(d->action.verdict.operation, moves[i].name);
			assert_int_equal(d->action.verdict.amount.minor, i == 2 ? 10000 : 35000);
		}
	}
}

static void each_refusal_has_its_verdict(void **state)
{
	enum { C = ALYM_DECLINED, N = ALYM_NOT_ATTEMPTED, U = ALYM_UNKNOWN };
	static const struct {
		const char *action;
		const char *rc;
		int kinds[3]; /* of capture, release, refund */
	} cases[] = {
		{ "2", "05", { C, C, C } },
		{ "2", "57", { C, C, C } },
		{ "2", "65", { U, U, C } }, /* says nothing about what is held */
		{ "2", "96", { U, U, C } },
		{ "2", "99", { U, U, C } },
		{ "2", "00", { U, U, U } },
		{ "2", "-21", { U, U, U } },
		{ "2", "-20", { U, U, N } },
		{ "3", "-20", { U, U, N } },
		{ "3", "-17", { U, U, N } },
		{ "3", "-2", { U, U, N } },
		{ "3", "96", { U, U, U } },
		{ "3", "05", { U, U, U } },
		{ "1", "-21", { U, U, U } },
		{ "4", "01", { U, U, U } },
		{ "0", "05", { U, U, U } },
	};
	struct drive *d = fixture_drive(state);

	for (size_t k = 0; k < COUNT(cases); k++) {
		for (size_t i = 0; i < COUNT(moves); i++) {
			struct bank_note note = done(i);

			bank_set(&note, "ACTION", cases[k].action);
			bank_set(&note, "RC", cases[k].rc);
			begin_move(d, i);
			bank_answer_note(d, &note, BANK_JSON);
			assert_verdict(d, (enum alym_verdict_kind)cases[k].kinds[i]);
			if (strcmp(cases[k].rc, "-20") == 0) {
				assert_reason(d, "clock");
			}
		}
	}
}

static void another_movement_than_asked_for_is_unknown(void **state)
{
	static const struct bank_field others[] = {
		{ "TRTYPE", "1" },
		{ "TRTYPE", NULL },
		{ "AMOUNT", "350.01" },
		{ "AMOUNT", "" },
		{ "CURRENCY", "840" },
		{ "ORDER", "3558714461569" },
		{ "TERMINAL", "88888888" },
		{ "MERCHANT", "00000002" },
	};
	struct drive *d = fixture_drive(state);

	for (size_t k = 0; k < COUNT(others); k++) {
		for (size_t i = 0; i < COUNT(moves); i++) {
			struct bank_note note = done(i);

			bank_set(&note, others[k].name, others[k].value);
			begin_move(d, i);
			bank_answer_note(d, &note, BANK_HTML);
			assert_verdict(d, ALYM_UNKNOWN);
		}
	}
}

/* The bank would not know a repeat. */
static void what_was_perhaps_sent_is_not_sent_again(void **state)
{
	struct drive *d = fixture_drive(state);

	d->again = true;
	d->order.handle = TEXT(BANK_HANDLE);
	for (size_t i = 0; i < COUNT(moves); i++) {
		drive_start(d, moves[i].operation);
		assert_verdict(d, ALYM_UNKNOWN);
	}
}

static void without_a_reference_nothing_is_sent(void **state)
{
	static const char *const handles[] = { "", "821185120045", " 9C2176F638FDC05C",
		"821185120045 ", "8211 8512 0045", BANK_HANDLE " 1", BANK_HANDLE " 12 " };
	struct drive *d = fixture_drive(state);

	for (size_t k = 0; k < COUNT(handles); k++) {
		d->order.handle = text_of(handles[k]);
		for (size_t i = 0; i < COUNT(moves); i++) {
			drive_start(d, moves[i].operation);
			assert_verdict(d, i == 2 ? ALYM_NOT_ATTEMPTED : ALYM_UNKNOWN);
		}
	}
}

static void what_was_taken_at_once_is_not_taken_or_given_up(void **state)
{
	struct drive *d = fixture_drive(state);

	d->order.handle = TEXT(BANK_HANDLE);
	for (size_t i = 0; i < COUNT(moves); i++) {
		drive_start(d, moves[i].operation);
		if (moves[i].operation == ALYM_OPERATION_REFUND) {
			assert_int_equal(d->action.kind, ALYM_ACTION_SEND);
		} else {
			assert_verdict(d, ALYM_UNKNOWN);
		}
	}
}

static void each_failure_has_its_verdict(void **state)
{
	struct drive *d = fixture_drive(state);

	for (size_t i = 0; i < COUNT(moves); i++) {
		begin_move(d, i);
		drive_failure(d, ALYM_FAILURE_NOT_SENT);
		assert_verdict(d, ALYM_NOT_ATTEMPTED);
		begin_move(d, i);
		drive_failure(d, ALYM_FAILURE_PERHAPS_SENT);
		assert_verdict(d, ALYM_UNKNOWN);
	}
}

/* ---- answers that can not be read ---- */

static void assert_unreadable(struct drive *d, int status, struct text body)
{
	drive_start(d, ALYM_OPERATION_STATUS);
	bank_answer(d, status, body);
	assert_verdict(d, ALYM_UNKNOWN);
}

/* What of a page is missing at its end may be what nobody asks for. */
static void an_answer_cut_short_is_unknown_or_the_same(void **state)
{
	struct drive *d = fixture_drive(state);
	struct bank_note note = bank_note();
	char body[BANK_BODY_SIZE];

	for (int form = BANK_JSON; form <= BANK_HTML; form++) {
		struct text whole = bank_write(&note, (enum bank_form)form, body);
		size_t last = (size_t)(strstr(body, "9C2176F638FDC05C") - body) + 16;
		size_t done_times = 0;

		for (size_t size = 0; size < whole.size; size++) {
			drive_start(d, ALYM_OPERATION_STATUS);
			bank_answer(d, 200, (struct text){ body, size });
			if (form == BANK_JSON || size <= last ||
				d->action.verdict.kind == ALYM_UNKNOWN) {
				assert_verdict(d, ALYM_UNKNOWN);
				continue;
			}
			assert_verdict(d, ALYM_DONE);
			assert_text(d->action.verdict.handle, BANK_HANDLE);
			assert_int_equal(d->action.verdict.amount.minor, 35000);
			done_times++;
		}
		assert_int_equal(done_times > 0, form == BANK_HTML);
	}
}

#define FIELD(name, value) "<input type=hidden name=" name " value='" value "'>"
#define PAID                          \
	FIELD("ACTION", "0")          \
	FIELD("TERMINAL", "88888881") \
	FIELD("TRTYPE", "1")          \
	FIELD("AMOUNT", "350.00")     \
	FIELD("CURRENCY", "398")      \
	FIELD("ORDER", BANK_ORDER) FIELD("RRN", "821185120045") FIELD("INT_REF", "9C2176F638FDC05C")

static void a_page_is_read_as_browsers_do(void **state)
{
	static const char *const done_pages[] = {
		" \r\n<!DOCTYPE html><HTML><BODY><FORM>" PAID "<INPUT TYPE='HIDDEN' NAME='RC' "
		"VALUE='00'></FORM></BODY></HTML>",
		"<input value=00 name=RC type=Hidden>" PAID " \n",
		"<?xml version='1.0' encoding='koi8-r'?><html><head><meta charset=windows-1251>"
		"</head>\xCF\xEB\xE0\xF2\xB8\xE6" FIELD("RC", "&#48;0") PAID,
		"<p><b><p></i>" PAID FIELD("RC", "00") FIELD("RC_TEXT", "\xD0\x96")
			FIELD("RC_TEXT", "twice") "<input name=RC value=05>",
	};
	static const char *const others[] = {
		"<html>" PAID FIELD("RC", "00") FIELD("RC", "00"),
		"<html>" PAID FIELD("RC", "05") FIELD("RC", "00"),
		"<html>" PAID "<input name=RC value=00>",
		"<html>" PAID "<!-- " FIELD("RC", "00") " -->",
		"<html>" PAID "<script>'" FIELD("RC", "00") "'</script>",
		"<html>" PAID FIELD("RC", "0&#1080;"),
		"<html>" PAID FIELD("RC", "0\xFF"),
		"<html>" PAID FIELD("RC", "0&nbsp;"),
		"<!DOCTYPE x [<!ENTITY z '00'>]><html>" PAID FIELD("RC", "&z;"),
		"<html><h1>Bad Gateway</h1></html>",
		"<html>" PAID "<input type=hidden name=RC value=00",
		"<",
		"<<<<>",
	};
	struct drive *d = fixture_drive(state);

	for (size_t i = 0; i < COUNT(done_pages); i++) {
		drive_start(d, ALYM_OPERATION_STATUS);
		bank_answer(d, 200, text_of(done_pages[i]));
		assert_verdict(d, ALYM_DONE);
	}
	for (size_t i = 0; i < COUNT(others); i++) {
		assert_unreadable(d, 200, text_of(others[i]));
	}
}

static void what_is_neither_json_nor_a_page_is_unknown(void **state)
{
	static const char *const bodies[] = {
		"",
		" ",
		"0",
		"null",
		"[]",
		"[{\"ACTION\":\"0\"}]",
		"ACTION=0&RC=00",
		"\xEF\xBB\xBF{\"ACTION\":\"0\"}",
		"{\"ACTION\":0,\"RC\":\"00\"}",
		"{\"ACTION\":\"0\",\"ACTION\":\"0\"}",
		"{\"RC\":\"0\\u00e9\"}",
		"{\"RC\":\"0\xFF\"}",
		"{\"RC\":null}",
	};
	struct drive *d = fixture_drive(state);
	struct bank_note note = bank_note();
	char body[BANK_BODY_SIZE];
	char large[66000];
	struct text whole = bank_write(&note, BANK_JSON, body);

	for (size_t i = 0; i < COUNT(bodies); i++) {
		assert_unreadable(d, 200, text_of(bodies[i]));
	}
	assert_unreadable(d, 200, (struct text){ "{\"A\":\"\0\"}", 9 });
	assert_unreadable(d, 302, whole);
	assert_unreadable(d, 400, whole);
	assert_unreadable(d, 500, whole);

	memset(large, ' ', sizeof(large));
	memcpy(large, whole.bytes, whole.size);
	drive_start(d, ALYM_OPERATION_STATUS);
	bank_answer(d, 200, (struct text){ large, 65536 });
	assert_verdict(d, ALYM_DONE);
	assert_unreadable(d, 200, (struct text){ large, 65537 });
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		FIXTURE_TEST(the_published_refund_is_asked_for),
		FIXTURE_TEST(each_movement_says_what_it_moves),
		FIXTURE_TEST(a_capture_is_signed_over_its_own_list),
		FIXTURE_TEST(what_the_bank_did_is_done),
		FIXTURE_TEST(each_refusal_has_its_verdict),
		FIXTURE_TEST(another_movement_than_asked_for_is_unknown),
		FIXTURE_TEST(what_was_perhaps_sent_is_not_sent_again),
		FIXTURE_TEST(without_a_reference_nothing_is_sent),
		FIXTURE_TEST(what_was_taken_at_once_is_not_taken_or_given_up),
		FIXTURE_TEST(each_failure_has_its_verdict),
		FIXTURE_TEST(an_answer_cut_short_is_unknown_or_the_same),
		FIXTURE_TEST(a_page_is_read_as_browsers_do),
		FIXTURE_TEST(what_is_neither_json_nor_a_page_is_unknown),
	};

	return cmocka_run_group_tests_name("gateways/bcc/operation", tests, NULL, NULL);
}
