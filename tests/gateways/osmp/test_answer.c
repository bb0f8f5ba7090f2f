/* SPDX-License-Identifier: Apache-2.0 */
#include <jansson.h>

#include "tests/gateways/osmp/fixture.h"

#define CHECK "command=check&txn_id=1234567&account=" FIXTURE_CODE "&sum=10.45"
#define PAY   "command=pay&txn_id=1234567&txn_date=20090815120133&account=" FIXTURE_CODE "&sum=10.45"
#define XML   "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
#define FIELDS                                                                                   \
	"<fields><field1 name=\"service\">visa.exit</field1><field2 name=\"due\">10.45</field2>" \
	"</fields>"

static struct drive *open_named(void **state, const char *dialect, const char *prv_name)
{
	const struct alym_setting settings[] = { { "dialect", text_of(dialect) },
		{ "prv_name", text_of(prv_name) } };

	return fixture_open(state, settings, COUNT(settings));
}

/* ---- forms ---- */

/* Members and their order: dev.qiwi.com/explain/en/qd-qiwi-provider-protocol/payment. */
static void osmp_answers_in_its_own_xml(void **state)
{
	struct drive *d = fixture_dialect(state, "osmp-xml");

	fixture_get(d, CHECK);
	fixture_decide(d, ALYM_ANSWER_PAYABLE, 1045);
	assert_int_equal(d->action.answer.status, 200);
	assert_text(drive_header(d, "Content-Type"), "text/xml; charset=UTF-8");
	assert_text(d->action.answer.body,
		XML "<response><osmp_txn_id>1234567</osmp_txn_id><result>0</result>"
		    "<comment>ОК</comment>" FIELDS "</response>\n");
	fixture_get(d, PAY);
	fixture_decide(d, ALYM_ANSWER_BOOKED, 0);
	assert_text(d->action.answer.body,
		XML "<response><osmp_txn_id>1234567</osmp_txn_id><prv_txn>2016</prv_txn>"
		    "<sum>10.45</sum><result>0</result><comment>ОК</comment></response>\n");
	fixture_get(d, PAY);
	fixture_decide(d, ALYM_ANSWER_UNKNOWN, 0);
	assert_text(d->action.answer.body,
		XML "<response><osmp_txn_id>1234567</osmp_txn_id><result>5</result>"
		    "<comment>Платеж с таким кодом не найден</comment></response>\n");
}

static void get_info_is_answered_with_what_is_due(void **state)
{
	struct drive *d = fixture_dialect(state, "osmp-xml");

	fixture_get(d, "command=getInfo&account=" FIXTURE_CODE "&ccy=KZT");
	fixture_decide(d, ALYM_ANSWER_PAYABLE, 1045);
	assert_text(d->action.answer.body,
		XML "<response><result>0</result><comment>ОК</comment>" FIELDS "</response>\n");
}

static void kaspi_answers_in_its_own_xml(void **state)
{
	struct drive *d = fixture_dialect(state, "kaspi-xml");

	fixture_get(d, CHECK);
	fixture_decide(d, ALYM_ANSWER_PAYABLE, 1045);
	assert_text(drive_header(d, "Content-Type"), "text/xml; charset=UTF-8");
	assert_text(d->action.answer.body, XML
		"<response><txn_id>1234567</txn_id><result>0</result><comment>ОК</comment>" FIELDS
		"</response>\n");
	fixture_get(d, PAY);
	fixture_decide(d, ALYM_ANSWER_BOOKED, 0);
	assert_text(d->action.answer.body,
		XML "<response><txn_id>1234567</txn_id><result>0</result><comment>ОК</comment>"
		    "<prv_txn>2016</prv_txn><sum>10.45</sum></response>\n");
}

static void kaspi_answers_in_json(void **state)
{
	struct drive *d = fixture_dialect(state, "kaspi-json");

	fixture_get(d, CHECK);
	fixture_decide(d, ALYM_ANSWER_PAYABLE, 1045);
	assert_text(drive_header(d, "Content-Type"), "application/json; charset=UTF-8");
	assert_text(d->action.answer.body,
		"{\"comment\":\"ОК\",\"fields\":{"
		"\"field1\":{\"#text\":\"visa.exit\",\"@name\":\"service\"},"
		"\"field2\":{\"#text\":\"10.45\",\"@name\":\"due\"}},"
		"\"result\":0,\"txn_id\":\"1234567\"}");
	fixture_get(d, PAY);
	fixture_decide(d, ALYM_ANSWER_BOOKED, 0);
	assert_text(d->action.answer.body,
		"{\"comment\":\"ОК\",\"prv_txn\":\"2016\",\"prv_txn_id\":\"2016\",\"result\":0,"
		"\"sum\":\"10.45\",\"txn_id\":\"1234567\"}");
}

