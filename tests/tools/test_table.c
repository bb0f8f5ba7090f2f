/* SPDX-License-Identifier: Apache-2.0 */
#include <jansson.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>

#include "tests/alym_test.h"
#include "tools/line.h"
#include "tools/member.h"
#include "tools/table.h"

enum { WRITTEN_MAX = 8192 };

/* What was written to a file in memory. */
struct written {
	FILE *file;
	char bytes[WRITTEN_MAX];
};

static void written_open(struct written *w)
{
	memset(w->bytes, 0, sizeof(w->bytes));
	w->file = fmemopen(w->bytes, sizeof(w->bytes), "w");
	assert_non_null(w->file);
}

static const char *written_close(struct written *w)
{
	assert_int_equal(fclose(w->file), 0);
	return w->bytes;
}

/* ---- widths ---- */

static void widths_are_columns_not_bytes(void **state)
{
	static const struct {
		const char *text;
		size_t width;
	} cases[] = {
		{ "", 0 }, { "abc", 3 }, { "Алым", 4 }, { "Қазақстан — ұлттық", 18 },
		{ "e\xCC\x81", 1 },        /* a combining accent */
		{ "\xE6\xBC\xA2", 2 },     /* a Chinese letter */
		{ "\xF0\x9F\x98\x80", 2 }, /* a face */
		{ "\xFF\xFE", 2 },         /* no UTF-8 */
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		assert_int_equal(line_width(text_of(cases[i].text)), cases[i].width);
	}
}

static void what_a_terminal_would_obey_is_replaced(void **state)
{
	static const struct {
		const char *text;
		const char *clean;
	} cases[] = {
		{ "plain Қ", "plain Қ" },
		{ "\x1B[31mred", "\xEF\xBF\xBD[31mred" },
		{ "a\r\tb\x07\x7F", "a\xEF\xBF\xBD\xEF\xBF\xBD"
				    "b\xEF\xBF\xBD\xEF\xBF\xBD" },
		{ "\xC2\x9B"
		  "31m",
			"\xEF\xBF\xBD"
			"31m" }, /* C1: another escape */
		{ "a\xE2\x80\xAE"
		  "b",
			"a\xEF\xBF\xBD"
			"b" }, /* right to left from here */
		{ "\xFF\xD0", "\xEF\xBF\xBD\xEF\xBF\xBD" },
		{ "a\nb", "a\xEF\xBF\xBD"
			  "b" },
	};
	struct buffer out;

	(void)state;
	buffer_init(&out, WRITTEN_MAX);
	for (size_t i = 0; i < COUNT(cases); i++) {
		buffer_reset(&out);
		line_clean(&out, text_of(cases[i].text), LINE_ENDS_REPLACED);
		assert_true(text_is(buffer_text(&out), cases[i].clean));
	}
	buffer_reset(&out);
	line_clean(&out, TEXT("a\nb\r"), LINE_ENDS_KEPT);
	assert_true(text_is(buffer_text(&out), "a\nb\xEF\xBF\xBD"));
	buffer_done(&out);
}

static void lines_break_at_spaces_else_between_letters(void **state)
{
	static const struct {
		const char *text;
		size_t width;
		const char *lines[6];
	} cases[] = {
		{ "one two three", 7, { "one two", "three" } },
		{ "one two three", 6, { "one", "two", "three" } },
		{ "one two three", 0, { "one two three" } },
		{ "мемлекеттік баж", 11, { "мемлекеттік", "баж" } },
		{ "мемлекеттік", 4, { "мемл", "екет", "тік" } },
		{ "a\n\nb c", 0, { "a", "", "b c" } },
		{ "ab   cd", 2, { "ab", "cd" } },
		{ "\xE6\xBC\xA2\xE6\xBC\xA2", 1, { "\xE6\xBC\xA2", "\xE6\xBC\xA2" } },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct text rest = text_of(cases[i].text);
		size_t count = 0;

		while (rest.size > 0) {
			struct text line = line_take(&rest, cases[i].width);

			assert_non_null(cases[i].lines[count]);
			assert_true(text_is(line, cases[i].lines[count]));
			count++;
		}
		assert_null(cases[i].lines[count]);
	}
}

/* ---- tables ---- */

static const struct table_column columns[] = {
	{ "Service", TABLE_LEFT, 0 },
	{ "Қызмет", TABLE_LEFT, 0 },
	{ "Due", TABLE_RIGHT, 0 },
};

