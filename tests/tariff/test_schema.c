/* SPDX-License-Identifier: Apache-2.0 */

/* schema - the schema is a file of the set too, and may be as spoilt or hostile as any. */
#include <stdio.h>

#include "tests/alym_test.h"
#include "tests/tariff/fixture.h"

static void a_schema_that_loads_another_is_refused(void **state)
{
	static const char *const loading[] = {
		"<xs:include schemaLocation=\"file:///etc/passwd\"/>",
		"<xs:import namespace=\"urn:x\" schemaLocation=\"http://127.0.0.1:1/x.xsd\"/>",
		"<xs:redefine schemaLocation=\"other.xsd\"/>",
	};
	static const char first[] = "<xs:simpleType name=\"word\">";

	(void)state;
	for (size_t i = 0; i < COUNT(loading); i++) {
		struct fixture f;
		char with[256];

		(void)snprintf(with, sizeof(with), "%s%s", loading[i], first);
		fixture_open(TARIFF_DATA, &f);
		fixture_replace(&f, "tariff.xsd", first, with);
		fixture_refuse(&f, "would load another schema");
	}
}

/* A schema with `count` times the element. */
static void write_schema(char *out, size_t size, const char *begin, const char *element, int count)
{
	size_t at = (size_t)snprintf(out, size,
		"<xs:schema xmlns:xs=\"http://www.w3.org/2001/XMLSchema\">%s", begin);

	for (int i = 0; i < count; i++) {
		at += (size_t)snprintf(out + at, size - at, "%s", element);
	}
	at += (size_t)snprintf(out + at, size - at,
		"</xs:sequence></xs:complexType></xs:element></xs:schema>");
	assert_true(at < size);
}

/* What libxml2 would compile for minutes, or without an end. */
static void a_schema_that_takes_long_to_compile_is_refused(void **state)
{
#define TARIFF "<xs:element name=\"tariff\"><xs:complexType><xs:sequence>"
#define GROUP                                                                                \
	"<xs:group name=\"g\"><xs:sequence><xs:element name=\"a\"/><xs:element name=\"b\"/>" \
	"</xs:sequence></xs:group>"
#define OPTIONAL "<xs:element name=\"e\" minOccurs=\"0\"/>\n"
	static const struct {
		const char *begin;
		const char *element;
		int count;
		const char *said;
	} rows[] = {
		{ TARIFF, OPTIONAL, 20000, "tariff.xsd:1: is longer than 65536 bytes" },
		{ TARIFF, OPTIONAL, 1000, "tariff.xsd:128: <element> is one too many" },
		{ GROUP TARIFF, "<xs:group ref=\"g\"/>\n", 100,
			"tariff.xsd:64: <group> is one too many" },
		{ TARIFF, "<xs:any minOccurs=\"0\"/>\n", 1000,
			"tariff.xsd:128: <any> is one too many" },
		{ "<xs:group name=\"h\"><xs:group ref=\"g\"/></xs:group>" GROUP TARIFF, "", 1,
			"tariff.xsd:1: <group> is a group in a group" },
		{ "<xs:attributeGroup name=\"h\"><xs:attributeGroup ref=\"g\"/>"
		  "</xs:attributeGroup>" TARIFF,
			"", 1, "tariff.xsd:1: <attributeGroup> is a group in a group" },
		{ TARIFF, "<xs:choice></xs:choice>", 1,
			"tariff.xsd:1: <choice> is nested in another" },
		{ TARIFF, "\n<xs:element name=\"e\" maxOccurs=\"100\"/>", 1,
			"tariff.xsd:2: <element> occurs more than 99 times" },
		{ "<xs:simpleType name=\"p\"><xs:restriction base=\"xs:string\"><xs:pattern "
		  "value=\"a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?\"/>"
		  "</xs:restriction></xs:simpleType>" TARIFF,
			"", 1, "tariff.xsd:1: <pattern> is a pattern longer than 64" },
	};
	static char schema[1 << 20];

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct fixture f;

		write_schema(schema, sizeof(schema), rows[i].begin, rows[i].element, rows[i].count);
		fixture_open(TARIFF_DATA, &f);
		fixture_remove(&f, "tariff.xsd");
		fixture_add_string(&f, "tariff.xsd", schema);
		fixture_refuse(&f, rows[i].said);
	}
#undef TARIFF
#undef GROUP
#undef OPTIONAL
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_schema_that_loads_another_is_refused),
		cmocka_unit_test(a_schema_that_takes_long_to_compile_is_refused),
	};

	return cmocka_run_group_tests_name("tariff/schema", tests, NULL, NULL);
}
