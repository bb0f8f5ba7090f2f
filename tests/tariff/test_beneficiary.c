/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "base/date.h"
#include "tests/alym_test.h"
#include "tests/tariff/fixture.h"

enum { JSON_MAX = 1 << 20 };

#define ROW(id, kbk, attributes)                                                              \
	"<beneficiary id='" id "' kbk='" kbk "' " attributes                                  \
	" entered='2026-11-22' act='budget-classification' status='confirmed' source='test'>" \
	"<kk>" id "</kk><ru>" id "</ru><en>" id "</en></beneficiary>"
/* A printed BIN and the IBAN registry's example. */
#define ACCOUNT "bin='090440004151' kno='0301' iban='KZ86125KZT5004100100' bic='KKMFKZ2A' kbe='11'"

static const char table[] =
	"<tariff>" ROW("region", "108126", "place='75' from='2026-01-01' " ACCOUNT) ROW("city",
		"108126", "place='7512' from='2026-01-01' last='2026-06-30' " ACCOUNT)
		ROW("city-2", "108126", "place='7512' from='2026-07-01' " ACCOUNT) ROW("elsewhere",
			"108126", "place='7513' from='2026-01-01' bin='090440004151'")
			ROW("state", "108125", "from='2026-01-01' " ACCOUNT) "</tariff>";

static int load(void **state)
{
	*state = fixture_tariff(TARIFF_DATA, "table.xml", table);
	return 0;
}

/* The quote as it is written, NUL behind it; the caller ends the buffer. */
static struct buffer told(const struct tariff *tariff, const char *service, const char *place,
	const char *date, struct quote *quote)
{
	struct quote_basis basis = fixture_basis(tariff, fixture_day(date));
	struct quote_request request = fixture_request(service);
	struct quote_refusal refusal = { 0 };
	struct json_writer w;
	struct buffer b;

	request.place = text_of(place);
	assert_int_equal(quote_compute(&basis, &request, quote, &refusal), QUOTE_DONE);
	buffer_init(&b, JSON_MAX);
	json_writer_init(&w, &b);
	quote_write(&basis, &request, quote, &w, NULL);
	buffer_add_char(&b, '\0');
	assert_false(b.overflowed);
	return b;
}

static bool has_row(const struct quote *quote, const char *id)
{
	size_t size = strlen(id);

	for (const char *at = strstr(quote->rows, id); at != NULL; at = strstr(at + 1, id)) {
		if ((at == quote->rows || at[-1] == ',') && (at[size] == ',' || at[size] == '\0')) {
			return true;
		}
	}
	return false;
}

static void money_goes_to_the_office_of_the_place(void **state)
{
	static const struct {
		const char *service;
		const char *place;
		const char *date;
		const char *row;     /* NULL: nobody is known */
		const char *warning; /* or NULL */
	} cases[] = {
		{ "visa.exit", "", "2026-03-01", NULL, "beneficiary_unknown" },
		{ "visa.exit", "111010000", "2026-03-01", "ugd-kokshetau",
			"beneficiary_incomplete" },
		{ "visa.exit", "710000000", "2026-03-01", NULL, "beneficiary_unknown" },
		{ "visa.exit", "751410000", "2026-03-01", "region", NULL },
		{ "visa.exit", "751210000", "2026-06-30", "city", NULL },
		{ "visa.exit", "751210000", "2026-07-01", "city-2", NULL },
		{ "visa.exit", "751310000", "2026-07-01", "elsewhere", "beneficiary_incomplete" },
		{ "visa.exit", "751210000", "2025-12-31", NULL, "beneficiary_unknown" },
		{ "invitation", "751210000", "2026-03-01", "city", NULL },
		{ "consular.legalization", "", "2026-03-01", "state", NULL },
		{ "consular.legalization", "751210000", "2026-03-01", "state", NULL },
		{ "eta", "751210000", "2026-03-01", NULL, NULL },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct quote quote;
		struct buffer b =
			told(*state, cases[i].service, cases[i].place, cases[i].date, &quote);
		bool said_unknown = strstr(b.bytes, "\"beneficiary_unknown\"") != NULL;
		bool said_incomplete = strstr(b.bytes, "\"beneficiary_incomplete\"") != NULL;

		assert_int_equal(strstr(b.bytes, "\"beneficiary\":null") != NULL,
			cases[i].row == NULL);
		if (cases[i].row != NULL) {
			assert_true(has_row(&quote, cases[i].row));
		}
		assert_int_equal(quote.beneficiary_unknown, cases[i].warning != NULL);
		assert_int_equal(said_unknown,
			cases[i].warning != NULL &&
				strcmp(cases[i].warning, "beneficiary_unknown") == 0);
		assert_int_equal(said_incomplete,
			cases[i].warning != NULL &&
				strcmp(cases[i].warning, "beneficiary_incomplete") == 0);
		buffer_done(&b);
	}
}

