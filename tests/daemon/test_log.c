/* SPDX-License-Identifier: Apache-2.0 */

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/log.h"
#include "tests/alym_test.h"

#define NOW_MS INT64_C(1772357400125) /* 2026-03-01T09:30:00.125Z */
#define HEAD   "ts=2026-03-01T09:30:00.125Z level=info event=e"

/* The line with one member "k". */
static struct buffer line_of(struct text value)
{
	const struct ports_field field = { "k", value };
	struct buffer line;

	buffer_init(&line, LOG_LINE_MAX);
	log_format(&line, NOW_MS, PORTS_INFO, "e", &field, 1);
	return line;
}

struct written {
	struct text value;
	const char *line;
};

static void a_value_is_quoted_when_it_must_be(void **state)
{
	static const struct written cases[] = {
		{ { "plain-1.2/x:y", 13 }, HEAD " k=plain-1.2/x:y\n" },
		{ { "", 0 }, HEAD " k=\"\"\n" },
		{ { "two words", 9 }, HEAD " k=\"two words\"\n" },
		{ { "a=b", 3 }, HEAD " k=\"a=b\"\n" },
		{ { "say \"hi\" \\", 10 }, HEAD " k=\"say \\\"hi\\\" \\\\\"\n" },
		{ { "one\ntwo\r", 8 }, HEAD " k=\"one\\ntwo\\x0d\"\n" },
		{ { "nul\0end", 7 }, HEAD " k=\"nul\\x00end\"\n" },
		{ { "\xD0\xB0\xFF", 3 }, HEAD " k=\"\xD0\xB0\\xff\"\n" },
		{ { "\x1B[31m\x7F", 6 }, HEAD " k=\"\\x1b[31m\\x7f\"\n" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct buffer line = line_of(cases[i].value);

		assert_string_equal(line.bytes, cases[i].line);
		buffer_done(&line);
	}
}

static void a_line_is_never_longer_than_its_limit(void **state)
{
	static char bytes[3 * LOG_VALUE_MAX];
	struct ports_field fields[40];

	(void)state;
	for (int fill = 0; fill < 256; fill += 17) {
		for (size_t size = LOG_VALUE_MAX - 2; size < sizeof(bytes); size += 511) {
			struct buffer line;

			memset(bytes, fill, sizeof(bytes));
			for (size_t i = 0; i < COUNT(fields); i++) {
				fields[i] = (struct ports_field){ "name", { bytes, size } };
			}
			buffer_init(&line, LOG_LINE_MAX);
			log_format(&line, NOW_MS, PORTS_ERROR, "e", fields, COUNT(fields));
			assert_false(line.overflowed);
			assert_true(line.size <= LOG_LINE_MAX);
			assert_ptr_equal(memchr(line.bytes, '\n', line.size),
				line.bytes + line.size - 1);
			assert_non_null(strstr(line.bytes, " cut=true\n"));
			buffer_done(&line);
		}
	}
}

static void a_long_value_is_cut_and_marked(void **state)
{
	static char bytes[LOG_VALUE_MAX + 1];
	struct buffer line;

	(void)state;
	memset(bytes, 'v', sizeof(bytes));
	line = line_of((struct text){ bytes, LOG_VALUE_MAX });
	assert_null(strstr(line.bytes, "cut=true"));
	buffer_done(&line);
	line = line_of((struct text){ bytes, LOG_VALUE_MAX + 1 });
	assert_non_null(strstr(line.bytes, "v cut=true\n"));
	buffer_done(&line);
}

static void events_below_the_level_are_not_written(void **state)
{
	int ends[2];
	char out[4096];
	ssize_t size;

	(void)state;
	assert_int_equal(pipe(ends), 0);
	for (int level = PORTS_DEBUG; level <= PORTS_ERROR; level++) {
		const struct log log = { .fd = ends[1], .level = PORTS_WARNING };

		log_word(&log, (enum ports_level)level, "event", "name", "value");
	}
	(void)close(ends[1]);
	size = read(ends[0], out, sizeof(out) - 1);
	assert_true(size > 0);
	out[size] = '\0';
	assert_null(strstr(out, "level=debug"));
	assert_null(strstr(out, "level=info"));
	assert_non_null(strstr(out, "level=warning event=event name=value\n"));
	assert_non_null(strstr(out, "level=error event=event name=value\n"));
	(void)close(ends[0]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_value_is_quoted_when_it_must_be),
		cmocka_unit_test(a_line_is_never_longer_than_its_limit),
		cmocka_unit_test(a_long_value_is_cut_and_marked),
		cmocka_unit_test(events_below_the_level_are_not_written),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
