/* SPDX-License-Identifier: Apache-2.0 */

/*
 * refusal - every way a tariff can be spoilt, and that each is refused by file, line and reason.
 *
 * A broken file that can stand alone lies in fixtures/broken, where expected.tsv has its name, the
 * line and what is said of it; it is loaded beside the good set.  What takes a change of the good
 * files is in the table.
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/date.h"
#include "base/mem.h"
#include "tests/alym_test.h"
#include "tests/tariff/fixture.h"

/* One mistake: `old` in the file becomes `new`; the complaint is about the tag `at` stands in. */
struct spoilt {
	const char *what;
	const char *file;
	const char *old;
	const char *new;
	const char *at; /* NULL: `new`; "": whatever line the XML parser noticed it on */
	const char *says;
};

#define MRP_ROW(id, attributes)          \
	"<mrp id=\"" id "\" " attributes \
	" entered=\"2026-11-21\" act=\"budget-2026\" status=\"confirmed\" source=\"x\"/></tariff>"
#define EXEMPTION(id, attributes)              \
	"<exemption id=\"" id "\" " attributes \
	" entered=\"2026-11-21\" act=\"order-555-1100\" status=\"confirmed\" source=\"x\"/></tariff>"
#define AGREEMENT(id, attributes)              \
	"<agreement id=\"" id "\" " attributes \
	" entered=\"2026-11-21\" act=\"order-555-1100\" status=\"confirmed\" source=\"x\"/>"

#define LIST(id, entries)                                                              \
	"<list id=\"" id "\" from=\"2026-01-01\" entered=\"2026-11-21\""               \
	" act=\"qazeta-terms\" status=\"confirmed\" source=\"x\"><kk>x</kk><ru>x</ru>" \
	"<en>x</en>" entries "</list>"

