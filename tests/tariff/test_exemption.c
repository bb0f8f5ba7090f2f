/* SPDX-License-Identifier: Apache-2.0 */
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "base/date.h"
#include "base/json.h"
#include "tests/alym_test.h"
#include "tests/tariff/fixture.h"

enum { QUOTE_JSON_MAX = 1 << 20 };

/* Countries as an operator would enter them; which ones is of no meaning. */
static const char agreements[] =
	"<tariff>"
	"<agreement id='r-ar' kind='reciprocity' country='AR' age-below='6' from='2020-01-01'"
	" entered='2026-11-21' act='order-555-1100' source='test' status='confirmed'/>"
	"<agreement id='r-fr' kind='reciprocity' country='FR' age-below='18' from='2026-06-01'"
	" entered='2026-11-21' act='order-555-1100' source='test' status='confirmed'/>"
	"<agreement id='r-fr-2' kind='reciprocity' country='IT' age-below='16' from='2026-01-01'"
	" last='2026-03-31' entered='2026-11-21' act='order-555-1100' source='test'"
	" status='unverified'/>"
	"<agreement id='w-tr' kind='mutual-waiver' country='TR' from='2026-01-01'"
	" entered='2026-11-21' act='order-555-1100' source='test' status='confirmed'/>"
	"</tariff>";

static int load_set(void **state)
{
	*state = fixture_tariff(TARIFF_DATA, "agreements.xml", agreements);
	return 0;
}

static struct quote quote_of(const struct tariff *tariff, const struct quote_request *request,
	const char *date)
{
	struct quote_refusal refusal = { 0 };
	struct quote quote;

	if (fixture_quote(tariff, request, fixture_day(date), &quote, &refusal) != QUOTE_DONE) {
		fail_msg("%s: %s", refusal.field, refusal.detail);
	}
	return quote;
}

/* The quote in full, to be given to json_decref(). */
static json_t *told(const struct tariff *tariff, const struct quote_request *request,
	const char *date)
{
	struct quote_basis basis = fixture_basis(tariff, fixture_day(date));
	struct quote quote = quote_of(tariff, request, date);
	struct json_writer w;
	struct buffer b;
	json_t *json;

	buffer_init(&b, QUOTE_JSON_MAX);
	json_writer_init(&w, &b);
	quote_write(&basis, request, &quote, &w, NULL);
	assert_false(b.overflowed);
	json = json_loadb(b.bytes, b.size, JSON_REJECT_DUPLICATES, NULL);
	assert_non_null(json);
	buffer_done(&b);
	return json;
}

/* The reason given for a ground, or "" when it is not spoken of; it is copied. */
static void reason_of(const struct tariff *tariff, const struct quote_request *request,
	const char *date, const char *ground, char reason[32])
{
	json_t *json = told(tariff, request, date);
	const json_t *line = json_array_get(json_object_get(json, "lines"), 0);
	const json_t *exemptions = json_object_get(line, "exemptions");

	reason[0] = '\0';
	for (size_t i = 0; i < json_array_size(exemptions); i++) {
		const json_t *e = json_array_get(exemptions, i);
		const char *why = json_string_value(json_object_get(e, "reason"));
		bool accepted = strcmp(why, "accepted") == 0 || strcmp(why, "also_applies") == 0;

		assert_string_equal(json_string_value(json_object_get(e, "decision")),
			accepted ? "accepted" : "refused");
		assert_int_equal(json_object_size(json_object_get(e, "text")), 3);
		if (strcmp(json_string_value(json_object_get(e, "ground")), ground) == 0) {
			(void)snprintf(reason, 32, "%s", why);
		}
	}
	json_decref(json);
}

struct matrix_row {
	const char *ground;
	bool invitation;
	bool visa;    /* issue, restore, extend */
	bool reissue; /* of a visa */
};

/* Article 670, the order of 2025 (zakon.kz 6493821). */
static const struct matrix_row matrix[] = {
	{ "mutual-waiver", true, false, false },
	{ "official-delegation", true, true, true },
	{ "state-invitation", true, true, true },
	{ "humanitarian-aid", true, true, true },
	{ "investor", true, true, true },
	{ "ethnic-kazakh", true, true, true },
	{ "child-under-16", true, true, true },
	{ "funeral", false, true, true },
	{ "official-error", false, false, true },
};

static bool matrix_says(const struct matrix_row *row, const char *service, const char *action)
{
	if (strcmp(service, "invitation") == 0) {
		return row->invitation;
	}
	if (strncmp(service, "visa.", 5) == 0) {
		return strcmp(action, "reissue") == 0 ? row->reissue : row->visa;
	}
	return false;
}

