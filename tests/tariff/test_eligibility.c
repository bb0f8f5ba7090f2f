/* SPDX-License-Identifier: Apache-2.0 */

/*
 * eligibility - the lists are those that were printed, and nobody pays who is not on them.
 *
 * tests/tariff/printed has the names as two publications print them: the information of 2019 (ru)
 * with its lists of 117 and 23 countries, and the leaflet of QazETA (kk) with 104; where the
 * publications are at hand, test_printed.py holds the names against them.
 */
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "base/date.h"
#include "base/json.h"
#include "tests/alym_test.h"
#include "tests/tariff/fixture.h"

enum { JSON_MAX = 1 << 20, PRINTED_MAX = 200, NAME_SIZE = 160, PATH_SIZE = 1024 };

static int load_set(void **state)
{
	*state = fixture_tariff(TARIFF_DATA, NULL, NULL);
	return 0;
}

/* ---- what was printed ---- */

struct printed {
	char names[PRINTED_MAX][NAME_SIZE];
	size_t count;
};

/* One name a line. */
static void read_printed(const char *id, struct printed *p)
{
	struct fixture f = { .count = 0 };
	char path[PATH_SIZE];
	const char *at;

	assert_true(snprintf(path, sizeof(path), TARIFF_TESTS "/printed/%s.txt", id) < PATH_SIZE);
	fixture_add_file(&f, path);
	p->count = 0;
	for (at = f.files[0].bytes.bytes; *at != '\0'; p->count++) {
		size_t size = strcspn(at, "\n");

		assert_true(size < NAME_SIZE && p->count < PRINTED_MAX && at[size] == '\n');
		memcpy(p->names[p->count], at, size);
		p->names[p->count][size] = '\0';
		at += size + 1;
	}
	fixture_close(&f);
}

/* ---- what the set has ---- */

static const json_t *member(const json_t *object, const char *name)
{
	const json_t *value = json_object_get(object, name);

	if (value == NULL) {
		fail_msg("there is no member %s", name);
	}
	return value;
}

static json_t *told_service(const struct tariff *tariff, const char *code)
{
	struct json_writer w;
	struct buffer b;
	json_t *json;

	buffer_init(&b, JSON_MAX);
	json_writer_init(&w, &b);
	tariff_write_service(tariff, text_of(code), &w, NULL);
	json = json_loadb(b.bytes, b.size, JSON_REJECT_DUPLICATES, NULL);
	assert_non_null(json);
	buffer_done(&b);
	return json;
}

static const json_t *find_list(const json_t *service, const char *id)
{
	const json_t *lists = member(service, "lists");

	for (size_t i = 0; i < json_array_size(lists); i++) {
		const json_t *list = json_array_get(lists, i);

		if (strcmp(json_string_value(member(list, "id")), id) == 0) {
			return list;
		}
	}
	fail_msg("there is no list %s", id);
	return NULL;
}

static void the_lists_are_those_that_were_printed(void **state)
{
	static const struct {
		const char *id;
		size_t entries; /* as the sources count them themselves */
		size_t countries;
	} lists[] = {
		{ "evisa-2019-tourist", 117, 117 }, { "evisa-2019-business", 23, 23 },
		{ "evisa-2026-qazeta", 104, 107 }, /* China, Hong Kong, Macao, Taiwan are one */
	};
	json_t *service = told_service(*state, "evisa");

	assert_int_equal(json_array_size(member(service, "lists")), COUNT(lists));
	for (size_t i = 0; i < COUNT(lists); i++) {
		const json_t *entries = member(find_list(service, lists[i].id), "entries");
		struct printed printed;
		size_t countries = 0;

		read_printed(lists[i].id, &printed);
		assert_int_equal(printed.count, lists[i].entries);
		assert_int_equal(json_array_size(entries), lists[i].entries);
		for (size_t j = 0; j < json_array_size(entries); j++) {
			const json_t *entry = json_array_get(entries, j);

			assert_string_equal(json_string_value(member(entry, "printed")),
				printed.names[j]);
			countries += json_array_size(member(entry, "countries"));
		}
		assert_int_equal(countries, lists[i].countries);
	}
	json_decref(service);
}

/* The name of an entry's only country in that language, or NULL: it has several. */
static const char *only_name(const json_t *entry, const char *language)
{
	const json_t *countries = member(entry, "countries");

	return json_array_size(countries) != 1
		       ? NULL
		       : json_string_value(
				 member(member(json_array_get(countries, 0), "name"), language));
}

static bool is_printed(const struct printed *p, const char *name)
{
	for (size_t i = 0; i < p->count; i++) {
		if (strcmp(p->names[i], name) == 0) {
			return true;
		}
	}
	return false;
}

