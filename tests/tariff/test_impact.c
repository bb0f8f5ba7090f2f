/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "tariff/impact.h"
#include "tests/alym_test.h"
#include "tests/tariff/fixture.h"

static int load_set(void **state)
{
	*state = fixture_tariff(TARIFF_DATA, NULL, NULL);
	return 0;
}

/* The set, but for one thing. */
static struct tariff *changed(const char *file, const char *was, const char *is)
{
	struct fixture f;
	struct tariff *set;

	fixture_open(TARIFF_DATA, &f);
	fixture_replace(&f, file, was, is);
	set = fixture_load(&f, NULL);
	fixture_close(&f);
	assert_non_null(set);
	return set;
}

static struct impact *compare(const struct tariff *old, const struct tariff *new, const char *day)
{
	struct impact *impact = NULL;
	struct err err = { 0 };

	assert_true(impact_make(old, new, fixture_day(day), NULL, &impact, &err));
	return impact;
}

/* The sample of a service's first action on that day. */
static const struct impact_sample *find(const struct impact *impact, const char *service,
	const char *day)
{
	for (size_t i = 0; i < impact_count(impact); i++) {
		const struct impact_sample *sample = impact_sample(impact, i);

		if (text_is(sample->request.service, service) && sample->day == fixture_day(day) &&
			text_is(sample->request.action, "issue")) {
			return sample;
		}
	}
	fail_msg("no sample of %s on %s", service, day);
	return NULL;
}

static size_t all_of(const struct impact *impact, enum impact_kind kind)
{
	size_t count;

	return impact_counts(impact, &count)[0].count[kind];
}

static void nothing_changes_between_a_set_and_itself(void **state)
{
	const struct tariff *set = *state;
	struct impact *impact;
	size_t days;

	impact = compare(set, set, "2026-06-01");
	assert_true(impact_count(impact) > 0);
	assert_int_equal(all_of(impact, IMPACT_SAME) + all_of(impact, IMPACT_NEITHER),
		impact_count(impact));
	/* Quoted today; refused when 2027 begins, for which no MRP is known. */
	assert_int_equal(find(impact, "visa.exit", "2026-06-01")->kind, IMPACT_SAME);
	assert_int_equal(find(impact, "visa.exit", "2027-01-01")->kind, IMPACT_NEITHER);
	assert_string_equal(find(impact, "visa.exit", "2027-01-01")->new.refused_as,
		"tariff_missing");
	assert_int_equal(impact_days(impact, &days)[0], fixture_day("2026-06-01"));
	assert_true(days >= 2);
	impact_free(&impact);
}

/* 0.5, 7 and 30 times 5000 - 4325 = 675: 337.50, 4725 and 20250 tenge more. */
static void a_higher_index_makes_all_duties_dearer(void **state)
{
	const struct tariff *old = *state;
	struct tariff *new;
	struct impact *impact;
	const struct impact_sample *sample;

	new = changed("mrp.xml", "\"4325\"", "\"5000\"");
	impact = compare(old, new, "2026-06-01");
	sample = impact_sample(impact, 0);
	assert_int_equal(sample->kind, IMPACT_MORE);
	assert_true(text_is(sample->request.service, "visa.multiple"));
	assert_int_equal(sample->difference, 2025000);
	assert_int_equal(sample->old.due.minor, 12975000);
	assert_int_equal(sample->new.due.minor, 15000000);
	assert_int_equal(find(impact, "visa.entry-exit", "2026-06-01")->difference, 472500);
	assert_int_equal(find(impact, "visa.exit", "2026-06-01")->difference, 33750);
	assert_int_equal(find(impact, "invitation", "2026-06-01")->difference, 33750);
	assert_int_equal(all_of(impact, IMPACT_LESS), 0);
	impact_free(&impact);
	impact = compare(new, old, "2026-06-01");
	assert_int_equal(all_of(impact, IMPACT_MORE), 0);
	assert_int_equal(find(impact, "visa.exit", "2026-06-01")->difference, -33750);
	assert_int_equal(find(impact, "visa.exit", "2026-06-01")->kind, IMPACT_LESS);
	impact_free(&impact);
	tariff_free(&new);
}