/* clang-format off */
static const struct spoilt cases[] = {
	/* rates and agreements */
	{ "a rate for a place and one for any", "consular.xml", "<rate id=\"legalization-kz\"",
		"<rate id=\"any\" value=\"1\" unit=\"MRP\" from=\"2026-01-01\" entered=\"2026-11-22\""
		" act=\"decree-74-2019\" status=\"unverified\" source=\"x\"/>"
		"<rate id=\"legalization-kz\"", "<rate id=\"legalization-kz-2024\"", "contradicts" },
	{ "a rate fixed in another currency", "consular.xml", "fixed-in=\"USD\"",
		"fixed-in=\"EUR\"", NULL, "currency of its unit" },
	{ "no years", "consular.xml", "years=\"1\"", "years=\"0\"", NULL, "years" },
	{ "two countries' rows for one service", "exemptions.xml", "</tariff>",
		AGREEMENT("a", "kind=\"reciprocity\" country=\"ES\" age-below=\"6\" from=\"2026-01-01\"")
		"</tariff>", "country=\"ES\" age-below=\"6\" from", "overlaps" },
	{ "an agreement on no service", "exemptions.xml", "</tariff>",
		AGREEMENT("a", "kind=\"reciprocity\" country=\"IT\" age-below=\"6\" from=\"2026-01-01\""
			" services=\"consular.fee\"")
		"</tariff>", "country=\"IT\"", "consular.fee" },
	{ "an agreement no exemption asks for", "exemptions.xml", "</tariff>",
		AGREEMENT("a", "kind=\"mutual-waiver\" country=\"IT\" from=\"2026-01-01\""
			" services=\"visa.exit\"")
		"</tariff>", "country=\"IT\"", "visa.exit, which no exemption frees by mutual-waiver" },
	{ "a waiver for an age", "exemptions.xml", "</tariff>",
		AGREEMENT("a", "kind=\"mutual-waiver\" country=\"IT\" from=\"2026-01-01\""
			" age-below=\"6\"")
		"</tariff>", "country=\"IT\"", "age-below=\"6\"" },
	{ "years to ask for what is never refunded", "consular.xml",
		"rule=\"never\" from=\"2020-01-01\"", "rule=\"never\" years=\"3\" from=\"2020-01-01\"",
		NULL, "years=\"3\"" },
	{ "a recipient of what nobody pays", "beneficiaries.xml", "kbk=\"108126\" place=\"1110\"",
		"kbk=\"108162\" place=\"1110\"", NULL, "108162, to which no service pays" },
	/* days */
	{ "a gap between MRPs", "mrp.xml", "year=\"2023\" from=\"2023-01-01\"",
		"year=\"2023\" from=\"2023-02-01\"", NULL, "gap" },
	{ "a second MRP for the same days", "mrp.xml", "</tariff>",
		MRP_ROW("mrp-again", "value=\"4326\" purposes=\"duty\" year=\"2026\" from=\"2026-01-01\""),
		"mrp-again", "duplicate" },
	{ "a row older than its act", "duties.xml",
		"<rate id=\"invitation-2025-code\" value=\"0.5\" unit=\"MRP\" from=\"2026-01-01\"",
		"<rate id=\"invitation-2025-code\" value=\"0.5\" unit=\"MRP\" from=\"2025-01-01\"",
		NULL, "before" },
	{ "days without a rounding", "duties.xml",
		"rule=\"exact\" per=\"person\" step-minor=\"1\" from=\"2020-01-01\"",
		"rule=\"exact\" per=\"person\" step-minor=\"1\" from=\"2021-01-01\"",
		"invitation-2017-code", "rounding" },
	{ "days without a budget code", "duties.xml",
		"kbk=\"108126\" knp=\"911\" from=\"2020-01-01\"",
		"kbk=\"108126\" knp=\"911\" from=\"2020-01-02\"", "invitation-2017-code", "budget" },
	/* the same twice, and against itself */
	{ "a row's id twice", "mrp.xml", "id=\"mrp-2021\"", "id=\"mrp-2020\"", "value=\"2917\"",
		"duplicate" },
	{ "an act twice", "acts.xml", "<act id=\"budget-2021\"", "<act id=\"budget-2020\"",
		"number=\"379-VI\"", "duplicate" },
	{ "a service twice", "duties.xml", "<service code=\"visa.exit\"",
		"<service code=\"invitation\"",
		"<service code=\"invitation\" regime=\"state-duty\" channels=\"bank\">", "duplicate" },
	{ "an action twice", "duties.xml", "<action code=\"restore\"", "<action code=\"issue\"",
		"<action code=\"issue\">\n\t\t\t<kk>қалпына", "duplicate" },
	{ "a ground twice", "exemptions.xml", "<ground code=\"funeral\"", "<ground code=\"investor\"",
		"<ground code=\"investor\">\n\t\t<kk>шетелде тұрақты", "duplicate" },
	{ "a phrase twice", "phrases.xml", "<phrase code=\"reason.not-claimed\"",
		"<phrase code=\"reason.no-document\"",
		"<phrase code=\"reason.no-document\">\n\t\t<kk>растайтын", "duplicate" },
	{ "a word twice in a list", "exemptions.xml", "services=\"visa.exit visa.entry-exit",
		"services=\"visa.exit visa.exit", NULL, "twice" },
	{ "exemptions that contradict", "exemptions.xml", "</tariff>",
		EXEMPTION("again", "ground=\"funeral\" services=\"visa.exit\" actions=\"extend\""
				   " from=\"2026-06-01\""), "id=\"again\"", "contradicts" },
	/* who may have what */
	{ "a country that ISO does not know", "countries.xml", "code=\"DZ\"", "code=\"ZZ\"", NULL,
		"ZZ" },
	{ "a country twice", "countries.xml", "<country code=\"AO\"", "<country code=\"AG\"",
		"<country code=\"AG\">\n\t\t<kk>Ангола", "duplicate" },
	{ "a listed country without a name", "evisa.xml", "countries=\"DZ\"", "countries=\"SE\"",
		NULL, "no <country> of the set names SE" },
	{ "a list that names no country", "evisa.xml", "countries=\"DZ\"", "countries=\"DZA\"", NULL,
		"DZA" },
	{ "an entry without countries", "evisa.xml", "countries=\"DZ\" ", "", "printed=\"Алжир\"",
		"countries" },
	{ "an entry that does not say what is printed", "evisa.xml", " printed=\"Алжир\"", "",
		"<entry countries=\"DZ\"", "printed" },
	{ "a country twice in a list", "evisa.xml", "countries=\"AO\"", "countries=\"DZ\"",
		"printed=\"Ангола\"", "duplicate" },
	{ "a country twice in an entry", "evisa.xml", "CN HK MO TW", "CN HK CN TW", NULL, "twice" },
	{ "a list without an entry", "evisa.xml", "</tariff>", LIST("empty", "") "</tariff>",
		"id=\"empty\"", "entry" },
	{ "a list nobody uses", "evisa.xml", "</tariff>",
		LIST("idle", "<entry countries=\"DZ\" printed=\"x\"/>") "</tariff>", "id=\"idle\"",
		"uses" },
	{ "a list that is not there", "evisa.xml", "list=\"evisa-2026-qazeta\"",
		"list=\"evisa-2027\"", NULL, "evisa-2027" },
	{ "a list that ends too early", "evisa.xml",
		"<list id=\"evisa-2026-qazeta\" from=\"2026-01-01\"",
		"<list id=\"evisa-2026-qazeta\" from=\"2026-01-01\" last=\"2027-12-31\"",
		"id=\"evisa-qazeta-2026\"", "does not act" },
	{ "a list that begins too late", "evisa.xml",
		"<list id=\"evisa-2026-qazeta\" from=\"2026-01-01\"",
		"<list id=\"evisa-2026-qazeta\" from=\"2026-01-02\"", "id=\"evisa-qazeta-2026\"",
		"does not act" },
	{ "a category that is not there", "evisa.xml", "categories=\"B12\"", "categories=\"B11\"",
		NULL, "B11" },
	{ "a category twice", "evisa.xml", "<category code=\"B2\"", "<category code=\"B1\"", "", "" },
	{ "a category with a long code", "evisa.xml", "<category code=\"A3\"",
		"<category code=\"A3-345678\"", NULL, "A3-345678" },
	{ "a category nobody may have", "evisa.xml", "categories=\"A3 A5", "categories=\"A5",
		"<category code=\"A3\"", "A3" },
	{ "days between two lists", "evisa.xml", "categories=\"B12\"\n"
		"\t\t\tfrom=\"2019-01-01\" last=\"2025-12-31\"", "categories=\"B12\"\n"
		"\t\t\tfrom=\"2019-01-01\" last=\"2025-12-30\"", "id=\"evisa-qazeta-2026\"", "gap" },
	{ "two lists for one day", "evisa.xml", "categories=\"A3 A5 B1", "categories=\"A3 A5 B1\""
		" from=\"2026-01-01\" entered=\"2026-11-22\" act=\"qazeta-terms\" source=\"x\""
		" status=\"confirmed\"/><eligibility id=\"again\" list=\"evisa-2026-qazeta\""
		" categories=\"B1", "id=\"again\"", "duplicate" },
	{ "a rule without its number", "programmes.xml", "kind=\"validity-days\" value=\"180\"",
		"kind=\"validity-days\"", NULL, "value" },
	{ "a number of a rule that is a text", "evisa.xml", "kind=\"conditions\"",
		"kind=\"conditions\" value=\"5\"", NULL, "value" },
	/* texts */
	{ "no Kazakh", "programmes.xml", "<kk>ресімдеу</kk>", "", "<ru>оформление</ru", "ru" },
	{ "empty Russian", "programmes.xml", "<ru>оформление</ru>", "<ru> </ru>", "<ru> ", "ru" },
	{ "no English", "programmes.xml", "<en>issue</en>", "", "<action code=\"issue\">\n"
		"\t\t\t<kk>ресімдеу", "action" },
	{ "a placeholder nobody fills", "phrases.xml", "{title} № {number}", "{title} № {no}",
		"act.numbered", "{no}" },
	{ "a placeholder one language lacks", "phrases.xml", "{title} № {number}", "{title}",
		"act.numbered", "placeholders" },
	{ "a placeholder twice", "phrases.xml", "{title} № {number}", "{title} {title} № {number}",
		"act.numbered", "twice" },
	{ "a phrase that is not one of ours", "phrases.xml", "<phrase code=\"quantity\"",
		"<phrase code=\"greeting\"", NULL, "greeting" },
};
/* clang-format on */

