/* SPDX-License-Identifier: Apache-2.0 */

/* What is written for other programs, byte for byte; they themselves read it in tests/system. */
#include <stdio.h>
#include <string.h>

#include "base/date.h"
#include "daemon/export.h"
#include "tests/alym_test.h"

enum { OUT_MAX = 1 << 20, DAY = 20513 /* 2026-03-01 */ };

/* 2026-03-01 06:00 in UTC. */
#define BOOKED_AT INT64_C(1772344800)

static struct export_head head_of(int64_t entries)
{
	return (struct export_head){ .origin = "alym/0f3a9c21/1",
		.root = "ROOT=",
		.size = 9,
		.as_of_record = 8,
		.day_from = DATE_NONE,
		.day_until = DATE_NONE,
		.entries = entries };
}

static struct walk_entry entry_of(const char *gateway, const char *operation)
{
	struct walk_entry e = { .number = 3,
		.record = 7,
		.payment = 5,
		.generation = 1,
		.cause = KIND_CAPTURE,
		.reverses = 2,
		.booked_at = BOOKED_AT,
		.booked_day = DAY,
		.value_date = DAY - 1,
		.paid_on = DAY - 1,
		.lines = 2,
		.posting_count = 2 };

	memset(e.leaf.bytes, 0xab, sizeof(e.leaf.bytes));
	(void)snprintf(e.gateway, sizeof(e.gateway), "%s", gateway);
	(void)snprintf(e.operation, sizeof(e.operation), "%s", operation);
	e.postings[0] = (struct walk_posting){ .account = 1,
		.type = KIND_ASSET,
		.amount = money_of(INT64_C(9007199254740993), "KZT") };
	e.postings[1] = (struct walk_posting){ .account = 2,
		.type = KIND_INCOME,
		.amount = money_of(-INT64_C(9007199254740993), "KZT") };
	(void)snprintf(e.postings[0].name, sizeof(e.postings[0].name), "clearing:sandbox");
	(void)snprintf(e.postings[1].name, sizeof(e.postings[1].name), "fee:visa.exit:108126");
	return e;
}

static void export_all(enum export_format format, const struct walk_entry *entry, size_t count,
	struct buffer *out)
{
	struct export_head head = head_of((int64_t)count);
	struct export *export = export_new(format, &head);

	export_begin(export, out);
	for (size_t i = 0; i < count; i++) {
		export_entry(export, entry, out);
	}
	while (!export_end(export, out)) {
	}
	assert_false(out->overflowed);
	export_free(&export);
}

#define LEAF "abababababababababababababababababababababababababababababababab"

