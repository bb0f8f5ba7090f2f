/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "tariff/cases.h"
#include "tests/alym_test.h"
#include "tests/tariff/fixture.h"

enum { DOCUMENT_MAX = 1 << 14 };

static int load_set(void **state)
{
	*state = fixture_tariff(TARIFF_DATA, NULL, NULL);
	return 0;
}

/* The cases of one document, "a.xml", whose outermost element is given its contents. */
static struct cases *read_cases(const char *contents, struct err *err)
{
	struct tariff_file file = { .name = "a.xml" };
	struct cases *cases = NULL;
	struct buffer b;
	bool ok;

	buffer_init(&b, DOCUMENT_MAX);
	buffer_printf(&b, "<cases>\n%s\n</cases>", contents);
	file.bytes = buffer_text(&b);
	ok = cases_read(&file, 1, &cases, err);
	assert_int_equal(ok, cases != NULL);
	buffer_done(&b);
	return cases;
}

/* The report of one case, which stands in line 2; to be given to cases_report_done(). */
static struct cases_report run_one(const struct tariff *tariff, const char *contents)
{
	struct cases_report report;
	struct err err = { 0 };
	struct cases *cases = read_cases(contents, &err);

	if (cases == NULL) {
		fail_msg("%s", err.message);
	}
	assert_int_equal(cases_count(cases), 1);
	cases_run(cases, tariff, &report);
	assert_int_equal(report.case_count, 1);
	assert_true(report.unhit_count <= report.row_count);
	cases_free(&cases);
	return report;
}

static bool is_hit(const struct cases_report *report, const char *row)
{
	for (size_t i = 0; i < report->unhit_count; i++) {
		if (strcmp(report->unhit[i].row, row) == 0) {
			return false;
		}
	}
	return true;
}

#define VISA      "<case service='visa.multiple' date='2026-03-01' source='x' "
#define PROGRAMME "<case service='eresidency' date='2026-03-01' due='499.00 USD' source='x'"
/* 65 bytes: one more than a code may have. */
#define LONG     "abcdefghijklmabcdefghijklmabcdefghijklmabcdefghijklmabcdefghijklm"
#define INVESTOR "><claim ground='investor' document='note'/></case>"

static void a_case_that_comes_true_hits_its_rows(void **state)
{
	struct cases_report report = run_one(*state, VISA
		"due='0 KZT' gross='129750.00 KZT'"
		" relief='129750 KZT' ground='investor' rests-on='mrp-2026 visa-investor-2026'" INVESTOR);
	static const char *const rows[] = { "visa.multiple-2025-code", "mrp-2026",
		"visa.multiple-rounding", "visa-investor-2026" };

	assert_int_equal(report.fault_count, 0);
	for (size_t i = 0; i < COUNT(rows); i++) {
		assert_true(is_hit(&report, rows[i]));
	}
	assert_int_equal(report.row_count - report.unhit_count, COUNT(rows));
	assert_false(is_hit(&report, "visa-funeral-2026"));
	cases_report_done(&report);
	assert_int_equal(report.unhit_count, 0);
}

static void what_no_sum_shows_is_hit_where_it_is_expected(void **state)
{
	static const struct {
		const char *stated;
		const char *row;
	} shown[] = {
		{ VISA "due='129750 KZT' kbk='108126' knp='911'/>", "visa.multiple-budget" },
		{ VISA "due='129750 KZT' refund='if-not-performed' refund-years='3'/>",
			"visa.multiple-ref-2025" },
		{ VISA "due='129750 KZT'><rule kind='foreigners-only'/></case>",
			"visa.multiple-foreign" },
		{ PROGRAMME "><rule kind='minimum-age' value='18'/></case>", "eresidency-age" },
		{ PROGRAMME "><rule kind='term-months' value='12'/></case>", "eresidency-term" },
		{ PROGRAMME " refund='unknown'/>", "eresidency-refund" },
	};

	for (size_t i = 0; i < COUNT(shown); i++) {
		struct cases_report report = run_one(*state, shown[i].stated);

		assert_int_equal(report.fault_count, 0);
		for (size_t j = 0; j < COUNT(shown); j++) {
			assert_int_equal(is_hit(&report, shown[j].row), i == j);
		}
		cases_report_done(&report);
	}
}

