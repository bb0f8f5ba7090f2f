/* SPDX-License-Identifier: Apache-2.0 */

/* README.md section 4.4: what the bank took since a time. */
#include <string.h>

#include "tests/gateways/sandbox/fixture.h"

#define SINCE INT64_C(1767139200) /* 2025-12-31T00:00:00Z */
#define ITEM(rest)                                                   \
	"{\"amount\":12975000,\"currency\":\"KZT\",\"operation\":\"" \
	"op-2\",\"paid_at\":\"2026-01-01T00:00:00Z\"," rest "}"
#define LIST(items) "{\"items\":[" items "]}"

static const struct alym_list list = { .since = SINCE };

static void assert_unknown(const struct drive *d, const char *reason)
{
	assert_null(d->fault);
	assert_int_equal(d->action.kind, ALYM_ACTION_VERDICT);
	assert_int_equal(d->action.verdict.kind, ALYM_UNKNOWN);
	assert_text(d->action.verdict.reason, reason);
}

/* The signature was made with: printf %s "1767225600.GET.PATH." | openssl dgst -sha256 -hmac
 * 0123456789abcdef -r */
static void a_list_is_asked_for_from_a_time_on(void **state)
{
	struct drive *d = fixture_drive(state);
	const struct alym_list more = { .since = SINCE, .after = TEXT("op-2") };

	drive_list(d, &list);
	assert_null(d->fault);
	assert_int_equal(d->action.kind, ALYM_ACTION_SEND);
	assert_text(d->action.request.method, "GET");
	assert_text(d->action.request.url, "https://bank.test:8443/api/v1/operations?merchant=shop&"
					   "since=2025-12-31T00:00:00Z");
	assert_text(drive_header(d, "X-Sandbox-Signature"),
		"54d5a377e0d88ff00cc7f63210a99b41abd5f2513fa12a765e5f965dab20d300");
	drive_list(d, &more);
	assert_text(d->action.request.url, "https://bank.test:8443/api/v1/operations?merchant=shop&"
					   "since=2025-12-31T00:00:00Z&after=op-2");
}

static void movements_are_listed(void **state)
{
	struct drive *d = fixture_drive(state);

	drive_list(d, &list);
	bank_answer(d, 200,
		TEXT("{\"items\":[" ITEM("\"order\":\"12345678\"") "," ITEM(
			"\"code\":\"301234567890\"") "],\"next\":\"op-2\"}"));
	assert_null(d->fault);
	assert_int_equal(d->action.kind, ALYM_ACTION_LISTED);
	assert_int_equal(d->action.listed_count, 2);
	assert_text(d->action.listed_next, "op-2");
	assert_text(d->action.listed[0].order, "12345678");
	assert_text(d->action.listed[0].code, "");
	assert_text(d->action.listed[0].operation, "op-2");
	assert_int_equal(d->action.listed[0].amount.minor, 12975000);
	assert_string_equal(d->action.listed[0].amount.currency, "KZT");
	assert_int_equal(d->action.listed[0].paid_at, BANK_NOW);
	assert_text(d->action.listed[1].order, "");
	assert_text(d->action.listed[1].code, "301234567890");
	drive_list(d, &list);
	bank_answer(d, 200, TEXT(LIST("")));
	assert_int_equal(d->action.kind, ALYM_ACTION_LISTED);
	assert_int_equal(d->action.listed_count, 0);
	assert_text(d->action.listed_next, "");
}

static void what_is_no_list_is_asked_for_again(void **state)
{
	static const struct {
		int status;
		const char *body;
		const char *reason;
	} cases[] = {
		{ 404, LIST(""), "the bank gave no list" },
		{ 500, LIST(""), "the bank gave no list" },
		{ 200, "", "the list is malformed" },
		{ 200, "[]", "the list is malformed" },
		{ 200, "{}", "the list is malformed" },
		{ 200, LIST("1"), "the list is malformed" },
		{ 200, LIST(ITEM("\"order\":\"1\",\"code\":\"301234567890\"")),
			"the list is malformed" },
		{ 200, LIST(ITEM("\"order\":\"x\"")), "the list is malformed" },
		{ 200, LIST(ITEM("\"order\":\"1\",\"status\":\"paid\"")), "the list is malformed" },
		{ 200, "{\"items\":[],\"next\":\"a&b\"}", "the list is malformed" },
		{ 200, "{\"items\":[],\"more\":true}", "the list is malformed" },
	};
	struct drive *d = fixture_drive(state);

	for (size_t i = 0; i < COUNT(cases); i++) {
		drive_list(d, &list);
		bank_answer(d, cases[i].status, text_of(cases[i].body));
		assert_unknown(d, cases[i].reason);
	}
	drive_list(d, &list);
	drive_failure(d, ALYM_FAILURE_NOT_SENT);
	assert_unknown(d, "no answer from the bank");
}

static void a_list_of_a_stranger_is_none(void **state)
{
	struct drive *d = fixture_drive(state);
	struct bank_message m = { .message = { .status = 200, .body = TEXT(LIST("")) } };

	drive_list(d, &list);
	bank_sign_answer("another secret, and long", d->now, drive_header(d, "X-Sandbox-Signature"),
		&m);
	drive_response(d, &m.message);
	assert_unknown(d, "the list is not signed, or its time is out of the window");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		FIXTURE_TEST(a_list_is_asked_for_from_a_time_on),
		FIXTURE_TEST(movements_are_listed),
		FIXTURE_TEST(what_is_no_list_is_asked_for_again),
		FIXTURE_TEST(a_list_of_a_stranger_is_none),
	};

	return cmocka_run_group_tests_name("gateways/sandbox/listing", tests, NULL, NULL);
}
