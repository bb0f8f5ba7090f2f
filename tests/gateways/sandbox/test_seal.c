/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "tests/gateways/sandbox/fixture.h"

#define HINT "{\"kind\":\"hint\",\"merchant\":\"shop\",\"order\":\"12345678\"}"

/* What the bank says to the registration of bank_order() */
#define REGISTERED                                                                          \
	"{\"order\":\"12345678\",\"pay_url\":\"https://bank.test/p/1\",\"session\":\"s1\"," \
	"\"status\":\"pending\"}"

/*
 * All signatures in this file that are constants were made on a command line:
 * printf %s "1767225600.POST./callbacks/sandbox.$BODY" | openssl dgst -sha256 -hmac $SECRET -r
 */
#define HINT_SIGNATURE       "87c2bcaa2b6c9116dacafd9892481eaf19d1ae3043918e63dcf996053c7476e4"
#define HINT_SIGNATURE_NEXT  "c15680428dd76c3ee3f55373ad52b8a51c3d3846f6c8644f8097f1989bb9d537"
#define ACCEPTED_SIGNATURE   "7c0765b52a4ac8820e1f5f8639765e66fcec45f6747b927d8310889a218d6a96"
#define REGISTERED_SIGNATURE "9e578001fdc505f986d90018e1e88de6d89bfa6d89e84036b9e12a6ed6a49393"

enum { MESSAGE_HEADERS = 2 };

/* The hint, signed; `m` is the test's to spoil. */
static void make_hint(struct bank_message *m, const char *secret, int64_t now)
{
	*m = (struct bank_message){
		.message = { .method = TEXT("POST"), .path = TEXT(BANK_PATH), .body = TEXT(HINT) }
	};
	bank_sign_request(secret, now, m);
}

static void assert_accepted(const struct drive *d)
{
	assert_null(d->fault);
	assert_int_equal(d->action.kind, ALYM_ACTION_CHECK);
}

static void assert_refused(const struct drive *d, const char *reason, bool is_signed)
{
	char expected[128];

	(void)snprintf(expected, sizeof(expected), "{\"accepted\":false,\"reason\":\"%s\"}",
		reason);
	assert_null(d->fault);
	assert_int_equal(d->action.kind, ALYM_ACTION_ANSWER);
	assert_int_equal(d->action.answer.status, 401);
	assert_text(d->action.answer.body, expected);
	assert_int_equal(drive_header(d, "X-Sandbox-Signature").size > 0, is_signed);
	assert_int_equal(drive_header(d, "X-Sandbox-Timestamp").size > 0, is_signed);
}

static void a_message_signed_by_openssl_is_accepted(void **state)
{
	static const char *const signatures[] = { HINT_SIGNATURE, HINT_SIGNATURE_NEXT };
	struct drive *d = fixture_drive(state);
	struct bank_message m;

	for (size_t i = 0; i < COUNT(signatures); i++) {
		make_hint(&m, BANK_SECRET, BANK_NOW);
		assert_true(text_copy(text_of(signatures[i]), m.signature, sizeof(m.signature)));
		drive_callback(d, &m.message);
		assert_accepted(d);
	}
}

static void an_answer_of_ours_is_signed_as_openssl_does(void **state)
{
	struct drive *d = fixture_drive(state);
	struct alym_decision noted = { .kind = ALYM_ANSWER_NOTED };

	bank_call(d, TEXT(HINT));
	drive_decision(d, &noted);
	assert_int_equal(d->action.answer.status, 200);
	assert_text(d->action.answer.body, "{\"accepted\":true}");
	assert_text(drive_header(d, "X-Sandbox-Timestamp"), "1767225600");
	assert_text(drive_header(d, "X-Sandbox-Signature"), ACCEPTED_SIGNATURE);
	assert_true(bank_believes(d, TEXT(HINT_SIGNATURE)));
}