/* Where one country is printed differently by the two lists of 2019, one of them is its name. */
static void countries_are_called_as_they_are_printed(void **state)
{
	json_t *service = told_service(*state, "evisa");
	const json_t *entries = member(find_list(service, "evisa-2026-qazeta"), "entries");
	struct printed printed;
	struct printed business;
	size_t named = 0;

	for (size_t i = 0; i < json_array_size(entries); i++) {
		const char *name = only_name(json_array_get(entries, i), "kk");

		if (name != NULL) {
			assert_string_equal(name,
				json_string_value(member(json_array_get(entries, i), "printed")));
			named++;
		}
	}
	assert_int_equal(named, 103); /* all but China's */
	entries = member(find_list(service, "evisa-2019-tourist"), "entries");
	read_printed("evisa-2019-tourist", &printed);
	read_printed("evisa-2019-business", &business);
	for (size_t i = 0; i < json_array_size(entries); i++) {
		const char *name = only_name(json_array_get(entries, i), "ru");

		assert_non_null(name);
		assert_true(strcmp(name, printed.names[i]) == 0 || is_printed(&business, name));
	}
	json_decref(service);
}

static void a_service_tells_its_categories_and_by_which_list(void **state)
{
	json_t *service = told_service(*state, "evisa");
	json_t *other = told_service(*state, "visa.exit");
	const json_t *categories = member(service, "categories");
	const json_t *rows;

	assert_int_equal(json_array_size(categories), 9);
	assert_string_equal(json_string_value(member(json_array_get(categories, 7), "code")),
		"B12");
	rows = member(json_array_get(categories, 7), "eligibility");
	assert_int_equal(json_array_size(rows), 2);
	assert_string_equal(json_string_value(member(json_array_get(rows, 0), "list")),
		"evisa-2019-tourist");
	assert_string_equal(json_string_value(member(json_array_get(rows, 1), "list")),
		"evisa-2026-qazeta");
	assert_int_equal(json_array_size(member(other, "categories")), 0);
	assert_int_equal(json_array_size(member(other, "lists")), 0);
	json_decref(service);
	json_decref(other);
}

/* ---- what is decided ---- */

static struct quote_request evisa(const char *category, const char *nationality)
{
	struct quote_request request = fixture_request("evisa");

	request.category = text_of(category);
	request.nationality = text_of(nationality);
	return request;
}

