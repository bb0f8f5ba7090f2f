/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/gateways/halyk/fixture.h"

/* Members of a postLink by epayment.kz/docs; the person's are masked. */
#define POSTLINK(number, code, hash)                                                    \
	"{\"accountId\":\"\",\"amount\":4,\"approvalCode\":\"170243\",\"code\":\"" code \
	"\",\"currency\":\"KZT\",\"dateTime\":\"2025-02-07T23:32:53.089532914+05:00\"," \
	"\"id\":\"" PAID_ID "\",\"invoiceId\":" number ",\"reason\":\"success\","       \
	"\"reasonCode\":0,\"secure\":\"yes\",\"terminal\":\"" SHOP_TERMINAL             \
	"\",\"secret_hash\":" hash "}"
#define OURS "\"" SHOP_NUMBER "\""
#define GOOD POSTLINK(OURS, "ok", "\"" SHOP_HASH "\"")

static void call(struct drive *d, const char *method, struct text body)
{
	const struct alym_message message = {
		.method = text_of(method),
		.path = TEXT("/callbacks/halyk"),
		.body = body,
		.peer = TEXT("127.0.0.1"),
	};

	drive_callback(d, &message);
	assert_null(d->fault);
}

static void assert_refused(const struct drive *d, int status)
{
	assert_int_equal(d->action.kind, ALYM_ACTION_ANSWER);
	assert_int_equal(d->action.answer.status, status);
}

/* Nobody signs it: good news and bad are one and the same reason to ask. */
static void whatever_it_says_the_bank_is_asked(void **state)
{
	static const char *const bodies[] = {
		GOOD,
		POSTLINK(OURS, "error", "\"" SHOP_HASH "\""),
		POSTLINK(OURS, "ok", "\"" SHOP_HASH_NEXT "\""),
		"{\"invoiceId\":" OURS ",\"secret_hash\":\"" SHOP_HASH "\"}",
	};
	struct drive *d = fixture_drive(state);

	for (size_t i = 0; i < COUNT(bodies); i++) {
		call(d, "POST", text_of(bodies[i]));
		assert_int_equal(d->action.kind, ALYM_ACTION_CHECK);
		assert_text(d->action.about_order, SHOP_NUMBER);
	}
}

static void each_decision_has_its_answer(void **state)
{
	static const struct {
		enum alym_answer_kind decision;
		int status;
	} cases[] = {
		{ ALYM_ANSWER_NOTED, 200 },
		{ ALYM_ANSWER_UNKNOWN, 200 },
		{ ALYM_ANSWER_BUSY, 503 },
	};
	struct drive *d = fixture_drive(state);

	for (size_t i = 0; i < COUNT(cases); i++) {
		const struct alym_decision decision = { .kind = cases[i].decision };

		call(d, "POST", TEXT(GOOD));
		drive_decision(d, &decision);
		assert_null(d->fault);
		assert_refused(d, cases[i].status);
		assert_int_equal(d->action.answer.body.size, 0);
	}
}

static void who_does_not_know_the_hash_is_refused(void **state)
{
	static const struct {
		const char *body;
		int status;
	} cases[] = {
		{ POSTLINK(OURS, "ok", "\"" OTHER_HASH "\""), 403 },    /* another shop's */
		{ POSTLINK(OURS, "ok", "\"" OTHER_HASH_75 "\""), 403 }, /* our other order's */
		{ POSTLINK(OURS, "ok", "\"\""), 403 },
		{ POSTLINK(OURS, "ok", "null"), 403 },
		{ POSTLINK(OURS, "ok", "7"), 403 },
		{ POSTLINK(OURS, "ok", "[\"" SHOP_HASH "\"]"), 403 },
		{ POSTLINK(OURS, "ok", "\"" SHOP_HASH "00\""), 403 },
		{ "{\"invoiceId\":" OURS "}", 403 },
		{ "{\"secret_hash\":\"" SHOP_HASH "\"}", 400 },
		{ POSTLINK("205218074", "ok", "\"" SHOP_HASH "\""), 400 },
		{ POSTLINK("\"20521807a\"", "ok", "\"" SHOP_HASH "\""), 400 },
		{ POSTLINK("\"12345\"", "ok", "\"" SHOP_HASH "\""), 400 },
		{ POSTLINK("\"1234567890123456\"", "ok", "\"" SHOP_HASH "\""), 400 },
		{ POSTLINK("\" 205218074\"", "ok", "\"" SHOP_HASH "\""), 400 },
		{ POSTLINK(OURS ",\"invoiceId\":" OURS, "ok", "\"" SHOP_HASH "\""), 400 },
		{ "[" GOOD "]", 400 },
		{ GOOD GOOD, 400 },
		{ "", 400 },
		{ "invoiceId=205218074&secret_hash=" SHOP_HASH, 400 },
		{ "{\"invoiceId\":\"\xC3\x28\"}", 400 },
	};
	struct drive *d = fixture_drive(state);

	for (size_t i = 0; i < COUNT(cases); i++) {
		call(d, "POST", text_of(cases[i].body));
		assert_refused(d, cases[i].status);
	}
	call(d, "GET", TEXT(GOOD));
	assert_refused(d, 405);
}

static void no_other_hash_is_taken_at_any_byte(void **state)
{
	static const char good[] = GOOD;
	char body[sizeof(good)];
	struct drive *d = fixture_drive(state);
	const char *hash = strstr(good, SHOP_HASH);
	size_t at;

	assert_non_null(hash);
	at = (size_t)(hash - good);
	for (size_t i = 0; i < 64; i++) {
		memcpy(body, good, sizeof(good));
		body[at + i] = good[at + i] == '0' ? '1' : '0';
		call(d, "POST", (struct text){ body, sizeof(good) - 1 });
		assert_refused(d, 403);
	}
	for (size_t size = 0; size < sizeof(good) - 1; size++) {
		call(d, "POST", (struct text){ good, size });
		assert_refused(d, 400);
	}
}

static void an_oversized_message_is_not_read(void **state)
{
	static char body[32768];
	static const char good[] = GOOD;
	struct drive *d = fixture_drive(state);

	memset(body, ' ', sizeof(body));
	memcpy(body, good, sizeof(good) - 1);
	call(d, "POST", (struct text){ body, 16384 });
	assert_int_equal(d->action.kind, ALYM_ACTION_CHECK);
	call(d, "POST", (struct text){ body, 16385 });
	assert_refused(d, 400);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		FIXTURE_TEST(whatever_it_says_the_bank_is_asked),
		FIXTURE_TEST(each_decision_has_its_answer),
		FIXTURE_TEST(who_does_not_know_the_hash_is_refused),
		FIXTURE_TEST(no_other_hash_is_taken_at_any_byte),
		FIXTURE_TEST(an_oversized_message_is_not_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