static struct table *table_of_two(void)
{
	struct table *table = table_new(columns, COUNT(columns));

	table_add(table, TEXT("visa.exit"));
	table_add(table, TEXT("Шығу визасы"));
	table_add(table, TEXT("2 162.50 KZT"));
	table_add(table, TEXT("eta"));
	table_add(table, TEXT("Рұқсат"));
	table_add(table, TEXT("0.00 KZT"));
	return table;
}

static void a_table_is_aligned_by_what_is_seen(void **state)
{
	struct table *table = table_of_two();
	struct written w;

	(void)state;
	assert_int_equal(table_rows(table), 2);
	written_open(&w);
	table_write(table, TABLE_HEADED, 0, w.file);
	assert_string_equal(written_close(&w), "Service    Қызмет                Due\n"
					       "visa.exit  Шығу визасы  2 162.50 KZT\n"
					       "eta        Рұқсат           0.00 KZT\n");
	table_free(&table);
	assert_null(table);
}

static void a_table_continued_has_no_headings_and_keeps_its_columns(void **state)
{
	static const struct table_column wide[] = {
		{ "A", TABLE_LEFT, 5 },
		{ "B", TABLE_RIGHT, 4 },
	};
	struct table *table = table_new(wide, COUNT(wide));
	struct written w;

	(void)state;
	table_add(table, TEXT("x"));
	table_add(table, TEXT("1"));
	written_open(&w);
	table_write(table, TABLE_HEADED, 0, w.file);
	table_write(table, TABLE_CONTINUED, 0, w.file);
	assert_string_equal(written_close(&w), "A         B\n"
					       "x         1\n"
					       "x         1\n");
	table_free(&table);
}

static void a_narrow_terminal_gets_blocks_with_everything_in_them(void **state)
{
	struct table *table = table_of_two();
	struct written w;

	(void)state;
	written_open(&w);
	table_write(table, TABLE_HEADED, 35, w.file);
	assert_string_equal(written_close(&w), "Service  visa.exit\n"
					       "Қызмет   Шығу визасы\n"
					       "Due      2 162.50 KZT\n"
					       "\n"
					       "Service  eta\n"
					       "Қызмет   Рұқсат\n"
					       "Due      0.00 KZT\n");
	table_free(&table);
}

static void prose_gives_way_before_anything_else(void **state)
{
	static const struct table_column of_prose[] = {
		{ "Ground", TABLE_LEFT, 0 },
		{ "Why", TABLE_PROSE, 0 },
		{ "Sum", TABLE_RIGHT, 0 },
	};
	struct table *table = table_new(of_prose, COUNT(of_prose));
	struct written w;

	(void)state;
	table_add(table, TEXT("investor"));
	table_add(table, TEXT("the law names it for this action"));
	table_add(table, TEXT("0.00"));
	table_add(table, TEXT("funeral"));
	table_add(table, TEXT("not claimed"));
	table_add(table, TEXT(""));
	written_open(&w);
	table_write(table, TABLE_HEADED, 40, w.file); /* 24 columns are left for why */
	assert_string_equal(written_close(&w), "Ground    Why                        Sum\n"
					       "investor  the law names it for      0.00\n"
					       "          this action\n"
					       "funeral   not claimed\n");
	written_open(&w);
	table_write(table, TABLE_HEADED, 39, w.file);
	assert_string_equal(written_close(&w), "Ground  investor\n"
					       "Why     the law names it for this\n"
					       "        action\n"
					       "Sum     0.00\n"
					       "\n"
					       "Ground  funeral\n"
					       "Why     not claimed\n");
	table_free(&table);
}

static void a_table_as_wide_as_the_terminal_still_fits(void **state)
{
	struct table *table = table_of_two();
	struct written w;

	(void)state;
	written_open(&w);
	table_write(table, TABLE_HEADED, 36, w.file);
	assert_memory_equal(written_close(&w), "Service    ", 11);
	table_free(&table);
}

static void a_table_without_rows_has_its_headings(void **state)
{
	struct table *table = table_new(columns, COUNT(columns));
	struct written w;

	(void)state;
	written_open(&w);
	table_write(table, TABLE_HEADED, 0, w.file);
	assert_string_equal(written_close(&w), "Service  Қызмет  Due\n");
	table_free(&table);
}

