/* SPDX-License-Identifier: Apache-2.0 */
#include "plugins/kit/drive.h"
#include "plugins/loader.h"
#include "tests/alym_test.h"

enum { NOW = 1767225600 }; /* 2026-01-01T00:00:00Z */

struct fixture {
	struct loader_plugin plugin;
	struct alym_gateway_state *state;
	struct drive drive;
};

static void begin(struct fixture *f, const struct alym_setting *settings, size_t count)
{
	struct err err = { 0 };

	*f = (struct fixture){ 0 };
	assert_true(loader_open(TEST_GATEWAY, &f->plugin, &err));
	assert_true(loader_configure(&f->plugin, settings, count, &f->state, &err));
	drive_init(&f->drive, f->plugin.gateway, f->state, NOW);
	f->drive.order = (struct alym_order){
		.number = TEXT("000123"),
		.code = TEXT("301234567890"),
		.amount = money_of(216250, "KZT"),
		.refund = money_of(1000, "KZT"),
		.refund_id = TEXT("r1"),
	};
}

static void end(struct fixture *f)
{
	drive_done(&f->drive);
	f->plugin.gateway->close(f->state);
	loader_close(&f->plugin);
}

static void every_operation_is_done_at_once(void **state)
{
	static const struct {
		enum alym_operation operation;
		int64_t minor;
		const char *name;
	} cases[] = {
		{ ALYM_OPERATION_PAY, 216250, "echo-000123" },
		{ ALYM_OPERATION_STATUS, 216250, "echo-000123" },
		{ ALYM_OPERATION_CAPTURE, 216250, "echo-000123" },
		{ ALYM_OPERATION_RELEASE, 216250, "echo-000123" },
		{ ALYM_OPERATION_REFUND, 1000, "echo-000123-r1" },
	};
	struct fixture f;

	(void)state;
	begin(&f, NULL, 0);
	for (size_t i = 0; i < COUNT(cases); i++) {
		const struct alym_verdict *verdict = &f.drive.action.verdict;

		drive_start(&f.drive, cases[i].operation);
		assert_null(f.drive.fault);
		assert_true(f.drive.over);
		assert_int_equal(verdict->kind, ALYM_DONE);
		assert_int_equal(verdict->amount.minor, cases[i].minor);
		assert_string_equal(verdict->amount.currency, "KZT");
		assert_true(text_is(verdict->operation, cases[i].name));
		assert_int_equal(verdict->paid_at, NOW);
	}
	end(&f);
}

static void more_than_the_limit_is_declined(void **state)
{
	const struct alym_setting limit[] = { { "limit", TEXT("216250") } };
	struct fixture f;

	(void)state;
	begin(&f, limit, 1);
	drive_start(&f.drive, ALYM_OPERATION_PAY);
	assert_int_equal(f.drive.action.verdict.kind, ALYM_DONE);
	f.drive.order.amount.minor++;
	drive_start(&f.drive, ALYM_OPERATION_PAY);
	assert_null(f.drive.fault);
	assert_int_equal(f.drive.action.verdict.kind, ALYM_DECLINED);
	assert_true(text_is(f.drive.action.verdict.reason, "more than the limit"));
	end(&f);
}

static void a_limit_that_is_no_number_is_refused(void **state)
{
	const struct alym_setting limit[] = { { "limit", TEXT("much") } };
	struct loader_plugin plugin;
	struct alym_gateway_state *opened = NULL;
	struct err err = { 0 };

	(void)state;
	assert_true(loader_open(TEST_GATEWAY, &plugin, &err));
	assert_false(loader_configure(&plugin, limit, 1, &opened, &err));
	assert_null(opened);
	assert_string_equal(err.message, "gateway echo: limit must be digits");
	loader_close(&plugin);
}

static void a_message_is_a_hint(void **state)
{
	static const struct {
		struct text body;
		enum alym_action_kind kind;
	} cases[] = {
		{ { "000123", 6 }, ALYM_ACTION_CHECK },
		{ { "123456789012345", 15 }, ALYM_ACTION_CHECK },
		{ { "1234567890123456", 16 }, ALYM_ACTION_ANSWER },
		{ { "12x", 3 }, ALYM_ACTION_ANSWER },
		{ { "", 0 }, ALYM_ACTION_ANSWER },
	};
	struct alym_decision decision = { .kind = ALYM_ANSWER_NOTED };
	struct fixture f;

	(void)state;
	begin(&f, NULL, 0);
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct alym_message message = { .body = cases[i].body };

		drive_callback(&f.drive, &message);
		assert_null(f.drive.fault);
		assert_int_equal(f.drive.action.kind, cases[i].kind);
		if (f.drive.over) {
			assert_int_equal(f.drive.action.answer.status, 400);
			continue;
		}
		assert_true(text_equal(f.drive.action.about_order, cases[i].body));
		drive_decision(&f.drive, &decision);
		assert_null(f.drive.fault);
		assert_int_equal(f.drive.action.answer.status, 200);
	}
	end(&f);
}

static void a_book_that_is_busy_is_asked_again(void **state)
{
	struct alym_message message = { .body = TEXT("000123") };
	struct alym_decision decision = { .kind = ALYM_ANSWER_BUSY };
	struct fixture f;

	(void)state;
	begin(&f, NULL, 0);
	drive_callback(&f.drive, &message);
	drive_decision(&f.drive, &decision);
	assert_int_equal(f.drive.action.answer.status, 503);
	end(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_operation_is_done_at_once),
		cmocka_unit_test(more_than_the_limit_is_declined),
		cmocka_unit_test(a_limit_that_is_no_number_is_refused),
		cmocka_unit_test(a_message_is_a_hint),
		cmocka_unit_test(a_book_that_is_busy_is_asked_again),
	};

	return cmocka_run_group_tests_name("gateways/echo", tests, NULL, NULL);
}