static void a_claim_that_was_looked_at_is_hit(void **state)
{
	struct cases_report report =
		run_one(*state, VISA "due='129750.00 KZT' nationality='FR'>"
				     "<claim ground='child-under-16' document='x'/></case>");

	assert_int_equal(report.fault_count, 0);
	assert_true(is_hit(&report, "visa-child-2026"));
	cases_report_done(&report);
}

static void an_mrp_is_looked_up_by_its_purpose(void **state)
{
	struct cases_report report = run_one(*state,
		"<mrp purpose='benefit' date='2022-04-01' value='3180' source='x'/>");

	assert_int_equal(report.fault_count, 0);
	assert_true(is_hit(&report, "mrp-2022-04"));
	assert_int_equal(report.row_count - report.unhit_count, 1);
	cases_report_done(&report);
	report = run_one(*state, "<mrp purpose='duty' date='2022-04-01' value='3180' source='x'/>");
	assert_int_equal(report.fault_count, 1);
	assert_string_equal(report.faults[0].expected, "an MRP of 3180");
	assert_string_equal(report.faults[0].came, "an MRP of 3063");
	assert_int_equal(report.unhit_count, report.row_count);
	cases_report_done(&report);
	report = run_one(*state, "<mrp purpose='duty' date='2040-01-01' source='x'/>");
	assert_int_equal(report.fault_count, 0);
	cases_report_done(&report);
}

static void a_case_that_does_not_come_true_is_told(void **state)
{
	static const struct {
		const char *contents;
		const char *expected;
		const char *came;
	} wrong[] = {
		{ VISA "due='129750.01 KZT'/>", "due 129750.01 KZT", "due 129750.00 KZT" },
		{ VISA "due='129750 USD'/>", "due 129750.00 USD", "due 129750.00 KZT" },
		{ VISA "due='129750 KZT' gross='1 KZT' relief='2 KZT'/>",
			"due 129750.00 KZT, gross 1.00 KZT, relief 2.00 KZT",
			"due 129750.00 KZT, gross 129750.00 KZT, relief 0.00 KZT" },
		{ VISA "due='0 KZT' ground='funeral'" INVESTOR, "due 0.00 KZT, ground funeral",
			"due 0.00 KZT, ground investor" },
		{ VISA "due='129750 KZT' ground='funeral'/>", "due 129750.00 KZT, ground funeral",
			"due 129750.00 KZT, ground -" },
		{ VISA "due='129750 KZT' rests-on='mrp-2026 mrp-2025 nothing'/>",
			"due 129750.00 KZT, resting on mrp-2026, resting on mrp-2025, resting on nothing",
			"due 129750.00 KZT, resting on mrp-2026, not resting on mrp-2025, "
			"not resting on nothing" },
		{ VISA "due='129750 KZT' kbk='108125' knp='911'/>",
			"due 129750.00 KZT, kbk 108125, knp 911",
			"due 129750.00 KZT, kbk 108126, knp 911" },
		{ VISA "due='129750 KZT' refund='if-not-performed'/>",
			"due 129750.00 KZT, refund if-not-performed",
			"due 129750.00 KZT, refund if-not-performed within 3 years" },
		{ VISA "due='129750 KZT'><rule kind='foreigners-only' value='2'/></case>",
			"due 129750.00 KZT, rule foreigners-only 2",
			"due 129750.00 KZT, rule foreigners-only" },
		{ PROGRAMME " kbk='108126' knp='911' refund='never'>"
			    "<rule kind='term-months' value='24'/><rule kind='scope'/></case>",
			"due 499.00 USD, kbk 108126, knp 911, refund never, rule scope, "
			"rule term-months 24",
			"due 499.00 USD, kbk -, knp -, refund unknown, no rule scope, "
			"rule term-months 12" },
		{ VISA "refusal='not_eligible'/>", "not_eligible", "a due of 129750.00 KZT" },
		{ "<case service='visa' date='2026-03-01' due='1 KZT' source='x'/>", "a due",
			"unknown_service (service is not a service of this tariff)" },
		{ "<case service='visa' date='2026-03-01' refusal='rate_missing' source='x'/>",
			"rate_missing",
			"unknown_service (service is not a service of this tariff)" },
	};

	for (size_t i = 0; i < COUNT(wrong); i++) {
		struct cases_report report = run_one(*state, wrong[i].contents);

		assert_int_equal(report.fault_count, 1);
		assert_int_equal(report.faults[0].line, 2);
		assert_string_equal(report.faults[0].expected, wrong[i].expected);
		assert_string_equal(report.faults[0].came, wrong[i].came);
		assert_int_equal(report.unhit_count, report.row_count); /* nothing is shown by it */
		cases_report_done(&report);
	}
}

