/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "tests/alym_test.h"

/* A literal that may hold NUL bytes. */
#define BYTES(literal)                                          \
	{                                                       \
		.bytes = (literal), .size = sizeof(literal) - 1 \
	}

/* ---- parsing ---- */

static void what_is_no_strict_json_is_refused(void **state)
{
	static const struct text cases[] = {
		BYTES(""),
		BYTES(" "),
		BYTES("1"),
		BYTES("\"text\""),
		BYTES("null"),
		BYTES("{}{}"),
		BYTES("{} x"),
		BYTES("{}\0"),
		BYTES("{\"a\0\":1}"),
		BYTES("{\"a\":\"\\u0000\"}"),
		BYTES("{\"a\":\"\n\"}"),
		BYTES("{\"a\":1,\"a\":1}"),
		BYTES("{\"o\":{\"a\":1,\"a\":2}}"),
		BYTES("{\"a\":1,}"),
		BYTES("[1,]"),
		BYTES("{a:1}"),
		BYTES("{\"a\":01}"),
		BYTES("{\"a\":NaN}"),
		BYTES("{\"a\":9223372036854775808}"),
		BYTES("{\"a\":-9223372036854775809}"),
		BYTES("{\"a\":-}"),
		BYTES("{\"a\":1.}"),
		BYTES("{\"a\":.5}"),
		BYTES("{\"a\":1e}"),
		BYTES("{\"a\":1e+}"),
		BYTES("{\"a\":+1}"),
		BYTES("{\"a\":truth}"),
		BYTES("{\"a\":nul}"),
		BYTES("{\"a\":\"\\x\"}"),
		BYTES("{\"a\":\"\\u00g0\"}"),
		BYTES("{\"a\":\"\\u00"),
		BYTES("{\"a\":\"\\udc00\"}"),
		BYTES("{\"a\":\"\\ud800\\u0041\"}"),
		BYTES("{\"a\" 1}"),
		BYTES("{\"a\"}"),
		BYTES("{,}"),
		BYTES("[,]"),
		BYTES("[1 2]"),
		BYTES("[1}"),
		BYTES("{\"a\":1]"),
		BYTES("[\v1]"),
		BYTES("{"),
		BYTES("["),
		BYTES("{\"a\":\"\xFF\"}"),
		BYTES("{\"a\":\"\xC0\x80\"}"),
		BYTES("{\"a\":\"\xED\xA0\x80\"}"),
		BYTES("{\"a\":\"\\ud800\"}"),
		BYTES("{\"\xFF\":1}"),
		BYTES("\xEF\xBB\xBF{}"),
		BYTES("{\"a\":\""),
		BYTES("{\"a\":\"\\"),
		BYTES("]]]]{}"),
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct err err = { 0 };

		assert_null(json_parse(cases[i], &err));
		assert_int_equal(err.kind, ERR_INPUT);
		assert_true(strncmp(err.message, "line ", 5) == 0);
		assert_null(json_parse(cases[i], NULL));
	}
}