static void each_format_has_the_whole_entry(void **state)
{
	static const char *const expected[] = {
		[EXPORT_HLEDGER] = "commodity 100.00 KZT\n\n"
				   "account clearing:sandbox  ; type:A\n\n"
				   "account fee:visa.exit:108126  ; type:R\n\n"
				   "2026-03-01=2026-02-28 * (3) capture\n"
				   "    ; record: 7\n    ; leaf: " LEAF
				   "\n    ; reverses: 2\n    ; payment: p1-5\n"
				   "    ; gateway: sandbox\n    ; operation: op-1\n"
				   "    ; booked: 2026-03-01T06:00:00Z\n    ; paid_on: 2026-02-28\n"
				   "    clearing:sandbox  90071992547409.93 KZT\n"
				   "    fee:visa.exit:108126  -90071992547409.93 KZT\n\n"
				   "; end of 1 entries, as of record 8, "
				   "checkpoint of 9 records, root ROOT=, of alym/0f3a9c21/1\n",
		[EXPORT_LEDGER] = "commodity KZT\n    format 100.00 KZT\n\n"
				  "account clearing:sandbox\n    note asset\n\n"
				  "account fee:visa.exit:108126\n    note income\n\n"
				  "2026-03-01=2026-02-28 * (3) capture\n"
				  "    ; record: 7\n    ; leaf: " LEAF
				  "\n    ; reverses: 2\n    ; payment: p1-5\n"
				  "    ; gateway: sandbox\n    ; operation: op-1\n"
				  "    ; booked: 2026-03-01T06:00:00Z\n    ; paid_on: 2026-02-28\n"
				  "    clearing:sandbox  90071992547409.93 KZT\n"
				  "    fee:visa.exit:108126  -90071992547409.93 KZT\n\n"
				  "; end of 1 entries, as of record 8, "
				  "checkpoint of 9 records, root ROOT=, of alym/0f3a9c21/1\n",
		[EXPORT_BEANCOUNT] =
			"2026-03-01 * \"capture\"\n"
			"  entry: \"3\"\n  value: 2026-02-28\n"
			"  record: \"7\"\n  leaf: \"" LEAF
			"\"\n  reverses: \"2\"\n  payment: \"p1-5\"\n"
			"  gateway: \"sandbox\"\n  operation: \"op-1\"\n"
			"  booked: \"2026-03-01T06:00:00Z\"\n  paid_on: \"2026-02-28\"\n"
			"  Assets:Clearing:Sandbox  90071992547409.93 KZT\n"
			"  Income:Fee:Visa-Exit:108126  -90071992547409.93 KZT\n\n"
			"2026-03-01 commodity KZT\n\n"
			"2026-03-01 open Assets:Clearing:Sandbox KZT\n"
			"2026-03-01 open Income:Fee:Visa-Exit:108126 KZT\n"
			"; end of 1 entries, as of record 8, "
			"checkpoint of 9 records, root ROOT=, of alym/0f3a9c21/1\n",
		[EXPORT_CSV] =
			"begin,1,8,,,,,,,,,,"
			"\"checkpoint of 9 records, root ROOT=, of alym/0f3a9c21/1\",,,,\r\n"
			"posting,3,7," LEAF ",2026-03-01T06:00:00Z,2026-03-01,2026-02-28,"
			"2026-02-28,capture,2,p1-5,\"sandbox\",\"op-1\",\"clearing:sandbox\",asset,"
			"KZT,90071992547409.93\r\n"
			"posting,3,7," LEAF ",2026-03-01T06:00:00Z,2026-03-01,2026-02-28,"
			"2026-02-28,capture,2,p1-5,\"sandbox\",\"op-1\",\"fee:visa.exit:108126\","
			"income,KZT,-90071992547409.93\r\n"
			"end,1,8,,,,,,,,,,"
			"\"checkpoint of 9 records, root ROOT=, of alym/0f3a9c21/1\",,,,\r\n",
	};
	const struct walk_entry entry = entry_of("sandbox", "op-1");

	(void)state;
	for (size_t i = 0; i < COUNT(expected); i++) {
		struct buffer out;

		buffer_init(&out, OUT_MAX);
		export_all((enum export_format)i, &entry, 1, &out);
		assert_true(out.size > strlen(expected[i]));
		assert_string_equal(out.bytes + out.size - strlen(expected[i]), expected[i]);
		buffer_done(&out);
	}
}

/* What is declared is declared once, however many entries there are. */
static void an_account_is_declared_once(void **state)
{
	const struct walk_entry entry = entry_of("sandbox", "op-1");
	static const char *const words[] = { "\naccount clearing:sandbox",
		"\naccount clearing:sandbox", " open Assets:Clearing:Sandbox" };

	(void)state;
	for (size_t i = 0; i < COUNT(words); i++) {
		struct buffer out;
		const char *at;

		buffer_init(&out, OUT_MAX);
		export_all((enum export_format)i, &entry, 100, &out);
		at = strstr(out.bytes, words[i]);
		assert_non_null(at);
		assert_null(strstr(at + 1, words[i]));
		assert_non_null(strstr(out.bytes, "; end of 100 entries,"));
		buffer_done(&out);
	}
}

static int lines_of(const struct buffer *out)
{
	int lines = 0;

	for (size_t i = 0; i < out->size; i++) {
		lines += out->bytes[i] == '\n' ? 1 : 0;
	}
	return lines;
}

/* Whatever a bank calls its operation, there are as many lines, quotes and tags as else. */
static void hostile_bytes_stay_where_they_are(void **state)
{
	static const char *const hostile[] = { "a\n2026-01-01 open X", "a\"b", "a\\", "a; b: c",
		"a, date:2020-01-01", "[=2020-01-01]", "\r\n", "\"\"\"", "%0A", "\xd0\xb6" };

	(void)state;
	for (size_t format = 0; format < EXPORT_CSV; format++) {
		const struct walk_entry tame = entry_of("g", "o");
		struct buffer plain;

		buffer_init(&plain, OUT_MAX);
		export_all((enum export_format)format, &tame, 1, &plain);
		for (size_t i = 0; i < COUNT(hostile); i++) {
			const struct walk_entry entry = entry_of(hostile[i], hostile[i]);
			struct buffer out;

			buffer_init(&out, OUT_MAX);
			export_all((enum export_format)format, &entry, 1, &out);
			assert_int_equal(lines_of(&out), lines_of(&plain));
			assert_null(strstr(out.bytes, hostile[i]));
			buffer_done(&out);
		}
		buffer_done(&plain);
	}
}