/* What cannot be meant, and what is said of it. */
static const struct {
	const char *contents;
	const char *says;
} senseless[] = {
	{ "<levy/>", "a.xml:2: <levy> does not belong into cases" },
	{ "<case/>", "a.xml:2: <case> lacks the attribute date" },
	{ "<case service='x' date='2026-03-01'/>", "lacks the attribute source" },
	{ "<case date='2026-03-01' source='x' due='1 KZT'/>", "lacks the attribute service" },
	{ VISA "/>", "expects either due= or refusal=" },
	{ VISA "due='1 KZT' refusal='not_eligible'/>", "expects either due= or refusal=" },
	{ VISA "refusal='maybe'/>", "refusal=\"maybe\" is not known here" },
	{ VISA "refusal='not_eligible' gross='1 KZT'/>", "expects a refusal, which has no" },
	{ VISA "refusal='not_eligible' ground='investor'/>", "expects a refusal" },
	{ VISA "refusal='not_eligible' refund='never'/>", "expects a refusal" },
	{ VISA "refusal='not_eligible' kbk='108126' knp='911'/>", "expects a refusal" },
	{ VISA "refusal='not_eligible'><rule kind='scope'/></case>", "of a refusal" },
	{ VISA "due='1 KZT' kbk='108126'/>", "expects one of kbk= and knp=" },
	{ VISA "due='1 KZT' knp='911'/>", "expects one of kbk= and knp=" },
	{ VISA "due='1 KZT' refund='maybe'/>", "refund=\"maybe\" is not known here" },
	{ VISA "due='1 KZT' refund-years='3'/>", "refund-years= without refund=" },
	{ VISA "due='1 KZT' refund='never' refund-years='0'/>", "refund-years=\"0\"" },
	{ VISA "due='1 KZT'><rule/></case>", "<rule> lacks the attribute kind" },
	{ VISA "due='1 KZT'><rule kind='tip'/></case>", "kind=\"tip\" is not known" },
	{ VISA "due='1 KZT'><rule kind='scope' value='x'/></case>", "value=\"x\"" },
	{ VISA "due='1 KZT'><rule kind='scope' id='x'/></case>", "attribute id" },
	{ VISA "due='1 KZT'><rule kind='scope'/><rule kind='scope'/></case>",
		"kind=\"scope\" is there twice" },
	{ VISA "due='1,5 KZT'/>", "due=\"1,5 KZT\" is not money" },
	{ VISA "due='1.005 KZT'/>", "is not money" },
	{ VISA "due='-1 KZT'/>", "is not money" },
	{ VISA "due='1'/>", "is not money" },
	{ VISA "due='1 RUB'/>", "is not money" },
	{ VISA "due='1 KZT' gross='much'/>", "gross=\"much\" is not money" },
	{ VISA "due='1 KZT' quantity='0'/>", "quantity=\"0\" is not an integer" },
	{ VISA "due='1 KZT' years='-2'/>", "years=\"-2\" is not an integer" },
	{ VISA "due='1 KZT' birth-date='2026-02-30'/>", "birth-date=\"2026-02-30\"" },
	{ VISA "due='1 KZT' place='7500000001'/>", "place=\"7500000001\" is not a KATO" },
	{ VISA "due='1 KZT' place='7500'/>", "place=\"7500\" is not a KATO code" },
	{ VISA "due='1 KZT' place='Almaty'/>", "place=\"Almaty\" is not a KATO code" },
	{ VISA "due='1 KZT' years='11'/>", "years is more than 10" },
	{ "<case service='" LONG "' date='2026-03-01' source='x' due='1 KZT'/>", "service=\"abc" },
	{ VISA "due='1 KZT' action='" LONG "'/>", "action=\"abc" },
	{ VISA "due='1 KZT' nationality='KAZ'/>", "nationality is longer than 2" },
	{ VISA "due='1 KZT' category='B12345678'/>", "category is longer than 8" },
	{ VISA "due='1 KZT' currency='TENGE'/>", "currency is longer than 3" },
	{ VISA "due='1 KZT' mission='" LONG "'/>", "mission=\"abc" },
	{ VISA "due='1 KZT' travel-date='soon'/>", "travel-date=\"soon\"" },
	{ VISA "due='1 KZT' activation-date='1'/>", "activation-date=\"1\"" },
	{ VISA "due='1 KZT'><claim ground='" LONG "'/></case>", "ground=\"abc" },
	{ VISA "due='1 KZT'><claim ground='investor' document='" LONG LONG LONG LONG "'/></case>",
		"document is longer than 200" },
	{ VISA "due='1 KZT' colour='red'/>", "an attribute colour, which is not known" },
	{ VISA "due='1 KZT'>1</case>", "holds text" },
	{ VISA "due='1 KZT'><note/></case>", "<note> does not belong into a case" },
	{ VISA "due='1 KZT'><claim/></case>", "<claim> lacks the attribute ground" },
	{ VISA "due='1 KZT'><claim ground='a' who='b'/></case>", "attribute who" },
	{ VISA "due='1 KZT'><claim ground='a'><b/></claim></case>", "<b> does not belong" },
	{ VISA "due='1 KZT'><exchange currency='USD' value='1,5' quant='1'/></case>",
		"value=\"1,5\" is not a number" },
	{ VISA "due='1 KZT'><exchange currency='USD' value='0' quant='1'/></case>", "is no rate" },
	{ VISA "due='1 KZT'><exchange currency='RUB' value='5' quant='1'/></case>", "is no rate" },
	{ VISA "due='1 KZT'><exchange currency='USD' value='5' quant='0'/></case>", "quant=\"0\"" },
	{ "<mrp purpose='duty' date='2026-03-01'/>", "lacks the attribute source" },
	{ "<mrp purpose='tip' date='2026-03-01' source='x'/>", "purpose=\"tip\"" },
	{ "<mrp purpose='duty' source='x'/>", "lacks the attribute date" },
	{ "<mrp purpose='duty' date='2026-03-01' source='x' due='1 KZT'/>", "attribute due" },
	{ "<mrp purpose='duty' date='2026-03-01' source='x'><b/></mrp>", "<b> does not belong" },
};