static void who_is_refused_is_told_why(void **state)
{
	static const struct {
		const char *category;
		const char *nationality;
		const char *date;
		enum quote_result result;
		const char *field;
		const char *says;
	} cases[] = {
		{ "", "IN", "2026-06-15", QUOTE_INVALID_FIELD, "category",
			"A3, A5, B1, B2, B3, B9-1, B10, B12, C12" },
		{ "B11", "IN", "2026-06-15", QUOTE_INVALID_FIELD, "category",
			"A3, A5, B1, B2, B3, B9-1, B10, B12, C12" },
		{ "B12", "", "2026-06-15", QUOTE_INVALID_FIELD, "applicant.nationality",
			"is required" },
		{ "B12", "XX", "2026-06-15", QUOTE_INVALID_FIELD, "applicant.nationality",
			"ISO 3166-1" },
		{ "A5", "IN", "2025-12-31", QUOTE_NOT_ELIGIBLE, "category",
			"A5 is not issued on 2025-12-31" },
		{ "B12", "DE", "2026-06-15", QUOTE_NOT_ELIGIBLE, "applicant.nationality",
			"DE is not on the list evisa-2026-qazeta of 2026-01-01, which decides B12 "
			"on 2026-06-15: List of countries whose citizens are issued" },
		{ "B1", "IN", "2019-01-01", QUOTE_NOT_ELIGIBLE, "applicant.nationality",
			"IN is not on the list evisa-2019-business of 2019-01-01" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct quote_request request = evisa(cases[i].category, cases[i].nationality);
		struct quote_refusal refusal = { 0 };
		struct quote quote;

		assert_int_equal(fixture_quote(*state, &request, fixture_day(cases[i].date), &quote,
					 &refusal),
			cases[i].result);
		assert_string_equal(refusal.field, cases[i].field);
		if (strstr(refusal.detail, cases[i].says) == NULL) {
			fail_msg("%s does not say %s", refusal.detail, cases[i].says);
		}
	}
}

/* Nobody's day of birth or country is looked at for others' sake. */
static void one_applicant_is_asked_about_at_a_time(void **state)
{
	struct quote_request request = evisa("B12", "IN");
	struct quote_refusal refusal = { 0 };
	struct quote quote;
	int32_t day = fixture_day("2026-06-15");

	request.quantity = 2;
	assert_int_equal(fixture_quote(*state, &request, day, &quote, &refusal),
		QUOTE_INVALID_FIELD);
	assert_string_equal(refusal.field, "quantity");
	request.quantity = 1;
	assert_int_equal(fixture_quote(*state, &request, day, &quote, &refusal), QUOTE_DONE);
}

static void a_quote_holds_as_long_as_its_list(void **state)
{
	struct quote_request request = evisa("B12", "IN");
	struct quote_refusal refusal = { 0 };
	struct quote quote;

	assert_int_equal(fixture_quote(*state, &request, fixture_day("2019-01-01"), &quote,
				 &refusal),
		QUOTE_DONE);
	assert_int_equal(quote.due.minor, 6000);
	assert_string_equal(quote.due.currency, "USD");
	assert_int_equal(quote.valid_from, fixture_day("2019-01-01"));
	assert_int_equal(quote.valid_until, fixture_day("2026-01-01"));
	assert_true(quote.personal);
	assert_true(quote.unverified);
	assert_string_equal(quote.kbk, "108125");
	assert_string_equal(quote.rows,
		"evisa-2019,evisa-rounding,evisa-budget,evisa-tourist-2019");
	assert_int_equal(fixture_quote(*state, &request, fixture_day("2026-01-01"), &quote,
				 &refusal),
		QUOTE_DONE);
	assert_int_equal(quote.valid_from, fixture_day("2026-01-01"));
	assert_int_equal(quote.valid_until, TARIFF_NO_END);
}

/* Whose country another asks about is another question, though the sum is the same. */
static void the_country_is_of_the_essence(void **state)
{
	struct quote_request request = evisa("B12", "IN");
	struct quote_refusal refusal = { 0 };
	struct quote_request essence;
	struct quote quote;

	assert_int_equal(fixture_quote(*state, &request, fixture_day("2026-06-15"), &quote,
				 &refusal),
		QUOTE_DONE);
	essence = quote_essence(&request, &quote);
	assert_true(text_is(essence.nationality, "IN"));
	assert_true(text_is(essence.category, "B12"));
}

/* What docs/TARIFF.md tells the operator to do when a list changes. */
static void a_new_list_takes_over_on_its_day(void **state)
{
	static const char row[] = "<eligibility id=\"evisa-qazeta-2026\" list=\"evisa-2026-qazeta\""
				  " categories=\"A3 A5 B1 B2 B3 B9-1 B10 B12 C12\"\n"
				  "\t\t\tfrom=\"2026-01-01\"";
	static const char old[] = "<eligibility id=\"evisa-qazeta-2026\" list=\"evisa-2026-qazeta\""
				  " categories=\"A3 A5 B1 B2 B3 B9-1 B10 B12 C12\""
				  " from=\"2026-01-01\" last=\"2027-03-31\"";
	static const char new[] =
		"<eligibility id=\"evisa-2027\" list=\"new\" categories=\"B12\" from=\"2027-04-01\""
		" entered=\"2027-03-20\" act=\"qazeta-terms\" status=\"confirmed\" source=\"test\"/>"
		"</service>";
	static const struct {
		const char *category;
		const char *nationality;
		const char *date;
		enum quote_result result;
	} cases[] = {
		{ "B12", "IN", "2027-03-31", QUOTE_DONE },
		{ "B12", "IN", "2027-04-01", QUOTE_NOT_ELIGIBLE },
		{ "B12", "SA", "2027-03-31", QUOTE_NOT_ELIGIBLE },
		{ "B12", "SA", "2027-04-01", QUOTE_DONE },
		{ "B10", "IN", "2027-03-31", QUOTE_DONE },
		{ "B10", "SA", "2027-04-01", QUOTE_NOT_ELIGIBLE },
		{ "B12", "IN", "2026-01-01", QUOTE_DONE },
	};
	struct fixture f;
	struct err err = { 0 };
	struct tariff *tariff;

	(void)state;
	fixture_open(TARIFF_DATA, &f);
	fixture_replace(&f, "evisa.xml", row, old);
	fixture_replace(&f, "evisa.xml", "</service>", new);
	fixture_add_string(&f, "new.xml",
		"<tariff><list id='new' from='2027-04-01' entered='2027-03-20' act='qazeta-terms'"
		" status='confirmed' source='test'><kk>тізім</kk><ru>список</ru><en>list</en>"
		"<entry countries='SA' printed='Saudi Arabia'/></list></tariff>");
	tariff = fixture_load(&f, &err);
	if (tariff == NULL) {
		fail_msg("%s", err.message);
	}
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct quote_request request = evisa(cases[i].category, cases[i].nationality);
		struct quote_refusal refusal = { 0 };
		struct quote quote;

		assert_int_equal(fixture_quote(tariff, &request, fixture_day(cases[i].date), &quote,
					 &refusal),
			cases[i].result);
	}
	tariff_free(&tariff);
	fixture_close(&f);
}