/* All that could be asked for is there: a document, a country, an age. */
static struct quote_request claim_of(const char *service, const char *action, const char *ground)
{
	struct quote_request request = fixture_request(service);

	request.action = text_of(action);
	request.claims[0].ground = text_of(ground);
	request.claims[0].document = TEXT("document 1");
	request.claim_count = 1;
	request.nationality = strcmp(ground, "mutual-waiver") == 0 ? TEXT("TR") : TEXT("AR");
	request.birth_date = fixture_day("2022-01-01");
	return request;
}

static void each_ground_frees_exactly_what_its_list_names(void **state)
{
	static const char *const actions[][2] = {
		{ "invitation", "issue" },
		{ "visa.exit", "issue" },
		{ "visa.exit", "restore" },
		{ "visa.exit", "extend" },
		{ "visa.exit", "reissue" },
		{ "visa.entry-exit", "issue" },
		{ "visa.entry-exit", "restore" },
		{ "visa.entry-exit", "extend" },
		{ "visa.entry-exit", "reissue" },
		{ "visa.multiple", "issue" },
		{ "visa.multiple", "restore" },
		{ "visa.multiple", "extend" },
		{ "visa.multiple", "reissue" },
		{ "eta", "issue" },
	};
	char reason[32];

	for (size_t i = 0; i < COUNT(matrix); i++) {
		for (size_t j = 0; j < COUNT(actions); j++) {
			const char *service = actions[j][0];
			struct quote_request request =
				claim_of(service, actions[j][1], matrix[i].ground);
			bool says = matrix_says(&matrix[i], service, actions[j][1]);
			struct quote quote = quote_of(*state, &request, "2026-03-01");

			assert_int_equal(quote.due.minor == 0, says || strcmp(service, "eta") == 0);
			reason_of(*state, &request, "2026-03-01", matrix[i].ground, reason);
			assert_string_equal(reason, says ? "accepted" : "not_in_list");
			/* Without the document nothing is accepted anywhere. */
			request.claims[0].document = (struct text){ 0 };
			quote = quote_of(*state, &request, "2026-03-01");
			assert_int_equal(quote.relief.minor, 0);
			reason_of(*state, &request, "2026-03-01", matrix[i].ground, reason);
			assert_string_equal(reason, says ? "no_document" : "not_in_list");
		}
	}
}

static void what_is_not_claimed_is_listed_all_the_same(void **state)
{
	struct quote_request request = fixture_request("visa.exit");
	char reason[32];

	for (size_t i = 0; i < COUNT(matrix); i++) {
		reason_of(*state, &request, "2026-03-01", matrix[i].ground, reason);
		assert_string_equal(reason, matrix[i].visa ? "not_claimed" : "");
	}
}

static void a_child_is_exempt_where_its_country_is_on_record(void **state)
{
	static const struct {
		const char *country;
		const char *birth;
		const char *date;
		int64_t quantity;
		const char *reason;
	} cases[] = {
		{ "AR", "2020-03-02", "2026-03-01", 1, "accepted" },
		{ "AR", "2020-03-01", "2026-03-01", 1, "too_old" }, /* six on that day */
		{ "AR", "2016-01-01", "2026-03-01", 1, "too_old" },
		{ "AR", "2022-01-01", "2026-03-01", 2, "one_person_only" },
		{ "AR", NULL, "2026-03-01", 1, "birth_date_missing" },
		{ NULL, "2022-01-01", "2026-03-01", 1, "nationality_missing" },
		{ "DE", "2022-01-01", "2026-03-01", 1, "no_reciprocity" },
		{ "TR", "2022-01-01", "2026-03-01", 1, "no_reciprocity" }, /* a treaty is another */
		{ "FR", "2022-01-01", "2026-05-31", 1, "no_reciprocity" },
		{ "FR", "2022-01-01", "2026-06-01", 1, "accepted" },
		{ "FR", "2010-06-02", "2026-06-01", 1, "accepted" },
		{ "FR", "2010-06-01", "2026-06-01", 1, "too_old" }, /* the law's 16, not its 18 */
		{ "IT", "2022-01-01", "2026-03-31", 1, "accepted" },
		{ "IT", "2022-01-01", "2026-04-01", 1, "no_reciprocity" },
		{ "AR", "2020-02-29", "2026-02-28", 1, "accepted" }, /* six on 1 March */
		{ "AR", "2020-02-29", "2026-03-01", 1, "too_old" },
	};
	char reason[32];

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct quote_request request = claim_of("visa.exit", "issue", "child-under-16");

		request.nationality = text_of(cases[i].country);
		request.birth_date =
			cases[i].birth == NULL ? DATE_NONE : fixture_day(cases[i].birth);
		request.quantity = cases[i].quantity;
		reason_of(*state, &request, cases[i].date, "child-under-16", reason);
		assert_string_equal(reason, cases[i].reason);
	}
}