static void what_cannot_be_meant_is_refused_by_line(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(senseless); i++) {
		struct err err = { 0 };

		assert_null(read_cases(senseless[i].contents, &err));
		assert_int_equal(err.kind, ERR_INPUT);
		if (strncmp(err.message, "a.xml:2: ", 9) != 0 ||
			strstr(err.message, senseless[i].says) == NULL) {
			fail_msg("%s: %s", senseless[i].says, err.message);
		}
	}
}

static void documents_are_read_the_strict_way(void **state)
{
	static const char *const bad[][2] = {
		{ "", "a.xml:1: is empty" },
		{ "<tariff/>", "<tariff> is outermost" },
		{ "<cases version='1'/>", "attribute version" },
		{ "<!DOCTYPE cases><cases/>", "DOCTYPE" },
		{ "<cases xmlns='urn:x'/>", "namespace" },
		{ "<cases>text</cases>", "holds text" },
	};
	char *blank = mem_new(TARIFF_FILE_SIZE_MAX + 1, 1);
	struct tariff_file large = { "a.xml", { blank, TARIFF_FILE_SIZE_MAX + 1 } };
	struct cases *cases = NULL;
	struct err err = { 0 };

	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++) {
		struct tariff_file file = { "a.xml", text_of(bad[i][0]) };

		assert_false(cases_read(&file, 1, &cases, &err));
		if (strstr(err.message, bad[i][1]) == NULL) {
			fail_msg("does not say %s: %s", bad[i][1], err.message);
		}
	}
	assert_false(cases_read(&large, 1, &cases, &err));
	assert_non_null(strstr(err.message, "a.xml:1: is larger than"));
	free(blank);
	assert_null(cases);
	cases_free(&cases); /* NULL is taken */
}