/* ---- what is told ---- */

static json_t *told_quote(const struct tariff *tariff, int version)
{
	struct quote_request request = evisa("B12", "IN");
	struct quote_basis basis = fixture_basis(tariff, fixture_day("2026-06-15"));
	struct quote_refusal refusal = { 0 };
	struct json_writer w;
	struct quote quote;
	struct buffer b;
	json_t *json;

	basis.version = version;
	assert_int_equal(quote_compute(&basis, &request, &quote, &refusal), QUOTE_DONE);
	buffer_init(&b, JSON_MAX);
	json_writer_init(&w, &b);
	quote_write(&basis, &request, &quote, &w, NULL);
	json = json_loadb(b.bytes, b.size, JSON_REJECT_DUPLICATES, NULL);
	assert_non_null(json);
	buffer_done(&b);
	return json;
}

static void assert_says(const json_t *texts, const char *language, const char *words)
{
	const char *said = json_string_value(member(texts, language));

	if (strstr(said, words) == NULL) {
		fail_msg("%s does not say %s", said, words);
	}
}

static void a_quote_tells_the_list_and_its_law(void **state)
{
	json_t *quote = told_quote(*state, QUOTE_VERSION);
	const json_t *explanation = member(quote, "explanation");
	const json_t *line = json_array_get(member(quote, "lines"), 0);
	const json_t *eligibility = member(line, "eligibility");
	const json_t *list = member(eligibility, "list");

	assert_string_equal(json_string_value(member(eligibility, "category")), "B12");
	assert_string_equal(json_string_value(member(eligibility, "decision")), "accepted");
	assert_says(member(eligibility, "category_name"), "ru", "туристская поездка");
	assert_says(member(member(eligibility, "country"), "name"), "kk", "Үндістан Республикасы");
	assert_string_equal(json_string_value(member(member(eligibility, "law"), "row")),
		"evisa-qazeta-2026");
	assert_string_equal(json_string_value(member(member(list, "law"), "row")),
		"evisa-2026-qazeta");
	assert_string_equal(json_string_value(member(member(list, "law"), "from")), "2026-01-01");
	assert_says(member(list, "name"), "kk", "бір реттік электрондық виза ресімделетін");
	assert_says(explanation, "en", "India stands on 2026-06-15 on the list");
	assert_says(explanation, "en", "electronic visa” (from 2026-01-01); Terms of the pilot");
	assert_says(explanation, "ru", "электронная виза» (с 01.01.2026); Условия");
	assert_says(explanation, "kk", "елдердің тізімі» (01.01.2026 күнінен бастап); QazETA");
	assert_says(explanation, "ru", "Индия: на 15.06.2026 состоит в списке");
	assert_says(explanation, "kk", "Үндістан Республикасы: 15.06.2026 күні B12 санаты");
	assert_string_equal(json_string_value(member(quote, "refund")), "never");
	json_decref(quote);
}

/* Which said nothing of it, and must say the same for ever. */
static void the_first_calculation_does_not_tell_it(void **state)
{
	json_t *quote = told_quote(*state, 1);
	const json_t *line = json_array_get(member(quote, "lines"), 0);

	assert_null(json_object_get(line, "eligibility"));
	assert_null(strstr(json_string_value(member(member(quote, "explanation"), "en")),
		"on the list"));
	json_decref(quote);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_lists_are_those_that_were_printed),
		cmocka_unit_test(countries_are_called_as_they_are_printed),
		cmocka_unit_test(a_service_tells_its_categories_and_by_which_list),
		cmocka_unit_test(who_is_refused_is_told_why),
		cmocka_unit_test(one_applicant_is_asked_about_at_a_time),
		cmocka_unit_test(a_quote_holds_as_long_as_its_list),
		cmocka_unit_test(the_country_is_of_the_essence),
		cmocka_unit_test(a_new_list_takes_over_on_its_day),
		cmocka_unit_test(a_quote_tells_the_list_and_its_law),
		cmocka_unit_test(the_first_calculation_does_not_tell_it),
	};

	return cmocka_run_group_tests_name("tariff/eligibility", tests, load_set, fixture_free);
}