static void the_days_end_where_a_claim_would_be_decided_otherwise(void **state)
{
	struct quote_request request = claim_of("visa.exit", "issue", "child-under-16");
	struct quote quote;

	request.birth_date = fixture_day("2020-05-05");
	quote = quote_of(*state, &request, "2026-03-01");
	assert_int_equal(quote.due.minor, 0);
	assert_int_equal(quote.valid_from, fixture_day("2026-01-01"));
	assert_int_equal(quote.valid_until, fixture_day("2026-05-05")); /* turns six */
	quote = quote_of(*state, &request, "2026-05-05");
	assert_int_equal(quote.due.minor, 216250);
	assert_int_equal(quote.valid_from, fixture_day("2026-05-05"));
	assert_int_equal(quote.valid_until, fixture_day("2027-01-01"));

	request.nationality = TEXT("FR");
	quote = quote_of(*state, &request, "2026-05-05");
	assert_int_equal(quote.due.minor, 216250);
	assert_int_equal(quote.valid_until, fixture_day("2026-06-01")); /* France comes on record */
	request.nationality = TEXT("IT");
	quote = quote_of(*state, &request, "2026-03-01");
	assert_int_equal(quote.due.minor, 0);
	assert_int_equal(quote.valid_until, fixture_day("2026-04-01")); /* Italy goes */
	assert_true(quote.unverified);
	quote = quote_of(*state, &request, "2026-04-01");
	assert_int_equal(quote.valid_from, fixture_day("2026-04-01"));
	assert_false(quote.unverified);
}

static void one_ground_relieves_and_the_others_are_told(void **state)
{
	struct quote_request request = claim_of("visa.exit", "issue", "funeral");
	struct quote quote;
	char reason[32];

	request.claims[1] = (struct quote_claim){ TEXT("investor"), TEXT("contract") };
	request.claims[2] = (struct quote_claim){ TEXT("official-error"), TEXT("act") };
	request.claims[3] = (struct quote_claim){ TEXT("ethnic-kazakh"), TEXT("") };
	request.claim_count = 4;
	quote = quote_of(*state, &request, "2026-03-01");
	assert_string_equal(quote.ground, "investor"); /* before funeral in the list */
	assert_int_equal(quote.due.minor, 0);
	reason_of(*state, &request, "2026-03-01", "investor", reason);
	assert_string_equal(reason, "accepted");
	reason_of(*state, &request, "2026-03-01", "funeral", reason);
	assert_string_equal(reason, "also_applies");
	reason_of(*state, &request, "2026-03-01", "official-error", reason);
	assert_string_equal(reason, "not_in_list");
	reason_of(*state, &request, "2026-03-01", "ethnic-kazakh", reason);
	assert_string_equal(reason, "no_document");
	reason_of(*state, &request, "2026-03-01", "humanitarian-aid", reason);
	assert_string_equal(reason, "not_claimed");
}

static void a_treaty_frees_an_invitation_of_its_country(void **state)
{
	struct quote_request request = claim_of("invitation", "issue", "mutual-waiver");
	char reason[32];

	request.quantity = 5; /* of one nationality */
	assert_int_equal(quote_of(*state, &request, "2026-03-01").due.minor, 0);
	request.nationality = TEXT("AR");
	reason_of(*state, &request, "2026-03-01", "mutual-waiver", reason);
	assert_string_equal(reason, "no_treaty");
	request.nationality = (struct text){ 0 };
	reason_of(*state, &request, "2026-03-01", "mutual-waiver", reason);
	assert_string_equal(reason, "nationality_missing");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_ground_frees_exactly_what_its_list_names),
		cmocka_unit_test(what_is_not_claimed_is_listed_all_the_same),
		cmocka_unit_test(a_child_is_exempt_where_its_country_is_on_record),
		cmocka_unit_test(the_days_end_where_a_claim_would_be_decided_otherwise),
		cmocka_unit_test(one_ground_relieves_and_the_others_are_told),
		cmocka_unit_test(a_treaty_frees_an_invitation_of_its_country),
	};

	return cmocka_run_group_tests_name("tariff/exemption", tests, load_set, fixture_free);
}