static void assert_still_quoting(const struct tariff *good)
{
	struct quote_request request = fixture_request("visa.multiple");
	struct quote_refusal refusal;
	struct quote quote;

	assert_int_equal(fixture_quote(good, &request, fixture_day("2026-03-01"), &quote, &refusal),
		QUOTE_DONE);
	assert_int_equal(quote.due.minor, 12975000);
}

static int load_good(void **state)
{
	*state = fixture_tariff(TARIFF_DATA, NULL, NULL);
	return 0;
}

/* "mrp.xml:12: " - and the line is that of the tag in question. */
static void check_complaint(const struct fixture *f, const struct spoilt *s, const char *message)
{
	const char *at = s->at != NULL ? s->at : s->new;
	size_t size = strlen(s->file);
	long line;

	if (strncmp(message, s->file, size) != 0 || message[size] != ':') {
		fail_msg("%s: does not name %s: %s", s->what, s->file, message);
	}
	line = strtol(message + size + 1, NULL, 10);
	if (line < 1 || (at[0] != '\0' && line != fixture_line(f, s->file, at))) {
		fail_msg("%s: line %ld instead of %ld: %s", s->what, line,
			fixture_line(f, s->file, at), message);
	}
	if (strstr(message, s->says) == NULL) {
		fail_msg("%s: does not say %s: %s", s->what, s->says, message);
	}
}