/* Its partners know our number under two names. */
static void our_number_goes_by_the_name_that_is_set(void **state)
{
	const struct {
		const char *dialect;
		const char *name;
		bool prv_txn;
		bool prv_txn_id;
	} cases[] = {
		{ "kaspi-json", "prv_txn", true, false },
		{ "kaspi-json", "prv_txn_id", false, true },
		{ "kaspi-json", "both", true, true },
		{ "kaspi-xml", "prv_txn", true, false },
		{ "kaspi-xml", "prv_txn_id", false, true },
		{ "kaspi-xml", "both", true, true },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct drive *d = open_named(state, cases[i].dialect, cases[i].name);
		bool json = strcmp(cases[i].dialect, "kaspi-json") == 0;
		char body[1024];

		fixture_get(d, PAY);
		fixture_decide(d, ALYM_ANSWER_BOOKED, 0);
		assert_true(text_copy(d->action.answer.body, body, sizeof(body)));
		assert_int_equal(cases[i].prv_txn,
			strstr(body, json ? "\"prv_txn\":\"2016\"" : "<prv_txn>2016</prv_txn>") !=
				NULL);
		assert_int_equal(cases[i].prv_txn_id,
			strstr(body, json ? "\"prv_txn_id\":\"2016\""
					  : "<prv_txn_id>2016</prv_txn_id>") != NULL);
	}
}

static void decide_service(struct drive *d, struct text service)
{
	const struct alym_decision decision = { .kind = ALYM_ANSWER_PAYABLE,
		.due = money_of(1045, "KZT"),
		.service = service };

	drive_decision(d, &decision);
	assert_null(d->fault);
}

static void what_is_markup_in_the_form_is_escaped(void **state)
{
	struct drive *d = fixture_dialect(state, "kaspi-xml");
	char body[1024];
	json_t *answer;

	fixture_get(d, CHECK);
	decide_service(d, TEXT("<a b=\"'&amp;'\">\n\x01ы"));
	assert_true(text_copy(d->action.answer.body, body, sizeof(body)));
	assert_non_null(strstr(body, "<field1 name=\"service\">&lt;a b=&quot;'&amp;amp;'&quot;&gt;"
				     "??ы</field1>"));
	d = fixture_dialect(state, "kaspi-json");
	fixture_get(d, CHECK);
	decide_service(d, TEXT("<a \"\\\n\x01ы"));
	answer = json_loadb(d->action.answer.body.bytes, d->action.answer.body.size, 0, NULL);
	assert_non_null(answer);
	assert_string_equal(json_string_value(json_object_get(
				    json_object_get(json_object_get(answer, "fields"), "field1"),
				    "#text")),
		"<a \"\\\n\x01ы");
	json_decref(answer);
}

/* ---- results ---- */

static void each_decision_has_its_result(void **state)
{
	static const char *const dialects[] = { "osmp-xml", "kaspi-xml", "kaspi-json" };
	const struct {
		enum alym_answer_kind kind;
		int64_t due_minor;
		const char *check[2]; /* of osmp, of the two others */
		const char *pay[2];
	} cases[] = {
		{ ALYM_ANSWER_BOOKED, 1045, { "1", "5" }, { "0", "0" } },
		{ ALYM_ANSWER_NOTED, 0, { "1", "5" }, { "1", "4" } },
		{ ALYM_ANSWER_PAYABLE, 1045, { "0", "0" }, { "1", "4" } },
		{ ALYM_ANSWER_UNKNOWN, 0, { "5", "1" }, { "5", "1" } },
		{ ALYM_ANSWER_PAID, 0, { "79", "3" }, { "79", "3" } },
		{ ALYM_ANSWER_CLOSED, 0, { "79", "2" }, { "79", "2" } },
		{ ALYM_ANSWER_WRONG_AMOUNT, 1046, { "241", "5" }, { "241", "5" } },
		{ ALYM_ANSWER_WRONG_AMOUNT, 1044, { "242", "5" }, { "242", "5" } },
		{ ALYM_ANSWER_BUSY, 0, { "1", "5" }, { "1", "4" } },
	};

	for (size_t i = 0; i < COUNT(dialects); i++) {
		struct drive *d = fixture_dialect(state, dialects[i]);
		size_t family = i == 0 ? 0 : 1;

		for (size_t k = 0; k < COUNT(cases); k++) {
			fixture_get(d, CHECK);
			fixture_decide(d, cases[k].kind, cases[k].due_minor);
			assert_result(d, cases[k].check[family]);
			fixture_get(d, PAY);
			fixture_decide(d, cases[k].kind, cases[k].due_minor);
			assert_result(d, cases[k].pay[family]);
		}
	}
}

