/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "tests/gateways/bcc/fixture.h"

static void assert_answer(const struct drive *d, int status)
{
	assert_null(d->fault);
	assert_int_equal(d->action.kind, ALYM_ACTION_ANSWER);
	assert_int_equal(d->action.answer.status, status);
}

static void assert_hint(const struct drive *d)
{
	assert_null(d->fault);
	assert_int_equal(d->action.kind, ALYM_ACTION_CHECK);
	assert_text(d->action.about_order, BANK_ORDER);
	assert_text(d->action.about_code, "");
}

/* The outcome is not signed: it may say what it likes, it is asked about. */
static void a_notification_is_only_a_hint(void **state)
{
	static const struct bank_field outcomes[][2] = {
		{ { "ACTION", "0" }, { "RC", "00" } },
		{ { "ACTION", "2" }, { "RC", "65" } },
		{ { "ACTION", "3" }, { "RC", "-20" } },
		{ { "ACTION", NULL }, { "RC", NULL } },
		{ { "ACTION", "" }, { "RC", "\"><script>" } },
	};
	struct drive *d = fixture_drive(state);

	for (size_t i = 0; i < COUNT(outcomes); i++) {
		struct bank_note note = bank_note();

		bank_seal(&note, BANK_KEY);
		bank_set(&note, outcomes[i][0].name, outcomes[i][0].value);
		bank_set(&note, outcomes[i][1].name, outcomes[i][1].value);
		bank_call(d, &note);
		assert_hint(d);
	}
}

static void each_decision_has_its_answer(void **state)
{
	static const struct {
		enum alym_answer_kind kind;
		int status;
	} cases[] = {
		{ ALYM_ANSWER_NOTED, 200 },
		{ ALYM_ANSWER_UNKNOWN, 200 },
		{ ALYM_ANSWER_BUSY, 503 },
	};
	struct drive *d = fixture_drive(state);

	for (size_t i = 0; i < COUNT(cases); i++) {
		const struct alym_decision decision = { .kind = cases[i].kind };
		struct bank_note note = bank_note();

		bank_seal(&note, BANK_KEY);
		bank_call(d, &note);
		drive_decision(d, &decision);
		assert_answer(d, cases[i].status);
		assert_text(d->action.answer.body, "");
	}
}

static void two_keys_and_two_passwords_are_in_use(void **state)
{
	static const struct {
		const char *key;
		const char *basic;
		int refusal; /* 0: none */
	} cases[] = {
		{ BANK_KEY, BANK_BASIC_NEXT, 0 },
		{ BANK_KEY_NEXT, BANK_BASIC, 0 },
		{ BANK_KEY_ALIEN, BANK_BASIC, 403 },
		{ BANK_KEY, BANK_BASIC_ALIEN, 401 },
		{ BANK_KEY, NULL, 401 },
		{ BANK_KEY, "", 401 },
		{ BANK_KEY, "Basic YmNjOm5vdGlmeS0", 401 },
		{ BANK_KEY, "basic YmNjOm5vdGlmeS0x", 401 },
	};
	struct drive *d = fixture_drive(state);

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct bank_note note = bank_note();

		note.basic = cases[i].basic;
		bank_seal(&note, cases[i].key);
		bank_call(d, &note);
		if (cases[i].refusal == 0) {
			assert_hint(d);
		} else {
			assert_answer(d, cases[i].refusal);
		}
		assert_int_equal(drive_header(d, "WWW-Authenticate").size > 0,
			cases[i].refusal == 401);
	}
}

static void without_a_password_none_is_asked_for(void **state)
{
	struct fixture *f = *state;
	struct bank_note note = bank_note();

	fixture_set(f, "notify_user", NULL);
	fixture_set(f, "notify_password_file", NULL);
	fixture_set(f, "notify_password_next_file", NULL);
	assert_true(fixture_open(f));
	note.basic = NULL;
	bank_seal(&note, BANK_KEY);
	bank_call(&f->drive, &note);
	assert_hint(&f->drive);
}

