/* SPDX-License-Identifier: Apache-2.0 */

/* A tariff set is looked at on the socket, and never taken into use. */
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "daemon/api.h"
#include "tests/alym_test.h"
#include "tests/daemon/api_world.h"
#include "tests/tariff/fixture.h"

enum { OPERATOR = 1000 };

#define CHECK  "/v1/tariff/check"
#define IMPACT "/v1/tariff/impact"
#define CASES                                                                                  \
	"<cases>\n<case service=\"visa.exit\" action=\"issue\" date=\"2026-06-15\" "           \
	"due=\"2162.50 KZT\" source=\"0.5 x 4325\"/>\n"                                        \
	"<case service=\"visa.multiple\" action=\"issue\" date=\"2026-06-15\" due=\"%s KZT\" " \
	"source=\"30 x 4325\"/>\n</cases>\n"

static int begin(void **state)
{
	*state = world_new(WORLD_NOW);
	return 0;
}

static int end(void **state)
{
	struct world *world = *state;

	world_free(&world);
	return 0;
}

static json_t *json_file(const char *name, const char *bytes, size_t size)
{
	return json_pack("{s:s, s:s%}", "name", name, "text", bytes, size);
}

static json_t *body_of(const struct fixture *f)
{
	json_t *files = json_array();

	for (size_t i = 0; i < f->count; i++) {
		(void)json_array_append_new(files,
			json_file(f->files[i].name, f->files[i].bytes.bytes,
				f->files[i].bytes.size));
	}
	return json_pack("{s:o}", "files", files);
}

/* Sends and frees it. */
static int send_body(struct world *w, const char *path, json_t *body)
{
	char *bytes = json_dumps(body, JSON_COMPACT);
	int status;

	assert_non_null(bytes);
	status = world_operate(w, OPERATOR, path, bytes);
	free(bytes);
	json_decref(body);
	return status;
}

static int check(struct world *w, const struct fixture *f)
{
	return send_body(w, CHECK, body_of(f));
}

static int check_document(struct world *w, const struct fixture *f, const char *cases)
{
	json_t *body = body_of(f);

	(void)json_object_set_new(body, "cases",
		json_pack("[o]", json_file("visa.xml", cases, strlen(cases))));
	return send_body(w, CHECK, body);
}

static int check_cases(struct world *w, const struct fixture *f, const char *due)
{
	char cases[1024];

	(void)snprintf(cases, sizeof(cases), CASES, due);
	return check_document(w, f, cases);
}

static bool is_true(const struct world *w, const char *name)
{
	return json_is_true(json_object_get(w->last.json, name));
}

static void a_good_set_is_told_by_its_digest(void **state)
{
	struct world *w = *state;
	struct fixture f;
	char digest[65];
	char in_use[65];

	fixture_open(ALYM_TARIFF_DATA, &f);
	assert_int_equal(check(w, &f), 200);
	assert_true(is_true(w, "ok"));
	(void)snprintf(digest, sizeof(digest), "%s", world_text(w, "sha256"));
	text_hex(tariff_digest(tariffs_current(w->engine->tariffs)), TARIFF_DIGEST_SIZE, in_use);
	assert_string_equal(digest, in_use);
	assert_int_equal(world_number(w, "services"),
		tariff_service_count(tariffs_current(w->engine->tariffs)));
	assert_true(world_number(w, "rows") >= 50);
	assert_true(json_is_null(json_object_get(w->last.json, "cases")));
	fixture_close(&f);
}

static void a_bad_set_is_refused_by_file_and_line_and_the_running_one_untouched(void **state)
{
	struct world *w = *state;
	const struct tariff *in_use = tariffs_current(w->engine->tariffs);
	struct fixture f;
	long line;

	fixture_open(ALYM_TARIFF_DATA, &f);
	line = fixture_line(&f, "mrp.xml", "id=\"mrp-2025\"");
	fixture_replace(&f, "mrp.xml", "value=\"3932\"", "value=\"3932,5\"");
	assert_int_equal(check(w, &f), 200);
	assert_false(is_true(w, "ok"));
	assert_string_equal(world_text(w, "file"), "mrp.xml");
	assert_int_equal(world_number(w, "line"), line);
	assert_true(strlen(world_text(w, "reason")) > 0);
	fixture_remove(&f, "mrp.xml");
	fixture_remove(&f, "tariff.xsd");
	assert_int_equal(check(w, &f), 200);
	assert_false(is_true(w, "ok"));
	assert_true(strlen(world_text(w, "reason")) > 0);
	assert_ptr_equal(tariffs_current(w->engine->tariffs), in_use);
	assert_int_equal(world_post(w, "/v1/quotes", NULL, "{\"service\":\"visa.exit\"}"), 200);
	assert_int_equal(world_number(w, "due.amount"), 216250);
	fixture_close(&f);
}