static void a_table_has_them_as_they_are(void **state)
{
	const struct walk_entry entry = entry_of("sandbox", "a\"b,\r\n=c");
	struct buffer out;

	(void)state;
	buffer_init(&out, OUT_MAX);
	export_all(EXPORT_CSV, &entry, 1, &out);
	assert_non_null(strstr(out.bytes, ",\"sandbox\",\"a\"\"b,\r\n=c\",\"clearing:sandbox\","));
	buffer_done(&out);
}

/* By a bank, in its operation's name. */
static void no_text_of_a_table_is_a_formula(void **state)
{
	static const struct {
		const char *operation;
		const char *field;
	} rows[] = {
		{ "=cmd|' /C calc'!A0", ",\"'=cmd|' /C calc'!A0\"," },
		{ "+1", ",\"'+1\"," },
		{ "-1", ",\"'-1\"," },
		{ "@SUM(A1)", ",\"'@SUM(A1)\"," },
		{ "\t=1", ",\"'\t=1\"," },
		{ "\r=1", ",\"'\r=1\"," },
		{ "\n=1", ",\"'\n=1\"," },
		{ "'=1", ",\"''=1\"," },
		{ "1=1", ",\"1=1\"," },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct walk_entry entry = entry_of("sandbox", rows[i].operation);
		struct buffer out;

		buffer_init(&out, OUT_MAX);
		export_all(EXPORT_CSV, &entry, 1, &out);
		assert_non_null(strstr(out.bytes, rows[i].field));
		buffer_done(&out);
	}
}

static void names_are_spelled_so_that_they_can_be_read_back(void **state)
{
	static const struct {
		const char *name;
		const char *journal;
		const char *beancount;
	} rows[] = {
		{ "fee:visa.multiple:108126", "fee:visa.multiple:108126",
			"Income:Fee:Visa-Multiple:108126" },
		{ "fee:visa.entry-exit:unassigned", "fee:visa.entry-exit:unassigned",
			"Income:Fee:Visa-Entry-exit:Unassigned" },
		{ "relief:child-under-16", "relief:child-under-16",
			"Income:Relief:Child-under-16" },
		{ "clearing:a_b", "clearing:a_b", "Income:Clearing:AQ5fb" },
		{ "clearing:a-_b", "clearing:a-_b", "Income:Clearing:AQ2dQ5fb" },
		{ "clearing:a--b", "clearing:a--b", "Income:Clearing:AQ2d-b" },
		{ "clearing:a-.b", "clearing:a-.b", "Income:Clearing:A--B" },
		{ "clearing:a.9", "clearing:a.9", "Income:Clearing:AQ2e9" },
		{ "clearing:A", "clearing:A", "Income:Clearing:Q41" },
		{ "clearing:q5f", "clearing:q5f", "Income:Clearing:Q715f" },
		{ "clearing:x.q5f", "clearing:x.q5f", "Income:Clearing:X-Q5f" },
		{ "clearing:9", "clearing:9", "Income:Clearing:9" },
		{ "clearing:-", "clearing:-", "Income:Clearing:Q2d" },
		{ "clearing:a-", "clearing:a-", "Income:Clearing:A-" },
		{ "a b;c\n", "a%20b%3Bc%0A", "Income:AQ20bQ3bcQ0a" },
		{ "\xd0\xb6", "%D0%B6", "Income:Qd0Qb6" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct buffer out;

		buffer_init(&out, OUT_MAX);
		export_name_journal(text_of(rows[i].name), &out);
		assert_string_equal(out.bytes, rows[i].journal);
		buffer_reset(&out);
		export_name_beancount(KIND_CONTRA_INCOME, text_of(rows[i].name), &out);
		assert_string_equal(out.bytes, rows[i].beancount);
		buffer_done(&out);
	}
}

static void the_names_of_formats(void **state)
{
	enum export_format format = EXPORT_CSV;

	(void)state;
	assert_true(export_format_parse(TEXT("hledger"), &format));
	assert_int_equal(format, EXPORT_HLEDGER);
	assert_true(export_format_parse(TEXT("csv"), &format));
	assert_int_equal(format, EXPORT_CSV);
	assert_false(export_format_parse(TEXT("CSV"), &format));
	assert_false(export_format_parse(TEXT(""), &format));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_format_has_the_whole_entry),
		cmocka_unit_test(an_account_is_declared_once),
		cmocka_unit_test(hostile_bytes_stay_where_they_are),
		cmocka_unit_test(a_table_has_them_as_they_are),
		cmocka_unit_test(no_text_of_a_table_is_a_formula),
		cmocka_unit_test(names_are_spelled_so_that_they_can_be_read_back),
		cmocka_unit_test(the_names_of_formats),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