/* The payer is told before the money moves. */
static void a_check_compares_the_sum_where_it_is_meant(void **state)
{
	struct drive *d = fixture_dialect(state, "osmp-xml");

	fixture_get(d, CHECK);
	fixture_decide(d, ALYM_ANSWER_PAYABLE, 1046);
	assert_result(d, "241");
	fixture_get(d, CHECK);
	fixture_decide(d, ALYM_ANSWER_PAYABLE, 1044);
	assert_result(d, "242");
	d = fixture_dialect(state, "kaspi-xml");
	fixture_get(d, CHECK);
	fixture_decide(d, ALYM_ANSWER_PAYABLE, 1046);
	assert_result(d, "0");
}

/* A sum in tenge pays nothing that is due in dollars, and none is shown as if it did. */
static void another_currency_is_refused(void **state)
{
	static const struct {
		const char *dialect;
		const char *result;
	} cases[] = { { "osmp-xml", "7" }, { "kaspi-xml", "5" }, { "kaspi-json", "5" } };
	const struct alym_decision payable = { .kind = ALYM_ANSWER_PAYABLE,
		.due = money_of(1045, "USD"),
		.service = TEXT("visa.exit") };
	const struct alym_decision wrong = { .kind = ALYM_ANSWER_WRONG_AMOUNT,
		.due = money_of(1045, "USD"),
		.service = TEXT("visa.exit") };

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct drive *d = fixture_dialect(state, cases[i].dialect);

		fixture_get(d, CHECK);
		drive_decision(d, &payable);
		assert_result(d, cases[i].result);
		fixture_get(d, PAY);
		drive_decision(d, &wrong);
		assert_result(d, cases[i].result);
	}
}

/* Where the bank says that it repeats what it could not deliver, and not what is in processing. */
static void a_busy_book_may_be_a_broken_link(void **state)
{
	const struct alym_setting settings[] = { { "dialect", TEXT("kaspi-json") },
		{ "busy", TEXT("503") } };
	struct drive *d = fixture_open(state, settings, COUNT(settings));

	fixture_get(d, PAY);
	fixture_decide(d, ALYM_ANSWER_BUSY, 0);
	assert_int_equal(d->action.answer.status, 503);
	fixture_get(d, PAY);
	fixture_decide(d, ALYM_ANSWER_CLOSED, 0);
	assert_int_equal(d->action.answer.status, 200);
}

/* Nothing is said that would let the bank take a refusal for a payment. */
static void a_refusal_brings_neither_number_nor_sum(void **state)
{
	static const char *const dialects[] = { "osmp-xml", "kaspi-xml", "kaspi-json" };

	for (size_t i = 0; i < COUNT(dialects); i++) {
		struct drive *d = fixture_dialect(state, dialects[i]);

		for (int kind = ALYM_ANSWER_NOTED; kind <= ALYM_ANSWER_BUSY; kind++) {
			const struct alym_decision decision = {
				.kind = (enum alym_answer_kind)kind,
				.record = 2016,
				.due = money_of(1, "KZT"),
				.service = TEXT("visa.exit"),
			};
			char body[1024];

			fixture_get(d, PAY);
			drive_decision(d, &decision);
			assert_null(d->fault);
			assert_true(text_copy(d->action.answer.body, body, sizeof(body)));
			assert_null(strstr(body, "2016"));
			assert_null(strstr(body, "10.45"));
			assert_null(strstr(body, "visa.exit"));
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		FIXTURE_TEST(osmp_answers_in_its_own_xml),
		FIXTURE_TEST(get_info_is_answered_with_what_is_due),
		FIXTURE_TEST(kaspi_answers_in_its_own_xml),
		FIXTURE_TEST(kaspi_answers_in_json),
		FIXTURE_TEST(our_number_goes_by_the_name_that_is_set),
		FIXTURE_TEST(what_is_markup_in_the_form_is_escaped),
		FIXTURE_TEST(each_decision_has_its_result),
		FIXTURE_TEST(a_check_compares_the_sum_where_it_is_meant),
		FIXTURE_TEST(another_currency_is_refused),
		FIXTURE_TEST(a_busy_book_may_be_a_broken_link),
		FIXTURE_TEST(a_refusal_brings_neither_number_nor_sum),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
