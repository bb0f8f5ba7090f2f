/* SPDX-License-Identifier: Apache-2.0 */

/* refusal - every way a tariff can be spoilt, and that each is refused by file, line and reason. */
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

#define ERESIDENCY_RATE \
	"<rate id=\"eresidency-2026\" value=\"499\" unit=\"USD\" from=\"2026-01-01\""
#define SECOND_RATE(first_day)                                             \
	"<rate id=\"second\" value=\"599\" unit=\"USD\" from=\"" first_day \
	"\" entered=\"2026-11-21\" act=\"eresidency-terms\" status=\"unverified\" source=\"x\"/>"
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
	/* XML and schema */
	{ "broken XML", "mrp.xml", "<mrp id=\"mrp-2021\"", "<mrp id=mrp-2021", "", "" },
	{ "a tag never closed", "mrp.xml", "</tariff>", "", "", "" },
	{ "a DOCTYPE", "mrp.xml", "<tariff>", "<!DOCTYPE tariff><tariff>", "", "DOCTYPE" },
	{ "an external DTD", "mrp.xml", "<tariff>",
		"<!DOCTYPE tariff SYSTEM \"file:///etc/passwd\"><tariff>", "", "DOCTYPE" },
	{ "entities that expand", "mrp.xml", "<tariff>",
		"<!DOCTYPE t [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;\">"
		"<!ENTITY c \"&b;&b;&b;&b;&b;&b;&b;&b;\">]><tariff>", "", "DOCTYPE" },
	{ "an unknown entity", "phrases.xml", "{title} № {number}", "&nothing;", "", "" },
	{ "a place to load a schema from", "mrp.xml", "<tariff>",
		"<tariff xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\""
		" xsi:noNamespaceSchemaLocation=\"file:///etc/passwd\">", NULL, "namespace" },
	{ "a namespace", "mrp.xml", "<tariff>", "<tariff xmlns=\"urn:x\">", NULL, "namespace" },
	{ "another encoding", "mrp.xml", "encoding=\"UTF-8\"", "encoding=\"windows-1251\"", "", "" },
	{ "bytes that are not UTF-8", "phrases.xml", "за одного", "\xE7\xE0 \xEE\xE4\xED\xEE\xE3\xEE",
		"", "UTF-8" },
	{ "another outermost element", "mrp.xml", "<tariff>", "<rates>", "", "" },
	{ "an unknown element", "mrp.xml", "</tariff>", "<levy id=\"x\"/></tariff>", "<levy", "levy" },
	{ "an unknown attribute", "mrp.xml", "value=\"2917\"", "value=\"2917\" colour=\"red\"",
		NULL, "colour" },
	{ "an attribute that is missing", "mrp.xml", "value=\"2917\"", "", "mrp-2021", "value" },
	{ "a service without a rate", "programmes.xml", "<rate id=\"eta-2026\"",
		"<rule id=\"eta-2026\"", NULL, "" },
	/* numbers */
	{ "a decimal comma", "duties.xml", "value=\"0.5\"", "value=\"0,5\"", NULL, "0,5" },
	{ "a negative rate", "duties.xml", "value=\"0.5\"", "value=\"-0.5\"", NULL, "-0.5" },
	{ "a rate in words", "duties.xml", "value=\"0.5\"", "value=\"half\"", NULL, "half" },
	{ "a division by zero", "duties.xml", "value=\"0.5\"", "value=\"1/0\"", NULL, "1/0" },
	{ "a huge rate", "duties.xml", "value=\"0.5\"", "value=\"999999999999\"", NULL,
		"999999999999" },
	{ "a number that fits nowhere", "duties.xml", "value=\"0.5\"",
		"value=\"99999999999999999999999\"", NULL, "99999999999999999999999" },
	{ "an MRP of nothing", "mrp.xml", "value=\"4325\"", "value=\"0\"", NULL, "value" },
	{ "an MRP with a space", "mrp.xml", "value=\"4325\"", "value=\"4 325\"", NULL, "4 325" },
	{ "a huge MRP", "mrp.xml", "value=\"4325\"", "value=\"999999999\"", NULL, "999999999" },
	{ "a sum that is no whole tiyn", "duties.xml", "value=\"0.5\"", "value=\"1/3\"", NULL,
		"cannot round" },
	/* words */
	{ "an unknown unit", "duties.xml", "unit=\"MRP\"", "unit=\"MZP\"", NULL, "MZP" },
	{ "an unknown currency", "programmes.xml", "unit=\"USD\"", "unit=\"RUB\"", NULL, "RUB" },
	{ "an unknown purpose", "mrp.xml", "purposes=\"benefit duty fine\"",
		"purposes=\"duty pension\"", NULL, "pension" },
	{ "an unknown regime", "duties.xml", "regime=\"state-duty\"", "regime=\"tip\"", NULL, "tip" },
	{ "an unknown status", "mrp.xml", "status=\"confirmed\"", "status=\"sure\"", NULL, "sure" },
	{ "an unknown rounding", "duties.xml", "rule=\"exact\"", "rule=\"nicely\"", NULL, "nicely" },
	{ "a conversion that is exact", "duties.xml", "step-minor=\"1\"",
		"step-minor=\"1\" converted=\"exact\"", NULL, "exact" },
	{ "a conversion rounded to nothing", "duties.xml", "step-minor=\"1\"",
		"step-minor=\"1\" converted-step-minor=\"0\"", NULL, "converted-step-minor" },
	{ "a budget code of five digits", "duties.xml", "kbk=\"108126\"", "kbk=\"10812\"", NULL,
		"10812" },
	{ "an act that is not there", "mrp.xml", "act=\"budget-2026\"", "act=\"budget-2062\"", NULL,
		"budget-2062" },
	{ "a rate without a law", "duties.xml", "act=\"tax-code-2017\" article=\"613\"", "",
		"invitation-2017-code", "act" },
	{ "a code without its article", "duties.xml", "article=\"613\"", "", "invitation-2017-code",
		"article" },
	{ "a ground that is not there", "exemptions.xml", "ground=\"investor\"", "ground=\"friend\"",
		NULL, "friend" },
	{ "a service that is not there", "exemptions.xml", "services=\"invitation\"",
		"services=\"invitations\"", NULL, "invitations" },
	{ "an action that is not there", "exemptions.xml", "actions=\"reissue\"",
		"actions=\"renew\"", NULL, "renew" },
	{ "a country that is not one", "exemptions.xml", "</tariff>",
		AGREEMENT("a", "kind=\"reciprocity\" country=\"ZZ\" age-below=\"6\" from=\"2026-01-01\"")
		"</tariff>", "country=\"ZZ\"", "ZZ" },
	{ "reciprocity without an age", "exemptions.xml", "</tariff>",
		AGREEMENT("a", "kind=\"reciprocity\" country=\"IT\" from=\"2026-01-01\"")
		"</tariff>", "country=\"IT\"", "age-below" },
	/* days */
	{ "a day that does not exist", "mrp.xml", "year=\"2025\" from=\"2025-01-01\"",
		"year=\"2025\" from=\"2025-02-29\"", NULL, "2025-02-29" },
	{ "a day written the other way", "mrp.xml", "year=\"2025\" from=\"2025-01-01\"",
		"year=\"2025\" from=\"01.01.2025\"", NULL, "01.01.2025" },
	{ "a day with a zone", "mrp.xml", "year=\"2025\" from=\"2025-01-01\"",
		"year=\"2025\" from=\"2025-01-01Z\"", NULL, "2025-01-01Z" },
	{ "an end before the beginning", "duties.xml", "last=\"2025-12-31\"",
		"last=\"2019-12-31\"", NULL, "ends before it begins" },
	{ "an MRP of another year", "mrp.xml", "year=\"2020\" from=\"2020-04-01\"",
		"year=\"2020\" from=\"2021-04-01\"", NULL, "outside its budget year" },
	{ "an MRP with an end of its own", "mrp.xml", "year=\"2025\" from=\"2025-01-01\"",
		"year=\"2025\" from=\"2025-01-01\" last=\"2025-06-30\"", NULL, "last=" },
	{ "a rate for a place and one for any", "consular.xml", "<rate id=\"legalization-kz\"",
		"<rate id=\"any\" value=\"1\" unit=\"MRP\" from=\"2026-01-01\" entered=\"2026-11-22\""
		" act=\"decree-74-2019\" status=\"unverified\" source=\"x\"/>"
		"<rate id=\"legalization-kz\"", "<rate id=\"legalization-kz\"", "contradicts" },
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
	{ "a gap between MRPs", "mrp.xml", "year=\"2023\" from=\"2023-01-01\"",
		"year=\"2023\" from=\"2023-02-01\"", NULL, "gap" },
	{ "a second MRP for the same days", "mrp.xml", "</tariff>",
		MRP_ROW("mrp-again", "value=\"4326\" purposes=\"duty\" year=\"2026\" from=\"2026-01-01\""),
		"mrp-again", "duplicate" },
	{ "a row that outlives its act", "duties.xml", "last=\"2025-12-31\"",
		"last=\"2026-06-30\"", NULL, "outlives" },
	{ "a row older than its act", "duties.xml",
		"<rate id=\"invitation-2025-code\" value=\"0.5\" unit=\"MRP\" from=\"2026-01-01\"",
		"<rate id=\"invitation-2025-code\" value=\"0.5\" unit=\"MRP\" from=\"2025-01-01\"",
		NULL, "before" },
	{ "a gap between rates", "programmes.xml", ERESIDENCY_RATE,
		SECOND_RATE("2026-08-01") ERESIDENCY_RATE " last=\"2026-06-30\"",
		"id=\"second\"", "gap" },
	{ "rates that overlap", "programmes.xml", ERESIDENCY_RATE,
		SECOND_RATE("2026-06-01") ERESIDENCY_RATE " last=\"2026-06-30\"",
		"id=\"second\"", "overlaps" },
	{ "two rates from one day", "programmes.xml", ERESIDENCY_RATE,
		SECOND_RATE("2026-01-01") ERESIDENCY_RATE, ERESIDENCY_RATE, "duplicate" },
	{ "days without a rounding", "duties.xml",
		"rule=\"exact\" per=\"person\" step-minor=\"1\" from=\"2020-01-01\"",
		"rule=\"exact\" per=\"person\" step-minor=\"1\" from=\"2021-01-01\"",
		"invitation-2017-code", "rounding" },
	{ "days without a budget code", "duties.xml",
		"kbk=\"108126\" knp=\"911\" from=\"2020-01-01\"",
		"kbk=\"108126\" knp=\"911\" from=\"2020-01-02\"", "invitation-2017-code", "budget" },
	{ "days without a refund rule", "programmes.xml",
		"rule=\"nothing-due\" from=\"2026-01-01\"", "rule=\"nothing-due\" from=\"2026-01-02\"",
		"eta-2026", "refund" },
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
	{ "agreements that overlap", "exemptions.xml", "</tariff>",
		AGREEMENT("a", "kind=\"mutual-waiver\" country=\"ES\" from=\"2026-01-01\"")
		AGREEMENT("b", "kind=\"mutual-waiver\" country=\"ES\" from=\"2026-03-01\"")
		"</tariff>", "id=\"b\"", "overlaps" },
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
	struct fixture f;
	struct err err = { 0 };

	fixture_open(TARIFF_DATA, &f);
	*state = fixture_load(&f, &err);
	fixture_close(&f);
	if (*state == NULL) {
		fail_msg("%s", err.message);
	}
	return 0;
}