static void a_spoilt_tariff_is_refused_by_file_and_line(void **state)
{
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct fixture f;
		struct err err = { 0 };
		struct tariff *tariff;

		fixture_open(TARIFF_DATA, &f);
		fixture_replace(&f, cases[i].file, cases[i].old, cases[i].new);
		tariff = fixture_load(&f, &err);
		if (tariff != NULL) {
			fail_msg("%s: was loaded", cases[i].what);
		}
		assert_int_equal(err.kind, ERR_INPUT);
		check_complaint(&f, &cases[i], err.message);
		assert_still_quoting(*state);
		fixture_close(&f);
	}
}

/* ---- broken files ---- */

enum { BROKEN_MIN = 40, BROKEN_LINE_MAX = 256, BROKEN_FIELDS = 3, BROKEN_PATH_MAX = 512 };

static const char broken_folder[] = TARIFF_TESTS "/fixtures/broken";
static const char broken_table[] = "expected.tsv";

struct broken {
	char line[BROKEN_LINE_MAX];
	const char *file; /* these point into the line */
	const char *at;
	const char *says;
};

/* The next line of the table; false at its end. */
static bool next_broken(FILE *table, struct broken *b)
{
	const char *fields[BROKEN_FIELDS];
	char *at = b->line;

	if (fgets(b->line, sizeof(b->line), table) == NULL) {
		return false;
	}
	for (size_t i = 0; i < BROKEN_FIELDS; i++) {
		char *end = at + strcspn(at, i + 1 < BROKEN_FIELDS ? "\t" : "\n");

		assert_true(*end != '\0');
		*end = '\0';
		fields[i] = at;
		at = end + 1;
	}
	b->file = fields[0];
	b->at = fields[1];
	b->says = fields[2];
	return true;
}

static FILE *open_broken(void)
{
	char path[BROKEN_PATH_MAX];
	FILE *table;

	(void)snprintf(path, sizeof(path), "%s/%s", broken_folder, broken_table);
	table = fopen(path, "r");
	assert_non_null(table);
	return table;
}

/* The good set with the broken file beside it, or with a schema that lets it through. */
static struct tariff *load_broken(const struct broken *b, const char *schema, struct err *err)
{
	char path[BROKEN_PATH_MAX];
	struct fixture f;
	struct tariff *tariff;

