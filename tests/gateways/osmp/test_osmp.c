/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/gateways/osmp/fixture.h"

#define CHECK       "command=check&txn_id=1&sum=1&account=" FIXTURE_CODE
#define SECRET      "0123456789abcdef"
#define SECRET_NEXT "fedcba9876543210+&=/ ы"

static char long_text[129]; /* of 'a' */

static struct text as(size_t size)
{
	memset(long_text, 'a', sizeof(long_text));
	return (struct text){ long_text, size };
}

/* ---- settings ---- */

enum { SETTINGS_MAX = 4 };

/* NULL: it is taken. */
static void assert_settings(const struct fixture *f,
	const struct alym_setting settings[SETTINGS_MAX], const char *message)
{
	struct alym_gateway_state *opened = NULL;
	struct err err = { 0 };
	size_t count = 0;

	while (count < SETTINGS_MAX && settings[count].name != NULL) {
		count++;
	}
	assert_int_equal(loader_configure(&f->plugin, settings, count, &opened, &err),
		message == NULL);
	assert_string_equal(err.message, message != NULL ? message : "");
	f->plugin.gateway->close(opened);
}

static void dialects_have_their_settings(void **state)
{
	const struct {
		struct alym_setting settings[SETTINGS_MAX];
		const char *message;
	} cases[] = {
		{ { { "dialect", TEXT("osmp-xml") } }, NULL },
		{ { { "dialect", TEXT("kaspi-xml") }, { "prv_name", TEXT("prv_txn") } }, NULL },
		{ { { "dialect", TEXT("kaspi") } },
			"gateway osmp: dialect must be osmp-xml, kaspi-xml or kaspi-json" },
		{ { { "dialect", TEXT("osmp-xml") }, { "prv_name", TEXT("both") } },
			"gateway osmp: prv_name is of the kaspi dialects" },
		{ { { "dialect", TEXT("kaspi-xml") }, { "prv_name", TEXT("id") } },
			"gateway osmp: prv_name must be prv_txn, prv_txn_id or both" },
		{ { { "dialect", TEXT("kaspi-xml") }, { "busy", TEXT("result") } }, NULL },
		{ { { "dialect", TEXT("kaspi-xml") }, { "busy", TEXT("429") } },
			"gateway osmp: busy must be result or 503" },
		{ { { "dialect", TEXT("osmp-xml") }, { "busy", TEXT("503") } },
			"gateway osmp: busy is of the kaspi dialects: osmp-xml has a result for it" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		assert_settings(*state, cases[i].settings, cases[i].message);
	}
}

static void constants_have_their_forms(void **state)
{
	const char *missing = "gateway osmp: secret_file is missing, or empty";
	const char *secret = "gateway osmp: secret_file must hold 16 to 128 bytes";
	const char *next = "gateway osmp: secret_next_file must hold 16 to 128 bytes";
	const char *name = "gateway osmp: secret_name must be data1 to data99";
	const struct {
		struct alym_setting settings[SETTINGS_MAX - 1];
		const char *message;
	} cases[] = {
		{ { { "secret_file", as(16) } }, NULL },
		{ { { "secret_file", as(128) } }, NULL },
		{ { { "secret_file", as(15) } }, secret },
		{ { { "secret_file", as(129) } }, secret },
		{ { { "secret_file", TEXT("123456789012345\n") } }, secret },
		{ { { "secret_file", TEXT("\n") } }, secret },
		{ { { "secret_file", as(16) }, { "secret_next_file", as(16) },
			  { "secret_name", TEXT("data99") } },
			NULL },
		{ { { "secret_file", as(16) }, { "secret_next_file", as(15) } }, next },
		{ { { "secret_next_file", as(16) } }, missing },
		{ { { "secret_name", TEXT("data1") } }, missing },
		{ { { "secret_file", as(16) }, { "secret_name", TEXT("data0") } }, name },
		{ { { "secret_file", as(16) }, { "secret_name", TEXT("data100") } }, name },
		{ { { "secret_file", as(16) }, { "secret_name", TEXT("data") } }, name },
		{ { { "secret_file", as(16) }, { "secret_name", TEXT("account") } }, name },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct alym_setting settings[SETTINGS_MAX] = { { "dialect", TEXT("osmp-xml") } };

		memcpy(settings + 1, cases[i].settings, sizeof(cases[i].settings));
		assert_settings(*state, settings, cases[i].message);
	}
}

/* ---- the constant ---- */

static struct drive *open_secret(void **state, bool next)
{
	const struct alym_setting settings[] = { { "dialect", TEXT("kaspi-json") },
		{ "secret_file", TEXT(SECRET "\n") }, { "secret_name", TEXT("data2") },
		{ "secret_next_file", TEXT(SECRET_NEXT "\n") } };

	return fixture_open(state, settings, COUNT(settings) - (next ? 0 : 1));
}

static void assert_stranger(const struct drive *d)
{
	assert_int_equal(d->action.kind, ALYM_ACTION_ANSWER);
	assert_int_equal(d->action.answer.status, 403);
	assert_int_equal(d->action.answer.body.size, 0);
}

static void who_does_not_know_the_constant_learns_nothing(void **state)
{
	static const char *const queries[] = { CHECK, CHECK "&data2=", CHECK "&data1=" SECRET,
		CHECK "&DATA2=" SECRET, CHECK "&data2=" SECRET "0", CHECK "&data2=0123456789abcde",
		CHECK "&data2=" SECRET "&data2=" SECRET, CHECK "&data2=" SECRET "%0A",
		"data2=" SECRET "&%", "" };
	struct drive *d = open_secret(state, false);

	fixture_get(d, CHECK "&data2=" SECRET);
	assert_int_equal(d->action.kind, ALYM_ACTION_ASK);
	for (size_t i = 0; i < COUNT(queries); i++) {
		fixture_get(d, queries[i]);
		assert_stranger(d);
	}
	fixture_get(d, CHECK "&data2=fedcba9876543210%2B%26%3D%2F+%D1%8B");
	assert_stranger(d);
}

static void the_constant_is_compared_at_every_byte(void **state)
{
	struct drive *d = open_secret(state, true);

	for (size_t i = 0; i < sizeof(SECRET) - 1; i++) {
		char query[] = CHECK "&data2=" SECRET;

		query[sizeof(query) - sizeof(SECRET) + i] ^= 1;
		fixture_get(d, query);
		assert_stranger(d);
	}
}

static void two_constants_are_good_while_they_change(void **state)
{
	struct drive *d = open_secret(state, true);

	fixture_get(d, CHECK "&data2=" SECRET);
	assert_int_equal(d->action.kind, ALYM_ACTION_ASK);
	fixture_post(d, "/callbacks/bank",
		TEXT(CHECK "&data2=fedcba9876543210%2B%26%3D%2F+%D1%8B"));
	assert_int_equal(d->action.kind, ALYM_ACTION_ASK);
}

/* ---- operations ---- */

static void a_payer_needs_nothing_but_the_code(void **state)
{
	struct drive *d = fixture_dialect(state, "kaspi-xml");

	for (int again = 0; again < 2; again++) {
		d->again = again == 1;
		drive_start(d, ALYM_OPERATION_PAY);
		assert_null(d->fault);
		assert_int_equal(d->action.kind, ALYM_ACTION_VERDICT);
		assert_int_equal(d->action.verdict.kind, ALYM_PENDING);
		assert_int_equal(d->action.verdict.pay_url.size, 0);
		assert_int_equal(d->action.verdict.form_url.size, 0);
	}
}

static void an_order_ends_with_its_time(void **state)
{
	struct drive *d = fixture_dialect(state, "kaspi-xml");

	d->now = d->order.expires_at - 1;
	drive_start(d, ALYM_OPERATION_STATUS);
	assert_null(d->fault);
	assert_int_equal(d->action.verdict.kind, ALYM_PENDING);
	d->now = d->order.expires_at;
	drive_start(d, ALYM_OPERATION_STATUS);
	assert_null(d->fault);
	assert_int_equal(d->action.verdict.kind, ALYM_DECLINED);
	assert_true(d->action.verdict.expired);
}

static void what_the_protocol_does_not_have_is_declined(void **state)
{
	static const enum alym_operation operations[] = { ALYM_OPERATION_CAPTURE,
		ALYM_OPERATION_RELEASE, ALYM_OPERATION_REFUND };
	struct drive *d = fixture_dialect(state, "osmp-xml");

	d->order.refund = money_of(100, "KZT");
	d->order.refund_id = TEXT("1");
	for (size_t i = 0; i < COUNT(operations); i++) {
		drive_start(d, operations[i]);
		assert_null(d->fault);
		assert_int_equal(d->action.verdict.kind, ALYM_DECLINED);
		assert_true(d->action.verdict.reason.size > 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		FIXTURE_TEST(dialects_have_their_settings),
		FIXTURE_TEST(constants_have_their_forms),
		FIXTURE_TEST(who_does_not_know_the_constant_learns_nothing),
		FIXTURE_TEST(the_constant_is_compared_at_every_byte),
		FIXTURE_TEST(two_constants_are_good_while_they_change),
		FIXTURE_TEST(a_payer_needs_nothing_but_the_code),
		FIXTURE_TEST(an_order_ends_with_its_time),
		FIXTURE_TEST(what_the_protocol_does_not_have_is_declined),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