static void its_details_are_told(void **state)
{
	struct quote quote;
	struct buffer b = told(*state, "visa.exit", "751210000", "2026-07-01", &quote);

	assert_non_null(strstr(b.bytes,
		"\"beneficiary\":{\"bic\":\"KKMFKZ2A\","
		"\"bin\":\"090440004151\",\"iban\":\"KZ86125KZT5004100100\",\"kbe\":\"11\",\"kno\":\"0301\","
		"\"law\":{\"act\":\"budget-classification\",\"row\":\"city-2\",\"status\":\"confirmed\"},"
		"\"name\":{\"en\":\"city-2\",\"kk\":\"city-2\",\"ru\":\"city-2\"},\"place\":\"7512\"}"));
	assert_non_null(strstr(b.bytes, "Beneficiary: city-2, BIN 090440004151."));
	buffer_done(&b);
}

static void check_days(const struct tariff *tariff, const char *place, const char *date,
	int version, const char *from, const char *until)
{
	struct quote_basis basis = fixture_basis(tariff, fixture_day(date));
	struct quote_request request = fixture_request("visa.exit");
	struct quote_refusal refusal = { 0 };
	struct quote quote;

	basis.version = version;
	request.place = text_of(place);
	assert_int_equal(quote_compute(&basis, &request, &quote, &refusal), QUOTE_DONE);
	assert_int_equal(quote.valid_from, fixture_day(from));
	assert_int_equal(quote.valid_until, fixture_day(until));
}

/* The due stays from 2026-01-01 to the end of the year; who receives it does not. */
static void a_quote_ends_where_another_would_receive_it(void **state)
{
	check_days(*state, "751210000", "2026-06-30", 1, "2026-01-01", "2027-01-01");
	check_days(*state, "751210000", "2026-06-30", 2, "2026-01-01", "2026-07-01");
	check_days(*state, "751210000", "2026-07-01", 2, "2026-07-01", "2027-01-01");
	check_days(*state, "751410000", "2026-06-30", 2, "2026-01-01", "2027-01-01");
	check_days(*state, "610000000", "2026-06-30", 2, "2026-01-01", "2027-01-01");
}