static void each_kind_of_value_is_told(void **state)
{
	static const char json[] =
		" {\"text\":\"a\\\"\\\\\\/\\b\\f\\n\\r\\t\\u0416\\u20b8\\ud83d\\ude00\\u007f\","
		"\t\"least\" : -9223372036854775808 ,\n\"most\":9223372036854775807,"
		"\"zero\":-0,\"reals\":[0.5,-1e400,2E+3,3e-7],\"\\u0061b\":true,"
		"\"no\":false,\"none\":null,\"empty\":{},\"void\":[],\"\":\"\"}\r\n";
	struct json_value *root = json_parse(text_of(json), NULL);
	const struct json_value *reals = json_find(root, "reals");
	static const char *const written[] = { "0.5", "-1e400", "2E+3", "3e-7" };
	size_t i = 0;

	(void)state;
	assert_non_null(root);
	assert_int_equal(root->count, 11);
	assert_string_equal(json_find(root, "text")->text.bytes,
		"a\"\\/\b\f\n\r\t\xD0\x96\xE2\x82\xB8\xF0\x9F\x98\x80\x7F");
	assert_true(json_find(root, "least")->integer == INT64_MIN);
	assert_true(json_find(root, "most")->integer == INT64_MAX);
	assert_int_equal(json_find(root, "zero")->kind, JSON_KIND_INTEGER);
	assert_int_equal(json_find(root, "zero")->integer, 0);
	assert_int_equal(reals->count, 4);
	for (const struct json_value *real = reals->first; real != NULL; real = real->next) {
		assert_int_equal(real->kind, JSON_KIND_REAL);
		assert_string_equal(real->text.bytes, written[i++]);
	}
	assert_string_equal(json_find(root, "zero")->text.bytes, "-0");
	assert_string_equal(json_find(root, "most")->text.bytes, "9223372036854775807");
	assert_int_equal(json_find(root, "ab")->kind, JSON_KIND_TRUE);
	assert_int_equal(json_find(root, "no")->kind, JSON_KIND_FALSE);
	assert_int_equal(json_find(root, "none")->kind, JSON_KIND_NULL);
	assert_int_equal(json_find(root, "empty")->kind, JSON_KIND_OBJECT);
	assert_int_equal(json_find(root, "void")->kind, JSON_KIND_ARRAY);
	assert_null(json_find(root, "void")->first);
	assert_int_equal(json_find(root, "")->text.size, 0);
	assert_null(json_find(root, "a"));
	assert_null(json_find(reals, "a"));
	assert_null(json_find(NULL, "a"));
	json_free(&root);
	assert_null(root);
	json_free(&root);
}

static void an_object_has_so_many_members_and_no_more(void **state)
{
	(void)state;
	for (int count = JSON_OBJECT_MAX; count <= JSON_OBJECT_MAX + 1; count++) {
		struct json_value *root;
		struct buffer b;

		buffer_init(&b, 1 << 16);
		for (int i = 0; i < count; i++) {
			buffer_printf(&b, "%c\"%d\":%d", i == 0 ? '{' : ',', i, i);
		}
		buffer_add_char(&b, '}');
		root = json_parse(buffer_text(&b), NULL);
		assert_int_equal(root != NULL, count == JSON_OBJECT_MAX);
		assert_true(root == NULL || json_find(root, "255")->integer == 255);
		json_free(&root);
		buffer_done(&b);
	}
}

static void a_complaint_does_not_quote_the_input(void **state)
{
	struct err err = { 0 };

	(void)state;
	assert_null(json_parse(TEXT("{\"name\":\n\"Aliya\" \"Aliya\"}"), &err));
	assert_null(strstr(err.message, "Aliya"));
	assert_true(strncmp(err.message, "line 2, column ", 15) == 0);
	assert_null(json_parse(TEXT("{\"Aliya\":1,\"Aliya\":2}"), &err));
	assert_null(strstr(err.message, "Aliya"));
}

static struct text nested(int depth, char bytes[64])
{
	memset(bytes, '[', (size_t)depth);
	memset(bytes + depth, ']', (size_t)depth);
	return (struct text){ .bytes = bytes, .size = 2 * (size_t)depth };
}

static void nesting_is_taken_up_to_the_limit(void **state)
{
	struct err err = { 0 };
	char bytes[64];
	struct json_value *value = json_parse(nested(JSON_DEPTH_MAX, bytes), &err);

	(void)state;
	assert_non_null(value);
	json_free(&value);
	assert_null(json_parse(nested(JSON_DEPTH_MAX + 1, bytes), &err));
	assert_int_equal(err.kind, ERR_LIMIT);
	/* Brackets in strings do not nest, nor does a quoted quotation mark end one. */
	value = json_parse(TEXT("[\"[[[[[[[[[[[[[[[[[[\\\"[[[[[[[[[[[[[[[[[[[\\\\\"]"), &err);
	assert_non_null(value);
	json_free(&value);
	value = json_parse(TEXT("[[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],{}]"),
		&err);
	assert_non_null(value);
	json_free(&value);
}