static void a_long_value_goes_on_under_itself(void **state)
{
	struct written w;

	(void)state;
	written_open(&w);
	table_write_pair("Why", 6, TEXT("30 MRP for a visa, by the Tax Code"), 30, w.file);
	table_write_pair("Too long", 6, TEXT("x"), 30, w.file);
	table_write_pair("Empty", 6, TEXT(""), 30, w.file);
	assert_string_equal(written_close(&w), "Why     30 MRP for a visa, by\n"
					       "        the Tax Code\n"
					       "Too long\n"
					       "        x\n"
					       "Empty\n");
}

static void a_paragraph_is_broken_and_cleaned(void **state)
{
	struct written w;

	(void)state;
	written_open(&w);
	table_write_paragraph(TEXT("one two three four five six\nseven\x1B"), 2, 24, w.file);
	assert_string_equal(written_close(&w), "  one two three four\n"
					       "  five six\n"
					       "  seven\xEF\xBF\xBD\n");
}

/* ---- what the daemon says, in words ---- */

static void members_are_put_in_words(void **state)
{
	static const struct {
		const char *json;
		const char *words;
	} cases[] = {
		{ "{}", "" },
		{ "{\"m\":null}", "" },
		{ "{\"m\":\"text\"}", "text" },
		{ "{\"m\":12975000}", "12975000" },
		{ "{\"m\":true}", "yes" },
		{ "{\"m\":false}", "no" },
		{ "{\"m\":{\"amount\":12975000,\"currency\":\"KZT\"}}", "129 750.00 KZT" },
		{ "{\"m\":{\"amount\":0,\"currency\":\"USD\"}}", "0.00 USD" },
		{ "{\"m\":{\"amount\":-216250,\"currency\":\"KZT\"}}", "-2 162.50 KZT" },
		{ "{\"m\":{\"amount\":99999,\"currency\":\"EUR\"}}", "999.99 EUR" },
		{ "{\"m\":{\"amount\":100000,\"currency\":\"EUR\"}}", "1 000.00 EUR" },
		{ "{\"m\":{\"amount\":\"-922337203685477580\",\"currency\":\"KZT\"}}",
			"-9 223 372 036 854 775.80 KZT" },
		{ "{\"m\":{\"amount\":5,\"currency\":\"JPY\"}}", "5 minor units of JPY" },
		{ "{\"m\":{\"amount\":1.5,\"currency\":\"KZT\"}}", "amount 1.5, currency KZT" },
		{ "{\"m\":[\"unknown\",\"refunded\"]}", "unknown, refunded" },
		{ "{\"m\":[]}", "" },
		{ "{\"m\":{\"en\":\"due\",\"kk\":\"төлем\",\"ru\":\"сбор\"}}", "төлем" },
		{ "{\"m\":{\"rule\":\"never\",\"years\":3,\"none\":null}}", "rule never, years 3" },
		{ "{\"m\":{\"a\":{\"b\":1}}}", "a {\"b\":1}" },
	};
	struct buffer out;

	(void)state;
	buffer_init(&out, WRITTEN_MAX);
	for (size_t i = 0; i < COUNT(cases); i++) {
		json_t *object = json_loads(cases[i].json, 0, NULL);

		assert_non_null(object);
		assert_true(text_is(member_words(object, "m", "kk", &out), cases[i].words));
		json_decref(object);
	}
	buffer_done(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(widths_are_columns_not_bytes),
		cmocka_unit_test(what_a_terminal_would_obey_is_replaced),
		cmocka_unit_test(lines_break_at_spaces_else_between_letters),
		cmocka_unit_test(a_table_is_aligned_by_what_is_seen),
		cmocka_unit_test(a_table_continued_has_no_headings_and_keeps_its_columns),
		cmocka_unit_test(a_narrow_terminal_gets_blocks_with_everything_in_them),
		cmocka_unit_test(prose_gives_way_before_anything_else),
		cmocka_unit_test(a_table_as_wide_as_the_terminal_still_fits),
		cmocka_unit_test(a_table_without_rows_has_its_headings),
		cmocka_unit_test(a_long_value_goes_on_under_itself),
		cmocka_unit_test(a_paragraph_is_broken_and_cleaned),
		cmocka_unit_test(members_are_put_in_words),
	};

	if (setlocale(LC_CTYPE, "C.UTF-8") == NULL) { /* as main() does, for the widths */
		return EXIT_FAILURE;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