/* A set that knows 2027, for which the old one has nothing: 0.5 x (4700 - 4325) = 187.50. */
static void next_year_is_compared_with_the_day_asked(void **state)
{
	const struct tariff *old = *state;
	struct tariff *new;
	struct impact *impact;
	const struct impact_sample *sample;

	new = changed("mrp.xml", "</tariff>",
		"<mrp id=\"mrp-2027\" value=\"4700\" purposes=\"duty\" year=\"2027\" "
		"from=\"2027-01-01\" entered=\"2026-12-15\" act=\"budget-2026\" "
		"status=\"unverified\" source=\"a test\"/></tariff>");
	impact = compare(old, new, "2026-12-15");
	assert_int_equal(find(impact, "visa.exit", "2026-12-15")->kind, IMPACT_SAME);
	assert_int_equal(find(impact, "visa.exit", "2026-12-15")->old.day,
		fixture_day("2026-12-15"));
	sample = find(impact, "visa.exit", "2027-01-01");
	assert_int_equal(sample->kind, IMPACT_MORE);
	assert_int_equal(sample->difference, 18750);
	assert_int_equal(sample->old.due.minor, 216250);
	assert_int_equal(sample->old.day, fixture_day("2026-12-15"));
	assert_int_equal(sample->new.due.minor, 235000);
	assert_int_equal(sample->new.day, fixture_day("2027-01-01"));
	assert_int_equal(all_of(impact, IMPACT_POSSIBLE), 0);
	impact_free(&impact);
	/* Asked for 2027 itself there is nothing to compare with. */
	impact = compare(old, new, "2027-01-01");
	assert_int_equal(find(impact, "visa.exit", "2027-01-01")->kind, IMPACT_POSSIBLE);
	assert_int_equal(all_of(impact, IMPACT_MORE), 0);
	impact_free(&impact);
	impact = compare(new, old, "2026-12-15");
	assert_int_equal(find(impact, "visa.exit", "2027-01-01")->kind, IMPACT_REFUSED);
	assert_int_equal(impact_sample(impact, 0)->kind, IMPACT_REFUSED);
	impact_free(&impact);
	tariff_free(&new);
}

static void each_category_is_asked_for_by_somebody_who_may_have_it(void **state)
{
	const struct tariff *set = *state;
	struct impact *impact;
	size_t categories = 0;

	impact = compare(set, set, "2026-06-01");
	for (size_t i = 0; i < impact_count(impact); i++) {
		const struct impact_sample *sample = impact_sample(impact, i);

		if (sample->request.category.size > 0 && sample->day == fixture_day("2026-06-01")) {
			assert_int_equal(sample->request.nationality.size, 2);
			categories++;
		}
		assert_true(sample->new.result != QUOTE_INVALID_FIELD);
		assert_true(sample->new.result != QUOTE_NOT_ELIGIBLE);
	}
	assert_true(categories >= 2);
	impact_free(&impact);
}

/* How many samples ask for that category, on that day, and are of that kind. */
static size_t count_category(const struct impact *impact, const char *category, const char *day,
	enum impact_kind kind)
{
	size_t count = 0;

	for (size_t i = 0; i < impact_count(impact); i++) {
		const struct impact_sample *sample = impact_sample(impact, i);

		count += text_is(sample->request.category, category) &&
			 sample->day == fixture_day(day) && sample->kind == kind;
	}
	return count;
}

/* evisa: each with its one action, where the old set has the variant already. */
static void categories_of_either_set_are_looked_at(void **state)
{
	const struct tariff *old = *state;
	struct fixture f;
	struct tariff *new;
	struct impact *impact;
	size_t actions;

	fixture_open(TARIFF_DATA, &f);
	fixture_replace(&f, "evisa.xml", "<category code=\"A5\">",
		"<category code=\"D1\"><kk>x</kk><ru>x</ru><en>x</en></category>"
		"<category code=\"A5\">");
	fixture_replace(&f, "evisa.xml", "categories=\"A3 A5 ", "categories=\"A3 D1 A5 ");
	new = fixture_load(&f, NULL);
	fixture_close(&f);
	assert_non_null(new);
	impact = compare(old, new, "2026-06-01");
	actions = count_category(impact, "A3", "2026-06-01", IMPACT_SAME);
	assert_true(actions > 0);
	assert_int_equal(count_category(impact, "D1", "2026-06-01", IMPACT_POSSIBLE), actions);
	assert_int_equal(all_of(impact, IMPACT_REFUSED), 0);
	impact_free(&impact);
	impact = compare(new, old, "2026-06-01");
	assert_int_equal(count_category(impact, "D1", "2026-06-01", IMPACT_REFUSED), actions);
	assert_int_equal(all_of(impact, IMPACT_POSSIBLE), 0);
	impact_free(&impact);
	tariff_free(&new);
}

static struct cases *cases_of(struct text document)
{
	struct tariff_file file = { .name = "a.xml", .bytes = document };
	struct cases *cases = NULL;
	struct err err = { 0 };