static void an_answer_of_the_bank_s_signed_by_openssl_is_accepted(void **state)
{
	struct drive *d = fixture_drive(state);
	struct bank_message m = { .message = { .status = 201, .body = TEXT(REGISTERED) } };

	drive_start(d, ALYM_OPERATION_PAY);
	bank_sign_answer(BANK_SECRET, BANK_NOW, TEXT(""), &m);
	assert_true(text_copy(TEXT(REGISTERED_SIGNATURE), m.signature, sizeof(m.signature)));
	drive_response(d, &m.message);
	assert_int_equal(d->action.verdict.kind, ALYM_PENDING);
}

static void an_answer_signed_with_the_next_secret_is_accepted(void **state)
{
	struct drive *d = fixture_drive(state);
	struct bank_message m = { .message = { .status = 201, .body = TEXT(REGISTERED) } };

	drive_start(d, ALYM_OPERATION_PAY);
	bank_sign_answer(BANK_SECRET_NEXT, BANK_NOW, drive_header(d, "X-Sandbox-Signature"), &m);
	drive_response(d, &m.message);
	assert_int_equal(d->action.verdict.kind, ALYM_PENDING);
}

/* Each digit of the signature replaced by every other character that could stand there. */
static void a_signature_forged_in_any_place_is_refused(void **state)
{
	static const char others[] = "0123456789abcdefABCDEFg \x00";
	struct drive *d = fixture_drive(state);
	struct bank_message m;

	for (size_t place = 0; place < BANK_SIGNATURE_SIZE - 1; place++) {
		for (size_t i = 0; i < sizeof(others); i++) {
			make_hint(&m, BANK_SECRET, BANK_NOW);
			if (m.signature[place] == others[i]) {
				continue;
			}
			m.signature[place] = others[i];
			m.headers[1].value.size = BANK_SIGNATURE_SIZE - 1;
			drive_callback(d, &m.message);
			assert_refused(d, "signature", false);
		}
	}
}

static void anything_changed_after_signing_is_refused(void **state)
{
	struct drive *d = fixture_drive(state);
	char body[] = HINT;
	struct bank_message m;

	for (size_t place = 0; place < sizeof(body) - 1; place++) {
		make_hint(&m, BANK_SECRET, BANK_NOW);
		body[place] ^= 1;
		m.message.body = (struct text){ body, sizeof(body) - 1 };
		drive_callback(d, &m.message);
		assert_refused(d, "signature", false);
		body[place] ^= 1;

		make_hint(&m, BANK_SECRET, BANK_NOW);
		m.message.body.size = place;
		drive_callback(d, &m.message);
		assert_refused(d, "signature", false);
	}
	make_hint(&m, BANK_SECRET, BANK_NOW);
	m.message.method = TEXT("PUT");
	drive_callback(d, &m.message);
	assert_refused(d, "signature", false);
	make_hint(&m, BANK_SECRET, BANK_NOW);
	m.message.path = TEXT(BANK_PATH "?x");
	drive_callback(d, &m.message);
	assert_refused(d, "signature", false);
	make_hint(&m, BANK_SECRET, BANK_NOW);
	m.timestamp[9]++;
	drive_callback(d, &m.message);
	assert_refused(d, "signature", false);
	make_hint(&m, "0123456789abcdeF", BANK_NOW);
	drive_callback(d, &m.message);
	assert_refused(d, "signature", false);
}