static int free_good(void **state)
{
	struct tariff *tariff = *state;

	tariff_free(&tariff);
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

/* ---- files ---- */

static void refuse_files(struct fixture *f, const char *says)
{
	struct err err = { 0 };

	assert_null(fixture_load(f, &err));
	assert_int_not_equal(err.kind, ERR_NONE);
	if (strstr(err.message, says) == NULL) {
		fail_msg("does not say %s: %s", says, err.message);
	}
	fixture_close(f);
}

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
		refuse_files(&f, lacking[i][1]);
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
	refuse_files(&f, "large.xml:1: is larger");
	fixture_open(TARIFF_DATA, &f);
	fixture_add(&f, "large.xml", (struct text){ blank, TARIFF_FILE_SIZE_MAX + 1 });
	refuse_files(&f, "large.xml:1: is larger");
	fixture_open(TARIFF_DATA, &f);
	fixture_add(&f, "blank.xml", (struct text){ blank, TARIFF_FILE_SIZE_MAX });
	refuse_files(&f, "blank.xml:");
	fixture_open(TARIFF_DATA, &f);
	fixture_add(&f, "empty.xml", TEXT(""));
	refuse_files(&f, "empty.xml:1: is empty");
	fixture_open(TARIFF_DATA, &f);
	fixture_add(&f, "mrp.xml", TEXT("<tariff/>"));
	refuse_files(&f, "mrp.xml:1: is there twice");
	fixture_open(TARIFF_DATA, &f);
	(void)snprintf(first, sizeof(first), "x%zu.xml:1: ", f.count);
	while (f.count < TARIFF_FILES_MAX) {
		(void)snprintf(name, sizeof(name), "x%zu.xml", f.count);
		fixture_add(&f, name, TEXT("<tariff><bad/></tariff>"));
	}
	refuse_files(&f, first);
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
	refuse_files(&f, "too deeply");
	assert_still_quoting(*state);
}