	(void)snprintf(path, sizeof(path), "%s/%s", broken_folder, b->file);
	fixture_open(TARIFF_DATA, &f);
	if (schema != NULL) {
		fixture_remove(&f, "tariff.xsd");
		fixture_add_string(&f, "tariff.xsd", schema);
	}
	fixture_add_file(&f, path);
	tariff = fixture_load(&f, err);
	fixture_close(&f);
	return tariff;
}

static size_t count_broken_files(void)
{
	DIR *folder = opendir(broken_folder);
	size_t count = 0;

	assert_non_null(folder);
	for (const struct dirent *e = readdir(folder); e != NULL; e = readdir(folder)) {
		count += e->d_name[0] != '.' && strcmp(e->d_name, broken_table) != 0 ? 1 : 0;
	}
	assert_int_equal(closedir(folder), 0);
	return count;
}

static void a_broken_file_is_refused_by_line_and_reason(void **state)
{
	FILE *table = open_broken();
	struct broken b;
	size_t count = 0;

	for (; next_broken(table, &b); count++) {
		char place[BROKEN_LINE_MAX];
		struct err err = { 0 };

		(void)snprintf(place, sizeof(place), "%s:%s: ", b.file, b.at);
		if (load_broken(&b, NULL, &err) != NULL) {
			fail_msg("%s: was loaded", b.file);
		}
		assert_int_equal(err.kind, ERR_INPUT);
		if (strncmp(err.message, place, strlen(place)) != 0 ||
			strstr(err.message + strlen(place), b.says) == NULL ||
			strlen(err.message) == strlen(place)) {
			fail_msg("%s%s: %s", place, b.says, err.message);
		}
		assert_still_quoting(*state);
	}
	assert_int_equal(fclose(table), 0);
	assert_true(count >= BROKEN_MIN);
	assert_int_equal(count, count_broken_files());
}

/* ---- files ---- */

static void a_set_that_lacks_something_is_refused(void **state)
{
	static const char *const lacking[][2] = {
		{ "tariff.xsd", "tariff.xsd" },
		{ "phrases.xml", "phrase" },
		{ "acts.xml", "is not in the set" },
	};
	struct fixture f;
	struct tariff *tariff;

	for (size_t i = 0; i < COUNT(lacking); i++) {
		fixture_open(TARIFF_DATA, &f);
		fixture_remove(&f, lacking[i][0]);
		fixture_refuse(&f, lacking[i][1]);
	}
	fixture_open(TARIFF_DATA, &f);
	fixture_remove(&f, "mrp.xml"); /* no duty can be priced then; the rest can */
	tariff = fixture_load(&f, NULL);
	assert_non_null(tariff);
	assert_int_equal(tariff_mrp_until(tariff), DATE_NONE);
	tariff_free(&tariff);
	fixture_close(&f);
	assert_still_quoting(*state);
}

static void files_have_limits(void **state)
{
	struct fixture f;
	char *blank = mem_new((size_t)20 << 20, 1);
	char name[16];
	char first[32];

	memset(blank, ' ', (size_t)20 << 20);
	fixture_open(TARIFF_DATA, &f);
	fixture_add(&f, "large.xml", (struct text){ blank, (size_t)20 << 20 });
	fixture_refuse(&f, "large.xml:1: is larger");
	fixture_open(TARIFF_DATA, &f);
	fixture_add(&f, "large.xml", (struct text){ blank, TARIFF_FILE_SIZE_MAX + 1 });
	fixture_refuse(&f, "large.xml:1: is larger");
	fixture_open(TARIFF_DATA, &f);
	fixture_add(&f, "blank.xml", (struct text){ blank, TARIFF_FILE_SIZE_MAX });
	fixture_refuse(&f, "blank.xml:");
	fixture_open(TARIFF_DATA, &f);
	fixture_add(&f, "empty.xml", TEXT(""));
	fixture_refuse(&f, "empty.xml:1: is empty");
	fixture_open(TARIFF_DATA, &f);
	fixture_add(&f, "mrp.xml", TEXT("<tariff/>"));
	fixture_refuse(&f, "mrp.xml:1: is there twice");
	fixture_open(TARIFF_DATA, &f);
	(void)snprintf(first, sizeof(first), "x%zu.xml:1: ", f.count);
	while (f.count < TARIFF_FILES_MAX) {
		(void)snprintf(name, sizeof(name), "x%zu.xml", f.count);
		fixture_add(&f, name, TEXT("<tariff><bad/></tariff>"));
	}
	fixture_refuse(&f, first);
	free(blank);
	assert_still_quoting(*state);
}