static void headers_that_are_not_there_once_are_refused(void **state)
{
	struct drive *d = fixture_drive(state);
	struct bank_message m;

	for (size_t i = 0; i < MESSAGE_HEADERS; i++) { /* only the other one */
		make_hint(&m, BANK_SECRET, BANK_NOW);
		m.headers[0] = m.headers[1 - i];
		m.message.header_count = 1;
		drive_callback(d, &m.message);
		assert_refused(d, "signature", false);
	}
	for (size_t i = 0; i < MESSAGE_HEADERS; i++) { /* doubled, though the same */
		make_hint(&m, BANK_SECRET, BANK_NOW);
		m.headers[2] = m.headers[i];
		m.message.header_count = 3;
		drive_callback(d, &m.message);
		assert_refused(d, "signature", false);
	}
	make_hint(&m, BANK_SECRET, BANK_NOW); /* others do not matter */
	m.headers[2] = (struct alym_header){ TEXT("X-Sandbox-Signature2"), TEXT("x") };
	m.headers[3] = (struct alym_header){ TEXT(""), TEXT("") };
	m.message.header_count = 4;
	drive_callback(d, &m.message);
	assert_accepted(d);
}

/* Timestamps that were signed as they stand, but are not of the form. */
static void a_timestamp_has_one_form(void **state)
{
	static const char *const others[] = { "", "01767225600", "+1767225600", "1767225600 ",
		"1767225600.0", "0x6955b900", "-1", "0", "176722560000000000000",
		"99999999999999999999999" };
	struct drive *d = fixture_drive(state);
	struct bank_message m;

	for (size_t i = 0; i < COUNT(others); i++) {
		struct buffer b;

		make_hint(&m, BANK_SECRET, BANK_NOW);
		buffer_init(&b, 1024);
		buffer_printf(&b, "%s.POST." BANK_PATH "." HINT, others[i]);
		bank_sign(BANK_SECRET, buffer_text(&b), m.signature);
		buffer_done(&b);
		m.headers[0].value = text_of(others[i]);
		m.headers[1].value = text_of(m.signature);
		drive_callback(d, &m.message);
		assert_refused(d, "signature", false);
	}
}

static void a_message_is_good_within_its_window(void **state)
{
	static const struct {
		int64_t offset_s;
		bool good;
	} cases[] = {
		{ 0, true },
		{ -300, true },
		{ 300, true },
		{ -301, false },
		{ 301, false },
		{ -86400, false },
		{ 86400, false },
		{ INT64_C(90000000000), false },
	};
	struct drive *d = fixture_drive(state);
	struct bank_message m;

	for (size_t i = 0; i < COUNT(cases); i++) {
		make_hint(&m, BANK_SECRET, BANK_NOW + cases[i].offset_s);
		drive_callback(d, &m.message);
		if (cases[i].good) {
			assert_accepted(d);
		} else {
			assert_refused(d, "stale", true);
			assert_true(bank_believes(d, text_of(m.signature)));
		}
	}
}

static void an_answer_is_good_within_its_window(void **state)
{
	static const int64_t good_s[] = { -300, 0, 300 };
	static const int64_t bad_s[] = { -301, 301 };
	struct drive *d = fixture_drive(state);
	struct bank_message m = { .message = { .status = 201, .body = TEXT(REGISTERED) } };

	for (size_t i = 0; i < COUNT(good_s); i++) {
		drive_start(d, ALYM_OPERATION_PAY);
		bank_sign_answer(BANK_SECRET, BANK_NOW + good_s[i],
			drive_header(d, "X-Sandbox-Signature"), &m);
		drive_response(d, &m.message);
		assert_int_equal(d->action.verdict.kind, ALYM_PENDING);
	}
	for (size_t i = 0; i < COUNT(bad_s); i++) {
		drive_start(d, ALYM_OPERATION_PAY);
		bank_sign_answer(BANK_SECRET, BANK_NOW + bad_s[i],
			drive_header(d, "X-Sandbox-Signature"), &m);
		drive_response(d, &m.message);
		assert_int_equal(d->action.verdict.kind, ALYM_UNKNOWN);
		assert_text(d->action.verdict.reason, "the answer's time is out of the window");
	}
}