static void values_are_taken_up_to_the_limit(void **state)
{
	enum { VALUES_MAX = 100000 };
	static const size_t end = 2 * (size_t)(VALUES_MAX - 1);
	static char bytes[2 * VALUES_MAX + 1];
	struct err err = { 0 };
	struct json_value *value;

	(void)state;
	for (size_t i = 0; i < VALUES_MAX; i++) {
		bytes[2 * i] = i == 0 ? '[' : ',';
		bytes[2 * i + 1] = '0';
	}
	/* The array itself is one of them. */
	bytes[end] = ']';
	value = json_parse((struct text){ bytes, end + 1 }, &err);
	assert_non_null(value);
	assert_int_equal(value->count, VALUES_MAX - 1);
	json_free(&value);
	bytes[end] = ',';
	bytes[sizeof(bytes) - 1] = ']';
	assert_null(json_parse((struct text){ bytes, sizeof(bytes) }, &err));
	assert_int_equal(err.kind, ERR_LIMIT);
	assert_string_equal(err.message, "more than 100000 values");
}

/* ---- reading ---- */

/* One object under test and all that reading it needs. */
struct reading {
	struct json_value *value;
	struct json_problem problem;
	struct json_reader reader;
};

static void read_begin(struct reading *g, const char *json)
{
	struct err err = { 0 };

	memset(g, 0, sizeof(*g));
	g->value = json_parse(text_of(json), &err);
	assert_non_null(g->value);
	json_reader_init(&g->reader, g->value, "", &g->problem);
}

/* Expects the fault at the path; JSON_FINE and "" when there is to be none. */
static void read_end(struct reading *g, enum json_fault fault, const char *path)
{
	assert_int_equal(json_reader_end(&g->reader), fault == JSON_FINE);
	assert_int_equal(g->problem.fault, fault);
	assert_string_equal(g->problem.path, path);
	json_free(&g->value);
}

static void every_kind_of_member_is_read(void **state)
{
	struct reading g;
	struct json_reader inner;
	struct text text = { 0 };
	int64_t integer = 0;
	bool boolean = false;
	int32_t day = 0;
	int64_t seconds = 0;
	struct money money = { 0 };
	const struct json_value *array = NULL;

	(void)state;
	read_begin(&g, "{\"text\":\"\\u0430лым\",\"integer\":-7,\"boolean\":true,"
		       "\"date\":\"2026-01-01\",\"time\":\"2026-01-01T00:00:00+05:00\","
		       "\"money\":{\"amount\":12975000,\"currency\":\"KZT\"},\"array\":[1,2],"
		       "\"object\":{\"in\":1}}");
	json_take_text(&g.reader, "text", JSON_REQUIRED, 8, &text);
	json_take_integer(&g.reader, "integer", JSON_REQUIRED, -7, 0, &integer);
	json_take_boolean(&g.reader, "boolean", JSON_REQUIRED, &boolean);
	json_take_date(&g.reader, "date", JSON_REQUIRED, &day);
	json_take_time(&g.reader, "time", JSON_REQUIRED, &seconds);
	json_take_money(&g.reader, "money", JSON_REQUIRED, &money);
	json_take_array(&g.reader, "array", JSON_REQUIRED, 2, &array);
	json_take_object(&g.reader, "object", JSON_REQUIRED, &inner);
	assert_true(text_is(text, "алым"));
	assert_int_equal(integer, -7);
	assert_true(boolean);
	assert_int_equal(day, 20454);
	assert_int_equal(seconds, 1767207600);
	assert_int_equal(money.minor, 12975000);
	assert_string_equal(money.currency, "KZT");
	assert_int_equal(array->count, 2);
	assert_string_equal(inner.path, "object");
	json_take_integer(&inner, "in", JSON_REQUIRED, 1, 1, &integer);
	assert_true(json_reader_end(&inner));
	read_end(&g, JSON_FINE, "");
}

static void absent_optional_members_leave_the_output_alone(void **state)
{
	struct reading g;
	struct json_reader inner;
	struct text text = TEXT("as it was");
	int64_t integer = 42;
	bool boolean = true;
	int32_t day = 42;
	struct money money = money_of(42, "USD");
	const struct json_value *array = NULL;

	(void)state;
	read_begin(&g, "{}");
	json_take_text(&g.reader, "a", JSON_OPTIONAL, 9, &text);
	json_take_integer(&g.reader, "a", JSON_OPTIONAL, 0, 0, &integer);
	json_take_boolean(&g.reader, "a", JSON_OPTIONAL, &boolean);
	json_take_date(&g.reader, "a", JSON_OPTIONAL, &day);
	json_take_time(&g.reader, "a", JSON_OPTIONAL, &integer);
	json_take_money(&g.reader, "a", JSON_OPTIONAL, &money);
	json_take_array(&g.reader, "a", JSON_OPTIONAL, 0, &array);
	json_take_object(&g.reader, "a", JSON_OPTIONAL, &inner);
	/* What an absent object requires is not missing. */
	json_take_integer(&inner, "b", JSON_REQUIRED, 0, 0, &integer);
	assert_true(json_reader_end(&inner));
	assert_true(text_is(text, "as it was"));
	assert_int_equal(integer, 42);
	assert_true(boolean);
	assert_int_equal(day, 42);
	assert_int_equal(money.minor, 42);
	assert_string_equal(money.currency, "USD");
	assert_null(array);
	read_end(&g, JSON_FINE, "");
}

