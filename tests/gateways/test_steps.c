/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "plugins/kit/drive.h"
#include "plugins/loader.h"
#include "tests/alym_test.h"
#include "tests/text_asserts.h"

enum { NOW = 1767225600 };

struct fixture {
	struct loader_plugin plugin;
	struct alym_gateway_state *state;
	struct drive drive;
};

static const struct alym_setting settings[] = {
	{ "endpoint", { "https://bank.test", 17 } },
	{ "key", { "4711", 4 } },
};

static int begin(void **state)
{
	static struct fixture f;
	struct err err = { 0 };

	f = (struct fixture){ 0 };
	assert_true(loader_open(TEST_GATEWAY, &f.plugin, &err));
	assert_true(loader_configure(&f.plugin, settings, COUNT(settings), &f.state, &err));
	drive_init(&f.drive, f.plugin.gateway, f.state, NOW);
	f.drive.order = (struct alym_order){
		.number = TEXT("000123"),
		.amount = money_of(216250, "KZT"),
		.refund = money_of(1000, "KZT"),
		.refund_id = TEXT("r1"),
		.payer_address = TEXT("192.0.2.1"),
	};
	*state = &f;
	return 0;
}

static int end(void **state)
{
	struct fixture *f = *state;

	drive_done(&f->drive);
	f->plugin.gateway->close(f->state);
	loader_close(&f->plugin);
	return 0;
}

static void start(struct drive *d, const char *description, enum alym_operation operation)
{
	d->order.description = text_of(description);
	drive_start(d, operation);
}

static void respond(struct drive *d, int status, const char *body)
{
	struct alym_message answer = { .status = status, .body = text_of(body) };

	drive_response(d, &answer);
}

static void receive(struct drive *d, const char *body)
{
	struct alym_message message = { .method = TEXT("POST"), .body = text_of(body) };

	drive_callback(d, &message);
}

static void an_operation_ends_in_each_verdict(void **state)
{
	static const struct {
		const char *description;
		enum alym_operation operation;
		bool again;
		enum alym_verdict_kind kind;
	} cases[] = {
		{ "", ALYM_OPERATION_PAY, false, ALYM_DONE },
		{ "", ALYM_OPERATION_REFUND, false, ALYM_DONE },
		{ "redirect", ALYM_OPERATION_PAY, false, ALYM_PENDING },
		{ "authorized", ALYM_OPERATION_PAY, false, ALYM_PENDING },
		{ "authorized", ALYM_OPERATION_CAPTURE, false, ALYM_DONE },
		{ "authorized", ALYM_OPERATION_RELEASE, false, ALYM_DONE },
		{ "declined", ALYM_OPERATION_PAY, false, ALYM_DECLINED },
		{ "expired", ALYM_OPERATION_STATUS, false, ALYM_DECLINED },
		{ "not-attempted", ALYM_OPERATION_PAY, false, ALYM_NOT_ATTEMPTED },
		{ "unknown", ALYM_OPERATION_PAY, false, ALYM_UNKNOWN },
		{ "unknown", ALYM_OPERATION_STATUS, false, ALYM_DONE },
		{ "unknown", ALYM_OPERATION_REFUND, false, ALYM_UNKNOWN },
		{ "unknown", ALYM_OPERATION_REFUND, true, ALYM_DONE },
	};
	struct drive *d = &((struct fixture *)*state)->drive;

	for (size_t i = 0; i < COUNT(cases); i++) {
		d->again = cases[i].again;
		start(d, cases[i].description, cases[i].operation);
		assert_null(d->fault);
		assert_true(d->over);
		assert_int_equal(d->action.kind, ALYM_ACTION_VERDICT);
		assert_int_equal(d->action.verdict.kind, cases[i].kind);
		assert_int_equal(d->action.verdict.expired,
			strcmp(cases[i].description, "expired") == 0);
	}
}

static void a_token_is_fetched_before_the_request(void **state)
{
	struct drive *d = &((struct fixture *)*state)->drive;

	start(d, "token", ALYM_OPERATION_PAY);
	assert_null(d->fault);
	assert_int_equal(d->action.kind, ALYM_ACTION_SEND);
	assert_text(d->action.request.method, "GET");
	assert_text(d->action.request.url, "https://bank.test/token");
	respond(d, 200, "T0K3N");
	assert_null(d->fault);
	assert_int_equal(d->action.kind, ALYM_ACTION_SEND);
	assert_text(d->action.request.url, "https://bank.test/pay");
	assert_text(drive_header(d, "authorization"), "Bearer T0K3N");
	assert_text(d->action.request.body, "order=000123");
	respond(d, 200, "");
	assert_null(d->fault);
	assert_int_equal(d->action.verdict.kind, ALYM_DONE);
	assert_text(d->action.verdict.operation, "steps-000123");
}