	if (!cases_read(&file, 1, &cases, &err)) {
		fail_msg("%s", err.message);
	}
	return cases;
}

static void cases_are_samples_too(void **state)
{
	static const char document[] =
		"<cases><case service=\"visa.multiple\" action=\"issue\" date=\"2026-06-15\" "
		"due=\"0.00 KZT\" source=\"x\"><claim ground=\"investor\" document=\"d\"/></case>\n"
		"<case service=\"visa.multiple\" action=\"issue\" date=\"2025-06-15\" quantity=\"2\" "
		"due=\"235920.00 KZT\" source=\"x\"/></cases>";
	struct cases *cases;
	struct impact *impact = NULL;
	struct impact *without;
	struct err err = { 0 };
	const struct tariff *old = *state;
	struct tariff *new;

	new = changed("mrp.xml", "\"3932\"", "\"4000\"");
	cases = cases_of(TEXT(document));
	assert_true(impact_make(old, new, fixture_day("2026-06-01"), cases, &impact, &err));
	without = compare(old, new, "2026-06-01");
	assert_int_equal(impact_count(impact), impact_count(without) + 2);
	/* 2 x 30 x (4000 - 3932) = 4080 tenge. */
	assert_string_equal(impact_sample(impact, 0)->file, "a.xml");
	assert_int_equal(impact_sample(impact, 0)->line, 2);
	assert_int_equal(impact_sample(impact, 0)->difference, 408000);
	assert_int_equal(all_of(impact, IMPACT_MORE), 1);
	impact_free(&without);
	impact_free(&impact);
	cases_free(&cases);
	tariff_free(&new);
}

/* 100 dollars more at 473.59; 499 x 473.59 = 236321.41, 599 x 473.59 = 283680.41. */
static void a_case_brings_its_exchange_rates(void **state)
{
	static const char document[] =
		"<cases><case service=\"eresidency\" action=\"issue\" date=\"2026-08-01\" "
		"currency=\"KZT\" due=\"236321.41 KZT\" source=\"x\">"
		"<exchange currency=\"USD\" value=\"473.59\" quant=\"1\"/></case></cases>";
	struct cases *cases;
	struct impact *impact = NULL;
	const struct impact_sample *sample;
	struct err err = { 0 };
	const struct tariff *old = *state;
	struct tariff *new;

	new = changed("programmes.xml", "\"499\"", "\"599\"");
	cases = cases_of(TEXT(document));
	assert_true(impact_make(old, new, fixture_day("2026-06-01"), cases, &impact, &err));
	sample = impact_sample(impact, 0);
	assert_string_equal(sample->file, "a.xml");
	assert_int_equal(sample->kind, IMPACT_MORE);
	assert_string_equal(sample->new.due.currency, "KZT");
	assert_int_equal(sample->old.due.minor, 23632141);
	assert_int_equal(sample->new.due.minor, 28368041);
	assert_int_equal(sample->difference, 4735900);
	impact_free(&impact);
	cases_free(&cases);
	tariff_free(&new);
}

static void services_are_counted_one_by_one(void **state)
{
	const struct tariff *old = *state;
	struct tariff *new;
	struct impact *impact;
	const struct impact_counts *counts;
	size_t count;
	size_t more = 0;

	new = changed("mrp.xml", "\"4325\"", "\"5000\"");
	impact = compare(old, new, "2026-06-01");
	counts = impact_counts(impact, &count);
	assert_int_equal(count, 1 + tariff_service_count(old));
	assert_null(counts[0].service);
	for (size_t i = 1; i < count; i++) {
		assert_true(i == 1 || strcmp(counts[i - 1].service, counts[i].service) < 0);
		more += counts[i].count[IMPACT_MORE];
	}
	assert_true(more > 0);
	assert_int_equal(more, counts[0].count[IMPACT_MORE]);
	impact_free(&impact);
	tariff_free(&new);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_changes_between_a_set_and_itself),
		cmocka_unit_test(a_higher_index_makes_all_duties_dearer),
		cmocka_unit_test(next_year_is_compared_with_the_day_asked),
		cmocka_unit_test(each_category_is_asked_for_by_somebody_who_may_have_it),
		cmocka_unit_test(categories_of_either_set_are_looked_at),
		cmocka_unit_test(cases_are_samples_too),
		cmocka_unit_test(a_case_brings_its_exchange_rates),
		cmocka_unit_test(services_are_counted_one_by_one),
	};

	return cmocka_run_group_tests(tests, load_set, fixture_free);
}