/* ---- the schema is a file too ---- */

static void a_schema_that_loads_another_is_refused(void **state)
{
	static const char *const loading[] = {
		"<xs:include schemaLocation=\"file:///etc/passwd\"/>",
		"<xs:import namespace=\"urn:x\" schemaLocation=\"http://127.0.0.1:1/x.xsd\"/>",
		"<xs:redefine schemaLocation=\"other.xsd\"/>",
	};
	static const char first[] = "<xs:simpleType name=\"word\">";

	for (size_t i = 0; i < COUNT(loading); i++) {
		struct fixture f;
		char with[256];

		(void)snprintf(with, sizeof(with), "%s%s", loading[i], first);
		fixture_open(TARIFF_DATA, &f);
		fixture_replace(&f, "tariff.xsd", first, with);
		refuse_files(&f, "would load another schema");
	}
	assert_still_quoting(*state);
}

/* With a schema that lets anything pass the loader's own checks must hold. */
static void the_loader_does_not_lean_on_the_schema(void **state)
{
	static const char anything[] =
		"<xs:schema xmlns:xs=\"http://www.w3.org/2001/XMLSchema\"><xs:element name=\"tariff\">"
		"<xs:complexType><xs:sequence><xs:any processContents=\"skip\" minOccurs=\"0\""
		" maxOccurs=\"unbounded\"/></xs:sequence></xs:complexType></xs:element></xs:schema>";

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct fixture f;
		struct tariff *tariff;

		fixture_open(TARIFF_DATA, &f);
		fixture_remove(&f, "tariff.xsd");
		fixture_add_string(&f, "tariff.xsd", anything);
		fixture_replace(&f, cases[i].file, cases[i].old, cases[i].new);
		tariff = fixture_load(&f, NULL);
		/* An attribute nobody reads does no harm, all else does. */
		if (tariff != NULL && strcmp(cases[i].what, "an unknown attribute") != 0) {
			fail_msg("%s: was loaded", cases[i].what);
		}
		tariff_free(&tariff);
		fixture_close(&f);
	}
	assert_still_quoting(*state);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_spoilt_tariff_is_refused_by_file_and_line),
		cmocka_unit_test(a_set_that_lacks_something_is_refused),
		cmocka_unit_test(files_have_limits),
		cmocka_unit_test(elements_nest_and_count_within_limits),
		cmocka_unit_test(a_schema_that_loads_another_is_refused),
		cmocka_unit_test(the_loader_does_not_lean_on_the_schema),
	};

	return cmocka_run_group_tests_name("tariff/refusal", tests, load_good, free_good);
}