enum kind { TEXT_KIND, INTEGER, BOOLEAN, DATE, TIME, MONEY, OBJECT, ARRAY };

/* Takes the required member "m" as that kind, within small limits: text of 4, integers -5..5,
 * arrays of 2. */
static void take(struct json_reader *r, enum kind kind)
{
	struct json_reader inner;
	struct text text;
	int64_t integer;
	bool boolean;
	int32_t day;
	struct money money;
	const struct json_value *array;

	switch (kind) {
	case TEXT_KIND:
		json_take_text(r, "m", JSON_REQUIRED, 4, &text);
		break;
	case INTEGER:
		json_take_integer(r, "m", JSON_REQUIRED, -5, 5, &integer);
		break;
	case BOOLEAN:
		json_take_boolean(r, "m", JSON_REQUIRED, &boolean);
		break;
	case DATE:
		json_take_date(r, "m", JSON_REQUIRED, &day);
		break;
	case TIME:
		json_take_time(r, "m", JSON_REQUIRED, &integer);
		break;
	case MONEY:
		json_take_money(r, "m", JSON_REQUIRED, &money);
		break;
	case OBJECT:
		json_take_object(r, "m", JSON_REQUIRED, &inner);
		break;
	case ARRAY:
		json_take_array(r, "m", JSON_REQUIRED, 2, &array);
		break;
	}
}