/* What the interface would not let through must not reach the calculation either. */
static void a_place_is_as_long_as_a_quote_can_bear(void **state)
{
	struct cases_report report = run_one(*state, VISA "due='129750 KZT' place='111010000'/>");

	assert_int_equal(report.fault_count, 0);
	cases_report_done(&report);
}

static void claims_are_counted(void **state)
{
	struct buffer b;
	struct err err = { 0 };
	struct cases *cases;

	(void)state;
	buffer_init(&b, DOCUMENT_MAX);
	buffer_add_string(&b, VISA "due='1 KZT'>");
	for (int i = 0; i < QUOTE_CLAIMS_MAX; i++) {
		buffer_printf(&b, "<claim ground='g%d'/>", i);
	}
	buffer_add_string(&b, "</case>");
	cases = read_cases(b.bytes, &err);
	assert_non_null(cases);
	assert_int_equal(cases_question(cases, 0).request->claim_count, QUOTE_CLAIMS_MAX);
	cases_free(&cases);
	b.size -= strlen("</case>");
	buffer_add_string(&b, "<claim ground='more'/></case>");
	assert_null(read_cases(b.bytes, &err));
	assert_non_null(strstr(err.message, "one more than 8 claims"));
	buffer_done(&b);
}

static void a_question_is_what_the_case_asks(void **state)
{
	struct err err = { 0 };
	struct cases *cases =
		read_cases("<mrp purpose='duty' date='2026-03-01' source='x'/>\n"
			   "<case service='visa.exit' action='extend'\n"
			   "\tdate='2026-03-02' quantity='3' years='2' mission='EUR'\n"
			   "\tplace='750000000' category='B12' currency='KZT'\n"
			   "\ttravel-date='2026-04-01' nationality='IN'\n"
			   "\tbirth-date='1990-04-01' source='x' due='1 KZT'/>",
			&err);
	struct cases_question q;

	(void)state;
	assert_non_null(cases);
	assert_int_equal(cases_count(cases), 2);
	assert_null(cases_question(cases, 0).request);
	assert_int_equal(cases_question(cases, 0).day, fixture_day("2026-03-01"));
	q = cases_question(cases, 1);
	assert_string_equal(q.file, "a.xml");
	assert_int_equal(q.line, 7);
	assert_int_equal(q.day, fixture_day("2026-03-02"));
	assert_true(text_is(q.request->service, "visa.exit"));
	assert_true(text_is(q.request->action, "extend"));
	assert_true(text_is(q.request->mission, "EUR"));
	assert_true(text_is(q.request->place, "750000000"));
	assert_true(text_is(q.request->category, "B12"));
	assert_true(text_is(q.request->currency, "KZT"));
	assert_true(text_is(q.request->nationality, "IN"));
	assert_int_equal(q.request->quantity, 3);
	assert_int_equal(q.request->years, 2);
	assert_int_equal(q.request->travel_date, fixture_day("2026-04-01"));
	assert_int_equal(q.request->birth_date, fixture_day("1990-04-01"));
	cases_free(&cases);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_case_that_comes_true_hits_its_rows),
		cmocka_unit_test(what_no_sum_shows_is_hit_where_it_is_expected),
		cmocka_unit_test(a_claim_that_was_looked_at_is_hit),
		cmocka_unit_test(an_mrp_is_looked_up_by_its_purpose),
		cmocka_unit_test(a_case_that_does_not_come_true_is_told),
		cmocka_unit_test(what_cannot_be_meant_is_refused_by_line),
		cmocka_unit_test(documents_are_read_the_strict_way),
		cmocka_unit_test(a_place_is_as_long_as_a_quote_can_bear),
		cmocka_unit_test(claims_are_counted),
		cmocka_unit_test(a_question_is_what_the_case_asks),
	};

	return cmocka_run_group_tests_name("tariff/cases", tests, load_set, fixture_free);
}