static void what_failed_is_told_by_where_it_failed(void **state)
{
	static const struct {
		int answers; /* before the failure */
		enum alym_failure failure;
		enum alym_verdict_kind kind;
	} cases[] = {
		{ 0, ALYM_FAILURE_NOT_SENT, ALYM_NOT_ATTEMPTED },
		{ 0, ALYM_FAILURE_PERHAPS_SENT, ALYM_NOT_ATTEMPTED },
		{ 1, ALYM_FAILURE_NOT_SENT, ALYM_NOT_ATTEMPTED },
		{ 1, ALYM_FAILURE_PERHAPS_SENT, ALYM_UNKNOWN },
	};
	struct drive *d = &((struct fixture *)*state)->drive;

	for (size_t i = 0; i < COUNT(cases); i++) {
		start(d, "token", ALYM_OPERATION_PAY);
		for (int answers = 0; answers < cases[i].answers; answers++) {
			respond(d, 200, "T0K3N");
		}
		drive_failure(d, cases[i].failure);
		assert_null(d->fault);
		assert_int_equal(d->action.verdict.kind, cases[i].kind);
	}
}

static void a_refusal_after_the_token_is_declined(void **state)
{
	struct drive *d = &((struct fixture *)*state)->drive;

	start(d, "token", ALYM_OPERATION_PAY);
	respond(d, 200, "T0K3N");
	respond(d, 402, "");
	assert_int_equal(d->action.verdict.kind, ALYM_DECLINED);
}

static void a_wait_is_followed_by_time(void **state)
{
	struct drive *d = &((struct fixture *)*state)->drive;

	start(d, "wait", ALYM_OPERATION_PAY);
	assert_null(d->fault);
	assert_int_equal(d->action.kind, ALYM_ACTION_WAIT);
	assert_int_equal(d->action.wait_ms, 10);
	drive_time(d);
	assert_int_equal(d->action.verdict.kind, ALYM_DONE);
}

static void a_session_remembers_between_steps(void **state)
{
	struct drive *d = &((struct fixture *)*state)->drive;

	start(d, "memory", ALYM_OPERATION_PAY);
	drive_time(d);
	assert_null(d->fault);
	assert_int_equal(d->action.verdict.kind, ALYM_DONE);
}

static void a_form_is_made_for_the_browser_that_comes(void **state)
{
	struct drive *d = &((struct fixture *)*state)->drive;
	const struct alym_verdict *verdict = &d->action.verdict;

	start(d, "form", ALYM_OPERATION_PAY);
	assert_null(d->fault);
	assert_int_equal(verdict->kind, ALYM_PENDING);
	assert_text(verdict->form_url, "https://bank.test/form");
	assert_int_equal(verdict->field_count, 5);
	assert_text(verdict->fields[0].name, "ORDER");
	assert_text(verdict->fields[0].value, "000123");
	assert_text(verdict->fields[2].value, "1767225600");
	assert_text(verdict->fields[4].value, "192.0.2.1");

	d->again = true;
	d->now += 60;
	d->order.payer_address = TEXT("192.0.2.7");
	start(d, "form", ALYM_OPERATION_PAY);
	assert_text(verdict->fields[2].value, "1767225660");
	assert_text(verdict->fields[4].value, "192.0.2.7");
}

static void what_breaks_the_contract_is_seen(void **state)
{
	static const struct {
		const char *description;
		const char *fault;
	} cases[] = {
		{ "flood", "has texts that do not fit the scratch" },
		{ "plain", "sends to an address that is not https" },
		{ "wait-long", "waits for nothing or too long" },
		{ "out-of-turn", "is out of turn" },
	};
	struct drive *d = &((struct fixture *)*state)->drive;

	for (size_t i = 0; i < COUNT(cases); i++) {
		start(d, cases[i].description, ALYM_OPERATION_PAY);
		assert_non_null(d->fault);
		assert_string_equal(d->fault, cases[i].fault);
		assert_true(d->over);
	}
	receive(d, "nobody 000123 100");
	assert_string_equal(d->fault, "speaks of neither one order nor one code");
}

/* Only who knows the settings can tell: alymd, not action_fault(). */
static void an_address_elsewhere_keeps_to_the_form(void **state)
{
	struct drive *d = &((struct fixture *)*state)->drive;

	start(d, "elsewhere", ALYM_OPERATION_PAY);
	assert_null(d->fault);
	assert_text(d->action.request.url, "https://elsewhere.example/");
}

static void the_seventeenth_step_is_not_taken(void **state)
{
	struct drive *d = &((struct fixture *)*state)->drive;

	start(d, "endless", ALYM_OPERATION_PAY);
	for (int step = 1; step < ALYM_STEPS_MAX; step++) {
		assert_false(d->over);
		drive_time(d);
	}
	assert_true(d->over);
	assert_string_equal(d->fault, "takes too many steps");
}