static void members_are_judged_by_their_path(void **state)
{
	static const struct {
		const char *json;
		enum kind kind;
		enum json_fault fault;
		const char *path;
	} cases[] = {
		{ "{}", TEXT_KIND, JSON_MISSING, "m" },
		{ "{\"m\":null}", TEXT_KIND, JSON_WRONG, "m" },
		{ "{\"m\":1}", TEXT_KIND, JSON_WRONG, "m" },
		{ "{\"m\":\"\"}", TEXT_KIND, JSON_WRONG, "m" },
		{ "{\"m\":\"abcd\"}", TEXT_KIND, JSON_FINE, "" },
		{ "{\"m\":\"abcde\"}", TEXT_KIND, JSON_WRONG, "m" },
		{ "{\"m\":\"a\\nb\"}", TEXT_KIND, JSON_WRONG, "m" },
		{ "{\"m\":\"\\u007f\"}", TEXT_KIND, JSON_WRONG, "m" },
		{ "{\"m\":\"\\u0080\"}", TEXT_KIND, JSON_WRONG, "m" },
		{ "{\"m\":\"\\u009f\"}", TEXT_KIND, JSON_WRONG, "m" },
		{ "{\"m\":\"\\u00a0\"}", TEXT_KIND, JSON_FINE, "" },
		{ "{\"m\":5}", INTEGER, JSON_FINE, "" },
		{ "{\"m\":-5}", INTEGER, JSON_FINE, "" },
		{ "{\"m\":6}", INTEGER, JSON_WRONG, "m" },
		{ "{\"m\":-6}", INTEGER, JSON_WRONG, "m" },
		{ "{\"m\":1.0}", INTEGER, JSON_WRONG, "m" },
		{ "{\"m\":1e0}", INTEGER, JSON_WRONG, "m" },
		{ "{\"m\":\"1\"}", INTEGER, JSON_WRONG, "m" },
		{ "{\"m\":true}", INTEGER, JSON_WRONG, "m" },
		{ "{\"m\":false}", BOOLEAN, JSON_FINE, "" },
		{ "{\"m\":0}", BOOLEAN, JSON_WRONG, "m" },
		{ "{\"m\":\"2025-02-29\"}", DATE, JSON_WRONG, "m" },
		{ "{\"m\":20250228}", DATE, JSON_WRONG, "m" },
		{ "{\"m\":\"2025-02-28\"}", TIME, JSON_WRONG, "m" },
		{ "{\"m\":0}", TIME, JSON_WRONG, "m" },
		{ "{\"m\":{}}", OBJECT, JSON_FINE, "" },
		{ "{\"m\":[]}", OBJECT, JSON_WRONG, "m" },
		{ "{\"m\":[1,2]}", ARRAY, JSON_FINE, "" },
		{ "{\"m\":[1,2,3]}", ARRAY, JSON_WRONG, "m" },
		{ "{\"m\":{}}", ARRAY, JSON_WRONG, "m" },
		{ "{\"m\":7}", MONEY, JSON_WRONG, "m" },
		{ "{\"m\":{\"currency\":\"KZT\"}}", MONEY, JSON_MISSING, "m.amount" },
		{ "{\"m\":{\"amount\":1}}", MONEY, JSON_MISSING, "m.currency" },
		{ "{\"m\":{\"amount\":-1,\"currency\":\"KZT\"}}", MONEY, JSON_WRONG, "m.amount" },
		{ "{\"m\":{\"amount\":1.5,\"currency\":\"KZT\"}}", MONEY, JSON_WRONG, "m.amount" },
		{ "{\"m\":{\"amount\":9007199254740991,\"currency\":\"KZT\"}}", MONEY, JSON_FINE,
			"" },
		{ "{\"m\":{\"amount\":9007199254740992,\"currency\":\"KZT\"}}", MONEY, JSON_WRONG,
			"m.amount" },
		{ "{\"m\":{\"amount\":1,\"currency\":\"RUB\"}}", MONEY, JSON_WRONG, "m.currency" },
		{ "{\"m\":{\"amount\":1,\"currency\":\"KZTX\"}}", MONEY, JSON_WRONG, "m.currency" },
		{ "{\"m\":{\"amount\":1,\"currency\":\"KZT\",\"x\":0}}", MONEY, JSON_UNKNOWN,
			"m.x" },
		{ "{\"m\":1,\"n\":2}", INTEGER, JSON_UNKNOWN, "n" },
		{ "{\"o\":1,\"m\":1,\"n\":2}", INTEGER, JSON_UNKNOWN, "o" },
		{ "{\"m\":6,\"n\":2}", INTEGER, JSON_WRONG, "m" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct reading g;

		read_begin(&g, cases[i].json);
		take(&g.reader, cases[i].kind);
		read_end(&g, cases[i].fault, cases[i].path);
	}
}

static void the_first_complaint_sticks(void **state)
{
	struct reading g;
	int64_t integer = 42;

	(void)state;
	read_begin(&g, "{\"a\":1,\"b\":1}");
	json_complain(&g.reader, JSON_WRONG, "b", "is %s", "odd");
	json_complain(&g.reader, JSON_MISSING, "a", "is not heard");
	json_take_integer(&g.reader, "a", JSON_REQUIRED, 0, 9, &integer);
	assert_int_equal(integer, 42);
	assert_string_equal(g.problem.detail, "is odd");
	read_end(&g, JSON_WRONG, "b");
}

static void paths_lead_through_nested_objects(void **state)
{
	struct reading g;
	struct json_reader quote;
	struct json_reader applicant;
	int32_t day;

	(void)state;
	read_begin(&g, "{\"quote\":{\"applicant\":{\"birth_date\":\"yesterday\"}}}");
	json_take_object(&g.reader, "quote", JSON_REQUIRED, &quote);
	json_take_object(&quote, "applicant", JSON_REQUIRED, &applicant);
	json_take_date(&applicant, "birth_date", JSON_REQUIRED, &day);
	assert_string_equal(g.problem.detail, "must be a date, YYYY-MM-DD");
	read_end(&g, JSON_WRONG, "quote.applicant.birth_date");
}

static void what_should_be_an_object_is_complained_of(void **state)
{
	struct json_problem problem = { 0 };
	struct json_reader r;
	struct json_value *array = json_parse(TEXT("[1]"), NULL);

	(void)state;
	json_reader_init(&r, array->first, "lines[0]", &problem);
	assert_false(json_reader_end(&r));
	assert_int_equal(problem.fault, JSON_WRONG);
	assert_string_equal(problem.path, "lines[0]");
	assert_string_equal(problem.detail, "must be an object");
	json_free(&array);
}

static void a_long_path_is_cut_between_characters(void **state)
{
	struct json_problem problem = { 0 };
	struct json_reader r;
	struct buffer b;
	struct json_value *value;

	(void)state;
	buffer_init(&b, 1000);
	buffer_add_string(&b, "{\"x");
	for (int i = 0; i < 100; i++) {
		buffer_add_string(&b, "я");
	}
	buffer_add_string(&b, "\":1}");
	value = json_parse(buffer_text(&b), NULL);
	json_reader_init(&r, value, "a", &problem);
	assert_false(json_reader_end(&r));
	assert_int_equal(problem.fault, JSON_UNKNOWN);
	assert_int_equal(strlen(problem.path), 127); /* "a.x" and 62 times two */
	assert_true(text_is_utf8(text_of(problem.path)));
	json_free(&value);
	buffer_done(&b);
}

static void members_are_taken_up_to_the_limit(void **state)
{
	static char names[JSON_MEMBERS_MAX][8];
	struct json_problem problem = { 0 };
	struct json_reader r;
	struct buffer b;
	int64_t integer;
	struct json_value *value;

	(void)state;
	buffer_init(&b, 1000);
	for (int i = 0; i <= JSON_MEMBERS_MAX; i++) {
		buffer_printf(&b, "%s\"m%d\":1", i == 0 ? "{" : ",", i);
	}
	buffer_add_char(&b, '}');
	value = json_parse(buffer_text(&b), NULL);
	json_reader_init(&r, value, "", &problem);
	for (int i = 0; i < JSON_MEMBERS_MAX; i++) {
		(void)snprintf(names[i], sizeof(names[i]), "m%d", i);
		json_take_integer(&r, names[i], JSON_REQUIRED, 1, 1, &integer);
		json_take_integer(&r, names[i], JSON_REQUIRED, 1, 1, &integer); /* no harm */
	}
	assert_int_equal(problem.fault, JSON_FINE);
	assert_false(json_reader_end(&r));
	assert_string_equal(problem.path, "m32");
	json_free(&value);
	buffer_done(&b);
}

static void a_file_is_any_text(void **state)
{
	static const struct {
		const char *bytes;
		bool fine;
		const char *file;
	} rows[] = {
		{ "{\"m\":\"a\\n\\tb\"}", true, "a\n\tb" },
		{ "{\"m\":\"\"}", true, "" },
		{ "{\"m\":\"12345678\"}", true, "12345678" },
		{ "{\"m\":\"123456789\"}", false, NULL },
		{ "{\"m\":1}", false, NULL },
		{ "{}", false, NULL },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct json_problem problem = { 0 };
		struct json_reader r;
		struct json_value *value = json_parse(text_of(rows[i].bytes), NULL);
		struct text file = TEXT("x");

		json_reader_init(&r, value, "", &problem);
		json_take_file(&r, "m", JSON_REQUIRED, 8, &file);
		assert_int_equal(json_reader_end(&r), rows[i].fine);
		assert_true(text_is(file, rows[i].fine ? rows[i].file : "x"));
		json_free(&value);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_no_strict_json_is_refused),
		cmocka_unit_test(each_kind_of_value_is_told),
		cmocka_unit_test(an_object_has_so_many_members_and_no_more),
		cmocka_unit_test(a_complaint_does_not_quote_the_input),
		cmocka_unit_test(nesting_is_taken_up_to_the_limit),
		cmocka_unit_test(values_are_taken_up_to_the_limit),
		cmocka_unit_test(every_kind_of_member_is_read),
		cmocka_unit_test(absent_optional_members_leave_the_output_alone),
		cmocka_unit_test(members_are_judged_by_their_path),
		cmocka_unit_test(the_first_complaint_sticks),
		cmocka_unit_test(paths_lead_through_nested_objects),
		cmocka_unit_test(what_should_be_an_object_is_complained_of),
		cmocka_unit_test(a_long_path_is_cut_between_characters),
		cmocka_unit_test(a_file_is_any_text),
		cmocka_unit_test(members_are_taken_up_to_the_limit),
	};

	return cmocka_run_group_tests_name("base/json", tests, NULL, NULL);
}