static void an_answer_forged_in_any_place_is_unknown(void **state)
{
	struct drive *d = fixture_drive(state);
	struct bank_message m = { .message = { .status = 201, .body = TEXT(REGISTERED) } };

	for (size_t place = 0; place < BANK_SIGNATURE_SIZE - 1; place++) {
		drive_start(d, ALYM_OPERATION_PAY);
		bank_sign_answer(BANK_SECRET, BANK_NOW, drive_header(d, "X-Sandbox-Signature"), &m);
		m.signature[place] = m.signature[place] == '0' ? '1' : '0';
		drive_response(d, &m.message);
		assert_int_equal(d->action.verdict.kind, ALYM_UNKNOWN);
		assert_text(d->action.verdict.reason, "the answer is not signed");
	}
}

/* The same bytes, well signed, but: for the request before; with another status; none at all. */
static void an_answer_belongs_to_its_request(void **state)
{
	struct drive *d = fixture_drive(state);
	struct bank_message m = { .message = { .status = 201, .body = TEXT(REGISTERED) } };

	drive_start(d, ALYM_OPERATION_PAY);
	bank_sign_answer(BANK_SECRET, BANK_NOW, drive_header(d, "X-Sandbox-Signature"), &m);
	d->now++;
	drive_start(d, ALYM_OPERATION_PAY);
	drive_response(d, &m.message);
	assert_int_equal(d->action.verdict.kind, ALYM_UNKNOWN);

	for (int status = -1; status <= 1000; status++) {
		if (status == 201) {
			continue;
		}
		drive_start(d, ALYM_OPERATION_PAY);
		m.message.status = 201;
		bank_sign_answer(BANK_SECRET, d->now, drive_header(d, "X-Sandbox-Signature"), &m);
		m.message.status = status;
		drive_response(d, &m.message);
		assert_int_equal(d->action.verdict.kind, ALYM_UNKNOWN);
	}

	drive_start(d, ALYM_OPERATION_PAY);
	m.message.status = 404;
	m.message.header_count = 0;
	drive_response(d, &m.message);
	assert_int_equal(d->action.verdict.kind, ALYM_UNKNOWN);
}

/* A request of ours sent back to us is no message of the bank's. */
static void our_own_request_is_not_taken_for_a_message(void **state)
{
	struct drive *d = fixture_drive(state);
	struct bank_message m = {
		.message = { .method = TEXT("POST"), .path = TEXT(BANK_PATH), .body = TEXT(HINT) }
	};

	drive_start(d, ALYM_OPERATION_CAPTURE);
	assert_true(text_copy(drive_header(d, "X-Sandbox-Signature"), m.signature,
		sizeof(m.signature)));
	m.headers[0] = (struct alym_header){ TEXT("X-Sandbox-Timestamp"), TEXT("1767225600") };
	m.headers[1] = (struct alym_header){ TEXT("X-Sandbox-Signature"), text_of(m.signature) };
	m.message.headers = m.headers;
	m.message.header_count = 2;
	drive_callback(d, &m.message);
	assert_refused(d, "signature", false);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		FIXTURE_TEST(a_message_signed_by_openssl_is_accepted),
		FIXTURE_TEST(an_answer_of_ours_is_signed_as_openssl_does),
		FIXTURE_TEST(an_answer_of_the_bank_s_signed_by_openssl_is_accepted),
		FIXTURE_TEST(an_answer_signed_with_the_next_secret_is_accepted),
		FIXTURE_TEST(a_signature_forged_in_any_place_is_refused),
		FIXTURE_TEST(anything_changed_after_signing_is_refused),
		FIXTURE_TEST(headers_that_are_not_there_once_are_refused),
		FIXTURE_TEST(a_timestamp_has_one_form),
		FIXTURE_TEST(a_message_is_good_within_its_window),
		FIXTURE_TEST(an_answer_is_good_within_its_window),
		FIXTURE_TEST(an_answer_forged_in_any_place_is_unknown),
		FIXTURE_TEST(an_answer_belongs_to_its_request),
		FIXTURE_TEST(our_own_request_is_not_taken_for_a_message),
	};

	return cmocka_run_group_tests_name("gateways/sandbox/seal", tests, NULL, NULL);
}