static void a_message_asks_checks_or_is_kept(void **state)
{
	struct drive *d = &((struct fixture *)*state)->drive;

	receive(d, "check 000123");
	assert_null(d->fault);
	assert_int_equal(d->action.kind, ALYM_ACTION_CHECK);
	assert_text(d->action.about_order, "000123");

	receive(d, "ask 301234567890 216250");
	assert_null(d->fault);
	assert_int_equal(d->action.kind, ALYM_ACTION_ASK);
	assert_text(d->action.about_code, "301234567890");
	assert_int_equal(d->action.about_amount.minor, 216250);

	receive(d, "ask 301234567890");
	assert_null(d->fault);
	assert_int_equal(d->action.about_amount.minor, 0);

	receive(d, "keep register-4711/2");
	assert_null(d->fault);
	assert_int_equal(d->action.kind, ALYM_ACTION_KEEP);
	assert_text(d->action.keep, "register-4711/2");
}

static void a_message_gives_a_verdict(void **state)
{
	struct drive *d = &((struct fixture *)*state)->drive;

	receive(d, "paid 000123 216250");
	assert_null(d->fault);
	assert_int_equal(d->action.kind, ALYM_ACTION_VERDICT);
	assert_false(d->over);
	assert_text(d->action.verdict.order, "000123");
	assert_false(d->action.verdict.refusable);

	receive(d, "refusable 301234567890 216250");
	assert_null(d->fault);
	assert_text(d->action.verdict.code, "301234567890");
	assert_true(d->action.verdict.refusable);
	assert_int_equal(d->action.verdict.paid, ALYM_PAID_LOCAL);
}

/* FNV-1a with key 4711 of each body, reckoned in Python. */
static void an_answer_is_signed_over_the_decision(void **state)
{
	static const struct {
		const char *message;
		struct alym_decision decision;
		int status;
		const char *body;
		const char *signature;
	} cases[] = {
		{ "paid 000123 216250",
			{ .kind = ALYM_ANSWER_BOOKED,
				.record = 42,
				.due = { 0, "KZT" },
				.service = { "visa.multiple", 13 } },
			200, "paid 0 42 0 KZT visa.multiple", "15a90b18eed15ffc" },
		{ "ask 301234567890",
			{ .kind = ALYM_ANSWER_PAYABLE,
				.due = { 12975000, "KZT" },
				.service = { "visa.exit", 9 } },
			200, "ask 2 0 12975000 KZT visa.exit", "cf35cb77f1187c2b" },
		{ "check 000123", { .kind = ALYM_ANSWER_NOTED }, 200, "check 1 0 0  ",
			"8aa6f4332922ad6d" },
		{ "keep r1", { .kind = ALYM_ANSWER_BUSY }, 503, "keep 7 0 0  ",
			"5c4dcbd609d06036" },
	};
	struct drive *d = &((struct fixture *)*state)->drive;

	for (size_t i = 0; i < COUNT(cases); i++) {
		receive(d, cases[i].message);
		assert_null(d->fault);
		drive_decision(d, &cases[i].decision);
		assert_null(d->fault);
		assert_true(d->over);
		assert_int_equal(d->action.answer.status, cases[i].status);
		assert_text(d->action.answer.body, cases[i].body);
		assert_text(drive_header(d, "X-Steps-Signature"), cases[i].signature);
	}
}

static void a_message_nobody_understands_is_answered_at_once(void **state)
{
	struct drive *d = &((struct fixture *)*state)->drive;

	receive(d, "");
	assert_null(d->fault);
	assert_true(d->over);
	assert_int_equal(d->action.answer.status, 404);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(an_operation_ends_in_each_verdict, begin, end),
		cmocka_unit_test_setup_teardown(a_token_is_fetched_before_the_request, begin, end),
		cmocka_unit_test_setup_teardown(what_failed_is_told_by_where_it_failed, begin, end),
		cmocka_unit_test_setup_teardown(a_refusal_after_the_token_is_declined, begin, end),
		cmocka_unit_test_setup_teardown(a_wait_is_followed_by_time, begin, end),
		cmocka_unit_test_setup_teardown(a_session_remembers_between_steps, begin, end),
		cmocka_unit_test_setup_teardown(a_form_is_made_for_the_browser_that_comes, begin,
			end),
		cmocka_unit_test_setup_teardown(what_breaks_the_contract_is_seen, begin, end),
		cmocka_unit_test_setup_teardown(an_address_elsewhere_keeps_to_the_form, begin, end),
		cmocka_unit_test_setup_teardown(the_seventeenth_step_is_not_taken, begin, end),
		cmocka_unit_test_setup_teardown(a_message_asks_checks_or_is_kept, begin, end),
		cmocka_unit_test_setup_teardown(a_message_gives_a_verdict, begin, end),
		cmocka_unit_test_setup_teardown(an_answer_is_signed_over_the_decision, begin, end),
		cmocka_unit_test_setup_teardown(a_message_nobody_understands_is_answered_at_once,
			begin, end),
	};

	return cmocka_run_group_tests_name("gateways/steps", tests, NULL, NULL);
}
