/* SPDX-License-Identifier: Apache-2.0 */

/* openapi.json and the router say the same: every path, every method, every role, every code; the
 * page for people has every code, too. */
#include <ctype.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "daemon/api.h"
#include "daemon/warning.h"
#include "tests/alym_test.h"

enum { PAGE_MAX = 1 << 20 };

static int read_document(void **state)
{
	*state = json_load_file(ALYM_OPENAPI, JSON_REJECT_DUPLICATES, NULL);
	return *state != NULL ? 0 : -1;
}

static int drop_document(void **state)
{
	json_decref(*state);
	return 0;
}

static unsigned roles_of(const json_t *operation)
{
	const json_t *names = json_object_get(operation, "x-alym-roles");
	unsigned roles = 0;

	assert_true(json_is_array(names));
	for (size_t i = 0; i < json_array_size(names); i++) {
		const char *name = json_string_value(json_array_get(names, i));

		roles |= strcmp(name, "service") == 0    ? CALL_ROLE_SERVICE
			 : strcmp(name, "auditor") == 0  ? CALL_ROLE_AUDITOR
			 : strcmp(name, "operator") == 0 ? CALL_ROLE_OPERATOR
							 : 1u << 31;
	}
	return roles;
}

static void every_route_is_documented(void **state)
{
	const json_t *paths = json_object_get(*state, "paths");
	const struct api_route *routes;
	size_t count;

	routes = api_routes(&count);
	for (size_t i = 0; i < count; i++) {
		char method[16] = "";
		const json_t *operation;

		for (size_t c = 0; routes[i].method[c] != '\0'; c++) {
			method[c] = (char)tolower((unsigned char)routes[i].method[c]);
		}
		operation = json_object_get(json_object_get(paths, routes[i].path), method);
		if (operation == NULL) {
			fail_msg("%s %s is not documented", routes[i].method, routes[i].path);
		}
		assert_int_equal(roles_of(operation), routes[i].roles);
	}
}

static void everything_documented_is_routed(void **state)
{
	json_t *paths = json_object_get(*state, "paths");
	const struct api_route *routes;
	size_t count;
	size_t documented = 0;
	const char *path;
	json_t *methods;

	routes = api_routes(&count);
	json_object_foreach(paths, path, methods)
	{
		documented += json_object_size(methods);
	}
	assert_int_equal(documented, count);
	for (size_t i = 0; i < count; i++) {
		for (size_t other = i + 1; other < count; other++) {
			assert_false(strcmp(routes[i].path, routes[other].path) == 0 &&
				     strcmp(routes[i].method, routes[other].method) == 0);
		}
	}
}

static void every_problem_is_documented(void **state)
{
	const json_t *problem =
		json_object_get(json_object_get(json_object_get(*state, "components"), "schemas"),
			"Problem");
	const json_t *codes =
		json_object_get(json_object_get(json_object_get(problem, "properties"), "code"),
			"enum");

	assert_int_equal(json_array_size(codes), PROBLEM_CODE_COUNT - 1);
	for (size_t i = 0; i < json_array_size(codes); i++) {
		const struct problem told = { .code = (enum problem_code)(i + 1) };
		char quoted[64];
		struct buffer out;

		buffer_init(&out, PROBLEM_BODY_MAX);
		problem_write(&told, LANGUAGE_EN, &out);
		(void)snprintf(quoted, sizeof(quoted), "\"code\":\"%s\"",
			json_string_value(json_array_get(codes, i)));
		assert_non_null(strstr(out.bytes, quoted));
		buffer_done(&out);
	}
}

static void assert_on_page(const char *page, const char *code)
{
	char quoted[64];

	(void)snprintf(quoted, sizeof(quoted), "`%s`", code);
	if (strstr(page, quoted) == NULL) {
		fail_msg("docs/API.md does not know %s", quoted);
	}
}

static void the_page_has_every_problem_and_warning(void **state)
{
	json_t *components = json_object_get(*state, "components");
	json_t *problem = json_object_get(json_object_get(components, "schemas"), "Problem");
	json_t *code = json_object_get(json_object_get(problem, "properties"), "code");
	json_t *codes = json_object_get(code, "enum");
	FILE *file = fopen(ALYM_API_PAGE, "re");
	struct buffer page;
	char piece[4096];
	size_t size;
	size_t i;

	assert_non_null(file);
	buffer_init(&page, PAGE_MAX);
	while ((size = fread(piece, 1, sizeof(piece), file)) > 0) {
		buffer_add(&page, (struct text){ piece, size });
	}
	assert_int_equal(fclose(file), 0);
	assert_false(page.overflowed);
	json_array_foreach(codes, i, code)
	{
		assert_on_page(page.bytes, json_string_value(code));
	}
	for (enum warning warning = 0; warning < WARNING_COUNT; warning++) {
		assert_on_page(page.bytes, warning_code(warning));
	}
	buffer_done(&page);
}

/* Every "$ref" of the document names something in it. */
static void check_references(json_t *root, json_t *value)
{
	const char *name;
	json_t *member;
	size_t i;

	json_array_foreach(value, i, member)
	{
		check_references(root, member);
	}
	json_object_foreach(value, name, member)
	{
		char section[32];
		char leaf[64];

		check_references(root, member);
		if (strcmp(name, "$ref") != 0) {
			continue;
		}
		assert_int_equal(sscanf(json_string_value(member), "#/components/%31[^/]/%63s",
					 section, leaf),
			2);
		assert_non_null(json_object_get(json_object_get(json_object_get(root, "components"),
							section),
			leaf));
	}
}

static void every_reference_leads_somewhere(void **state)
{
	check_references(*state, *state);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_route_is_documented),
		cmocka_unit_test(everything_documented_is_routed),
		cmocka_unit_test(every_problem_is_documented),
		cmocka_unit_test(the_page_has_every_problem_and_warning),
		cmocka_unit_test(every_reference_leads_somewhere),
	};

	return cmocka_run_group_tests_name("daemon/openapi", tests, read_document, drop_document);
}