/* Another code from 2026-05-01 on, whose recipient is another too; a refund rule from 09-01 on. */
static void a_quote_ends_where_the_code_or_the_refund_changes(void **state)
{
	static const char before_refund[] = "<refund id=\"visa.exit-ref-2017\"";
	static const char before_rule[] = "<rule id=\"visa.exit-foreign\"";
	struct fixture f;
	struct err err = { 0 };
	struct tariff *tariff;

	(void)state;
	fixture_open(TARIFF_DATA, &f);
	fixture_add_string(&f, "table.xml",
		"<tariff>" ROW("newcomer", "108126", "place='75' from='2026-03-01' " ACCOUNT)
			ROW("narrow", "108126",
				"place='7512' from='2026-04-01' " ACCOUNT) "</tariff>");
	fixture_replace(&f, "duties.xml", before_refund,
		"<budget id='later' kbk='108125' knp='911' from='2026-05-01' entered='2026-11-21'"
		" act='budget-classification' status='unverified' source='test'/>"
		"<refund id=\"visa.exit-ref-2017\"");
	fixture_replace(&f, "duties.xml", before_rule,
		"<refund id='never' rule='never' from='2026-09-01' entered='2026-11-21'"
		" act='tax-code-2025' article='120' status='unverified' source='test'/>"
		"<rule id=\"visa.exit-foreign\"");
	tariff = fixture_load(&f, &err);
	if (tariff == NULL) {
		fail_msg("%s", err.message);
	}
	check_days(tariff, "751210000", "2026-02-28", 2, "2026-01-01", "2026-03-01");
	check_days(tariff, "751210000", "2026-03-31", 2, "2026-03-01", "2026-04-01");
	check_days(tariff, "751410000", "2026-03-31", 2, "2026-03-01", "2026-05-01");
	check_days(tariff, "751210000", "2026-04-30", 2, "2026-04-01", "2026-05-01");
	check_days(tariff, "751210000", "2026-08-31", 2, "2026-05-01", "2026-09-01");
	check_days(tariff, "751210000", "2026-09-01", 2, "2026-09-01", "2027-01-01");
	check_days(tariff, "751210000", "2026-09-01", 1, "2026-01-01", "2027-01-01");
	tariff_free(&tariff);
	fixture_close(&f);
}

static void who_can_not_be_right_is_refused(void **state)
{
	static const struct {
		const char *row;
		const char *says;
	} cases[] = {
		{ ROW("x", "108126", "place='99' from='2026-01-01' bin='090440004152'"),
			"check digit" },
		{ ROW("x", "108126", "place='99' from='2026-01-01' bin='09044000415'"),
			"12 digits" },
		{ ROW("x", "10812", "place='99' from='2026-01-01' bin='090440004151'"),
			"6 digits" },
		{ ROW("x", "108126", "place='9x' from='2026-01-01' bin='090440004151'"), "KATO" },
		{ ROW("x", "108126", "place='1234567890' from='2026-01-01' bin='090440004151'"),
			"KATO" },
		{ ROW("x", "108126",
			  "from='2026-01-01' bin='090440004151' iban='KZ87125KZT5004100100'"),
			"IBAN" },
		{ ROW("x", "108126", "from='2026-01-01' bin='090440004151' bic='KKMF'"), "bic" },
		{ ROW("x", "108126", "from='2026-01-01' bin='090440004151' kno='1'"), "kno" },
		{ ROW("x", "108126", "from='2026-01-01' bin='090440004151' kbe='111'"), "kbe" },
		{ ROW("x", "108126", "place='1110' from='2026-01-01' bin='090440004151'"),
			"overlaps" },
		{ "<beneficiary id='x' kbk='108126' from='2026-01-01' entered='2026-11-22'"
		  " act='budget-classification' status='confirmed' source='test'>"
		  "<kk>x</kk><ru>x</ru><en>x</en></beneficiary>",
			"bin" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct fixture f;
		struct err err = { 0 };
		char file[1024];

		(void)snprintf(file, sizeof(file), "<tariff>%s</tariff>", cases[i].row);
		fixture_open(TARIFF_DATA, &f);
		fixture_add_string(&f, "table.xml", file);
		assert_null(fixture_load(&f, &err));
		if (strstr(err.message, cases[i].says) == NULL ||
			strstr(err.message, "table.xml:1: ") == NULL) {
			fail_msg("%s: %s", cases[i].says, err.message);
		}
		fixture_close(&f);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(money_goes_to_the_office_of_the_place),
		cmocka_unit_test(its_details_are_told),
		cmocka_unit_test(a_quote_ends_where_another_would_receive_it),
		cmocka_unit_test(a_quote_ends_where_the_code_or_the_refund_changes),
		cmocka_unit_test(who_can_not_be_right_is_refused),
	};

	return cmocka_run_group_tests_name("tariff/beneficiary", tests, load, fixture_free);
}