static void what_is_signed_can_not_be_changed(void **state)
{
	static const char *const signed_fields[] = { "AMOUNT", "CURRENCY", "ORDER", "MERCHANT",
		"TERMINAL", "MERCH_GMT", "TIMESTAMP", "TRTYPE", "NONCE" };
	struct drive *d = fixture_drive(state);

	for (size_t i = 0; i < COUNT(signed_fields); i++) {
		struct bank_note note = bank_note();
		char *value = strdup(bank_get(&note, signed_fields[i]));

		bank_seal(&note, BANK_KEY);
		for (size_t k = 0; value[k] != '\0'; k++) {
			value[k] ^= 1;
			bank_set(&note, signed_fields[i], value);
			bank_call(d, &note);
			assert_answer(d, 403);
			value[k] ^= 1;
		}
		bank_set(&note, signed_fields[i], NULL);
		bank_call(d, &note);
		assert_answer(d, 403);
		free(value);
	}
}

static void another_s_message_is_refused_though_signed(void **state)
{
	static const struct bank_field others[] = {
		{ "MERCHANT", "00000002" },
		{ "TERMINAL", "88888888" },
		{ "ORDER", "202609051553553713" }, /* of more digits than ours have */
		{ "ORDER", "35587144615a8" },
		{ "ORDER", "" },
		{ "TRTYPE", "171" },
		{ "TRTYPE", "" },
	};
	struct drive *d = fixture_drive(state);

	for (size_t i = 0; i < COUNT(others); i++) {
		struct bank_note note = bank_note();

		bank_set(&note, others[i].name, others[i].value);
		bank_seal(&note, BANK_KEY);
		bank_call(d, &note);
		assert_answer(d, 403);
	}
}

static void what_is_there_twice_is_refused(void **state)
{
	struct drive *d = fixture_drive(state);
	struct bank_note note = bank_note();

	bank_seal(&note, BANK_KEY);
	for (size_t i = 0; i < note.count; i++) {
		struct bank_note twice = note;
		const char *name = note.fields[i].name;
		bool read = strcmp(name, "ACTION") != 0 && strcmp(name, "RC") != 0 &&
			    strcmp(name, "RRN") != 0 && strcmp(name, "INT_REF") != 0;

		twice.fields[twice.count++] = note.fields[i];
		bank_call(d, &twice);
		if (read) {
			assert_answer(d, 403);
		} else {
			assert_hint(d);
		}
	}
}

/* Whatever is missing at the end, nobody takes it for a verdict. */
static void a_message_cut_short_is_at_most_a_hint(void **state)
{
	struct drive *d = fixture_drive(state);
	struct bank_note note = bank_note();
	char body[BANK_BODY_SIZE];
	struct text whole;

	bank_seal(&note, BANK_KEY);
	whole = bank_encode(&note, body);
	for (size_t size = 0; size < whole.size; size++) {
		bank_call_with(d, "POST", BANK_BASIC, (struct text){ whole.bytes, size });
		assert_null(d->fault);
		assert_int_equal(d->action.kind, ALYM_ACTION_ANSWER);
		assert_in_range(d->action.answer.status, 400, 403);
	}
}

static void what_is_no_form_is_refused(void **state)
{
	struct drive *d = fixture_drive(state);
	char large[40000];

	memset(large, 'a', sizeof(large));
	bank_call_with(d, "POST", BANK_BASIC, TEXT("ORDER=%zz"));
	assert_answer(d, 400);
	bank_call_with(d, "POST", BANK_BASIC, TEXT("ORDER=\xFF"));
	assert_answer(d, 400);
	bank_call_with(d, "POST", BANK_BASIC, TEXT("{\"ORDER\":\"1\"}"));
	assert_answer(d, 403);
	bank_call_with(d, "POST", BANK_BASIC, (struct text){ large, sizeof(large) });
	assert_answer(d, 413);
	bank_call_with(d, "GET", BANK_BASIC, TEXT(""));
	assert_answer(d, 405);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		FIXTURE_TEST(a_notification_is_only_a_hint),
		FIXTURE_TEST(each_decision_has_its_answer),
		FIXTURE_TEST(two_keys_and_two_passwords_are_in_use),
		FIXTURE_TEST(without_a_password_none_is_asked_for),
		FIXTURE_TEST(what_is_signed_can_not_be_changed),
		FIXTURE_TEST(another_s_message_is_refused_though_signed),
		FIXTURE_TEST(what_is_there_twice_is_refused),
		FIXTURE_TEST(a_message_cut_short_is_at_most_a_hint),
		FIXTURE_TEST(what_is_no_form_is_refused),
	};

	return cmocka_run_group_tests_name("gateways/bcc/callback", tests, NULL, NULL);
}