static void elements_nest_and_count_within_limits(void **state)
{
	enum { DEPTH = 40, LEVEL = 3 };
	struct fixture f;
	char deep[DEPTH * LEVEL * 2 + DEPTH + 32] = "<tariff>";
	size_t size = strlen(deep);

	for (size_t i = 0; i < DEPTH; i++) {
		memcpy(deep + size, "<a>", LEVEL);
		size += LEVEL;
	}
	for (size_t i = 0; i < DEPTH; i++) {
		memcpy(deep + size, "</a>", LEVEL + 1);
		size += LEVEL + 1;
	}
	memcpy(deep + size, "</tariff>", sizeof("</tariff>"));
	fixture_open(TARIFF_DATA, &f);
	fixture_add_string(&f, "deep.xml", deep);
	fixture_refuse(&f, "too deeply");
	assert_still_quoting(*state);
}

/* Nothing is lost by what nobody reads; all else is the loader's to refuse too. */
static bool is_harmless(const char *file)
{
	static const char *const harmless[] = { "a-root-without-anything.xml",
		"language-unknown.xml", "text-between.xml", "unknown-attribute.xml" };

	for (size_t i = 0; i < COUNT(harmless); i++) {
		if (strcmp(file, harmless[i]) == 0) {
			return true;
		}
	}
	return false;
}

/* A schema that lets anything pass: the loader's own checks must hold. */
static const char anything[] =
	"<xs:schema xmlns:xs=\"http://www.w3.org/2001/XMLSchema\"><xs:element name=\"tariff\">"
	"<xs:complexType mixed=\"true\"><xs:sequence><xs:any processContents=\"skip\" minOccurs=\"0\""
	" maxOccurs=\"unbounded\"/></xs:sequence></xs:complexType></xs:element></xs:schema>";

static void the_loader_does_not_lean_on_the_schema(void **state)
{
	FILE *table = open_broken();
	struct broken b;

	while (next_broken(table, &b)) {
		struct tariff *tariff = load_broken(&b, anything, NULL);

		if ((tariff != NULL) != is_harmless(b.file)) {
			fail_msg("%s: was %s", b.file, tariff != NULL ? "loaded" : "refused");
		}
		tariff_free(&tariff);
	}
	assert_int_equal(fclose(table), 0);
	assert_still_quoting(*state);
}

static void nor_does_it_where_a_good_set_is_spoilt(void **state)
{
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct fixture f;

		fixture_open(TARIFF_DATA, &f);
		fixture_remove(&f, "tariff.xsd");
		fixture_add_string(&f, "tariff.xsd", anything);
		fixture_replace(&f, cases[i].file, cases[i].old, cases[i].new);
		if (fixture_load(&f, NULL) != NULL) {
			fail_msg("%s: was loaded", cases[i].what);
		}
		fixture_close(&f);
	}
	assert_still_quoting(*state);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_spoilt_tariff_is_refused_by_file_and_line),
		cmocka_unit_test(a_broken_file_is_refused_by_line_and_reason),
		cmocka_unit_test(a_set_that_lacks_something_is_refused),
		cmocka_unit_test(files_have_limits),
		cmocka_unit_test(elements_nest_and_count_within_limits),
		cmocka_unit_test(the_loader_does_not_lean_on_the_schema),
		cmocka_unit_test(nor_does_it_where_a_good_set_is_spoilt),
	};

	return cmocka_run_group_tests_name("tariff/refusal", tests, load_good, fixture_free);
}