/* What a quote would not let through is no case either; the daemon lives on. */
static void a_case_no_quote_could_ask_is_refused_by_line(void **state)
{
	static const char *const bad[] = { "place=\"11101000000\"", "category=\"B12345678\"",
		"years=\"11\"" };
	struct world *w = *state;
	struct fixture f;

	fixture_open(ALYM_TARIFF_DATA, &f);
	for (size_t i = 0; i < COUNT(bad); i++) {
		char cases[256];

		(void)snprintf(cases, sizeof(cases),
			"<cases>\n<case service=\"visa.exit\" date=\"2026-06-15\" %s "
			"due=\"2162.50 KZT\" source=\"x\"/>\n</cases>",
			bad[i]);
		assert_int_equal(check_document(w, &f, cases), 200);
		assert_false(is_true(w, "ok"));
		assert_string_equal(world_text(w, "file"), "visa.xml");
		assert_int_equal(world_number(w, "line"), 2);
	}
	assert_int_equal(world_post(w, "/v1/quotes", NULL, "{\"service\":\"visa.exit\"}"), 200);
	fixture_close(&f);
}

/* 30 x 4325 = 129750. */
static void cases_are_held_against_it(void **state)
{
	struct world *w = *state;
	struct fixture f;

	fixture_open(ALYM_TARIFF_DATA, &f);
	assert_int_equal(check_cases(w, &f, "129750.00"), 200);
	assert_true(is_true(w, "ok"));
	assert_int_equal(world_number(w, "cases.count"), 2);
	assert_int_equal(world_number(w, "cases.fault_count"), 0);
	assert_true(world_number(w, "cases.unhit_count") > 0);
	assert_true(strlen(world_text(w, "cases.unhit.0.row")) > 0);
	assert_int_equal(check_cases(w, &f, "129751.00"), 200);
	assert_false(is_true(w, "ok"));
	assert_int_equal(world_number(w, "cases.fault_count"), 1);
	assert_string_equal(world_text(w, "cases.faults.0.file"), "visa.xml");
	assert_int_equal(world_number(w, "cases.faults.0.line"), 3);
	assert_non_null(strstr(world_text(w, "cases.faults.0.expected"), "129751.00 KZT"));
	assert_non_null(strstr(world_text(w, "cases.faults.0.came"), "129750.00 KZT"));
	assert_int_equal(check_cases(w, &f, "much"), 200);
	assert_false(is_true(w, "ok"));
	assert_string_equal(world_text(w, "file"), "visa.xml");
	fixture_close(&f);
}

/* 0.5, 7 and 30 times 5000 instead of 4325. */
static void what_a_set_would_cost_is_told_beside_the_one_in_use(void **state)
{
	struct world *w = *state;
	struct fixture f;
	json_t *body;

	fixture_open(ALYM_TARIFF_DATA, &f);
	fixture_replace(&f, "mrp.xml", "\"4325\"", "\"5000\"");
	assert_int_equal(send_body(w, IMPACT, body_of(&f)), 200);
	assert_true(is_true(w, "ok"));
	assert_string_equal(world_text(w, "days.0"), "2026-03-02");
	assert_string_equal(world_text(w, "items.0.kind"), "more");
	assert_string_equal(world_text(w, "items.0.request.service"), "visa.multiple");
	assert_int_equal(world_number(w, "items.0.old.due.amount"), 12975000);
	assert_int_equal(world_number(w, "items.0.new.due.amount"), 15000000);
	assert_int_equal(world_number(w, "items.0.difference.amount"), 2025000);
	assert_true(world_number(w, "total.more") > 0);
	assert_int_equal(world_number(w, "total.less"), 0);
	assert_int_equal(world_number(w, "samples"), world_count(w, "items"));
	assert_int_equal(tariff_service_count(tariffs_current(w->engine->tariffs)),
		world_count(w, "services"));
	assert_string_not_equal(world_text(w, "old"), world_text(w, "new"));
	/* As of a day before the change nothing is dearer. */
	body = body_of(&f);
	(void)json_object_set_new(body, "date", json_string("2024-01-01"));
	assert_int_equal(send_body(w, IMPACT, body), 200);
	assert_int_equal(world_number(w, "total.more"), 0);
	fixture_replace(&f, "mrp.xml", "\"5000\"", "\"5000,0\"");
	assert_int_equal(send_body(w, IMPACT, body_of(&f)), 200);
	assert_false(is_true(w, "ok"));
	assert_string_equal(world_text(w, "file"), "mrp.xml");
	fixture_close(&f);
}

static void what_is_no_set_is_a_problem(void **state)
{
	static const struct {
		const char *body;
		const char *code;
		const char *field;
	} rows[] = {
		{ "{}", "invalid_field", "files" },
		{ "{\"files\":[]}", "invalid_field", "files" },
		{ "{\"files\":{}}", "invalid_field", "files" },
		{ "{\"files\":[1]}", "invalid_field", "files.0" },
		{ "{\"files\":[{\"name\":\"a.xml\"}]}", "invalid_field", "files.0.text" },
		{ "{\"files\":[{\"text\":\"\"}]}", "invalid_field", "files.0.name" },
		{ "{\"files\":[{\"name\":\"../a.xml\",\"text\":\"\"}]}", "invalid_field",
			"files.0.name" },
		{ "{\"files\":[{\"name\":\"a.txt\",\"text\":\"\"}]}", "invalid_field",
			"files.0.name" },
		{ "{\"files\":[{\"name\":\"a.xml\",\"text\":\"\"},"
		  "{\"name\":\"a.xml\",\"text\":\"\"}]}",
			"invalid_field", "files.1.name" },
		{ "{\"files\":[{\"name\":\"a.xml\",\"text\":\"\",\"x\":1}]}", "unknown_field",
			"files.0.x" },
		{ "{\"files\":[{\"name\":\"a.xml\",\"text\":\"\"}],\"reason\":\"\"}",
			"unknown_field", "reason" },
		{ "{\"files\":[{\"name\":\"a.xml\",\"text\":\"\"}],\"cases\":[]}", "invalid_field",
			"cases" },
	};
	struct world *w = *state;

	for (size_t i = 0; i < COUNT(rows); i++) {
		assert_int_equal(world_operate(w, OPERATOR, CHECK, rows[i].body), 400);
		assert_string_equal(world_text(w, "code"), rows[i].code);
		assert_string_equal(world_text(w, "field"), rows[i].field);
	}
}

static void only_operators_look(void **state)
{
	struct world *w = *state;

	assert_int_equal(world_post(w, CHECK, NULL, "{}"), 403);
	assert_int_equal(world_operate(w, OPERATOR, CHECK, "{}"), 400);
	assert_int_equal(world_post(w, IMPACT, NULL, "{}"), 403);
	assert_int_equal(world_operate(w, OPERATOR, IMPACT, "{}"), 400);
}

static void only_one_is_looked_at_at_a_time(void **state)
{
	struct world *w = *state;
	struct fixture f;

	fixture_open(ALYM_TARIFF_DATA, &f);
	w->engine->drafting = true;
	assert_int_equal(check(w, &f), 503);
	assert_string_equal(world_text(w, "code"), "overloaded");
	w->engine->drafting = false;
	assert_int_equal(check(w, &f), 200);
	assert_int_equal(check(w, &f), 200);
	fixture_close(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_good_set_is_told_by_its_digest, begin, end),
		cmocka_unit_test_setup_teardown(
			a_bad_set_is_refused_by_file_and_line_and_the_running_one_untouched, begin,
			end),
		cmocka_unit_test_setup_teardown(a_case_no_quote_could_ask_is_refused_by_line, begin,
			end),
		cmocka_unit_test_setup_teardown(cases_are_held_against_it, begin, end),
		cmocka_unit_test_setup_teardown(what_a_set_would_cost_is_told_beside_the_one_in_use,
			begin, end),
		cmocka_unit_test_setup_teardown(what_is_no_set_is_a_problem, begin, end),
		cmocka_unit_test_setup_teardown(only_operators_look, begin, end),
		cmocka_unit_test_setup_teardown(only_one_is_looked_at_at_a_time, begin, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
