/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "tests/alym_test.h"
#include "tools/arguments.h"
#include "tools/command.h"

enum { WORDS_MAX = 24 };

/* Parses "alymctl" and the words up to NULL. */
static bool parses(const char *const *words, struct arguments *arguments, struct err *err)
{
	char name[] = "alymctl";
	char copies[WORDS_MAX][128];
	char *argv[WORDS_MAX + 1] = { name };
	int argc = 1;

	*err = (struct err){ 0 };
	for (; words[argc - 1] != NULL; argc++) {
		assert_true(
			text_copy(text_of(words[argc - 1]), copies[argc], sizeof(copies[argc])));
		argv[argc] = copies[argc];
	}
	/* What it finds points into `copies`, so it is looked at by name only. */
	return arguments_parse(argc, argv, arguments, err);
}

static void options_stand_anywhere(void **state)
{
	static const char *const orders[][WORDS_MAX] = {
		{ "--socket", "/s", "quote", "eta", "--quantity", "3", "--json", NULL },
		{ "quote", "--quantity=3", "--json", "eta", "--socket=/s", NULL },
		{ "--json", "--quantity", "3", "quote", "--socket", "/s", "--", "eta", NULL },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(orders); i++) {
		struct arguments arguments;
		struct err err;

		assert_true(parses(orders[i], &arguments, &err));
		assert_string_equal(arguments.command->name, "quote");
		assert_int_equal(arguments.word_count, 1);
		assert_true(arguments_has(&arguments, OPTION_JSON));
		assert_true(arguments_has(&arguments, OPTION_SOCKET));
		assert_true(arguments_has(&arguments, OPTION_QUANTITY));
		assert_false(arguments_has(&arguments, OPTION_LANG));
		assert_null(arguments_value(&arguments, OPTION_LANG));
		assert_null(arguments_word(&arguments, 1));
		assert_true(command_accepts(&arguments, &err));
	}
}

static void values_are_what_was_typed(void **state)
{
	char name[] = "alymctl";
	char quote[] = "quote";
	char service[] = "visa.exit";
	char first[] = "--claim=investor:MFA=1";
	char claim[] = "--claim";
	char second[] = "--claim";
	char empty[] = "--action=";
	char *argv[] = { name, quote, service, first, claim, second, empty };
	struct arguments arguments;
	struct err err = { 0 };

	(void)state;
	assert_true(arguments_parse(COUNT(argv), argv, &arguments, &err));
	assert_string_equal(arguments_word(&arguments, 0), "visa.exit");
	assert_int_equal(arguments.options[OPTION_CLAIM].count, 2);
	assert_string_equal(arguments.options[OPTION_CLAIM].values[0], "investor:MFA=1");
	assert_string_equal(arguments.options[OPTION_CLAIM].values[1], "--claim");
	assert_string_equal(arguments_value(&arguments, OPTION_ACTION), "");
}

static void what_makes_no_sense_is_refused(void **state)
{
	static const struct {
		const char *words[WORDS_MAX];
		const char *message;
	} cases[] = {
		{ { "quotes", NULL }, "there is no command \"quotes\"" },
		{ { "quote", "--actoin", "x", NULL }, "there is no option --actoin" },
		{ { "quote", "--=x", NULL }, "there is no option --" },
		{ { "quote", "-a", NULL }, "options are long here: not -a" },
		{ { "quote", "a", "b", NULL }, "one word too many: \"b\"" },
		{ { "status", "now", NULL }, "one word too many: \"now\"" },
		{ { "quote", "eta", "--date", NULL }, "--date wants YYYY-MM-DD" },
		{ { "quote", "eta", "--json=yes", NULL }, "--json takes no value" },
		{ { "quote", "eta", "--date=1", "--date=2", NULL }, "--date is given too often" },
		{ { "pay", "eta", "--date", "2026-01-01", NULL }, "--date is no option of pay" },
		{ { "--date=1", "pay", "eta", NULL }, "--date is no option of pay" },
		{ { "--follow", NULL }, "--follow is no option of alymctl" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct arguments arguments;
		struct err err;

		assert_false(parses(cases[i].words, &arguments, &err));
		assert_string_equal(err.message, cases[i].message);
	}
}

static void an_option_is_repeated_as_often_as_its_row_says(void **state)
{
	const char *words[WORDS_MAX] = { "quote", "eta" };
	struct arguments arguments;
	struct err err;
	size_t limit = option_row(OPTION_CLAIM)->repeat_max;

	(void)state;
	assert_true(limit <= ARGUMENTS_REPEAT_MAX);
	for (size_t i = 0; i < limit; i++) {
		words[2 + i] = "--claim=funeral";
	}
	assert_true(parses(words, &arguments, &err));
	words[2 + limit] = "--claim=funeral";
	assert_false(parses(words, &arguments, &err));
}

static void what_a_command_needs_is_asked_for(void **state)
{
	static const struct {
		const char *words[WORDS_MAX];
		bool accepted;
	} cases[] = {
		{ { "quote", NULL }, false },
		{ { "quote", "eta", NULL }, true },
		{ { "pay", "eta", NULL }, false },
		{ { "pay", "eta", "--reference=R", NULL }, true },
		{ { "fulfil", "p1-1", NULL }, false },
		{ { "fulfil", "p1-1", "performed", NULL }, true },
		{ { "attempt", NULL }, false },
		{ { "payment", NULL }, true },
		{ { "status", NULL }, true },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct arguments arguments;
		struct err err;

		assert_true(parses(cases[i].words, &arguments, &err));
		assert_int_equal(command_accepts(&arguments, &err), cases[i].accepted);
	}
}

static void integers_are_whole_and_in_range(void **state)
{
	static const struct {
		const char *typed;
		bool fine;
		int64_t value;
	} cases[] = {
		{ "--quantity=3", true, 3 }, { "--quantity=10", true, 10 },
		{ "--quantity=1", true, 1 }, { "--quantity=0", false, 0 },
		{ "--quantity=11", false, 0 }, { "--quantity=-1", false, 0 },
		{ "--quantity=1.5", false, 0 }, { "--quantity=", false, 0 },
		{ "--quantity=99999999999999999999", false, 0 },
		{ "--years=2", true, 7 }, /* not given: as it was */
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		char name[] = "alymctl";
		char quote[] = "quote";
		char typed[64];
		char *argv[] = { name, quote, typed };
		struct arguments arguments;
		struct err err = { 0 };
		int64_t value = 7;

		assert_true(text_copy(text_of(cases[i].typed), typed, sizeof(typed)));
		assert_true(arguments_parse(COUNT(argv), argv, &arguments, &err));
		assert_int_equal(arguments_integer(&arguments, OPTION_QUANTITY, 1, 10, &value,
					 &err),
			cases[i].fine);
		assert_int_equal(value, cases[i].fine ? cases[i].value : 7);
	}
}

/* ---- the tables ---- */

static void every_option_belongs_to_a_command(void **state)
{
	uint64_t used = OPTION_GLOBAL;

	(void)state;
	for (size_t i = 0; i < command_count(); i++) {
		const struct command *command = command_at(i);

		assert_ptr_equal(command_find(command->name), command);
		assert_int_equal(command->options & OPTION_GLOBAL, 0);
		assert_int_equal(command->required & ~command->options, 0);
		assert_true(command->words_min <= command->words_max);
		used |= command->options;
	}
	for (enum option option = 0; option < OPTION_COUNT; option++) {
		assert_true((used & OPTION_BIT(option)) != 0);
		assert_int_equal(option_find(text_of(option_row(option)->name)), option);
		assert_true(option_row(option)->repeat_max <= ARGUMENTS_REPEAT_MAX);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(options_stand_anywhere),
		cmocka_unit_test(values_are_what_was_typed),
		cmocka_unit_test(what_makes_no_sense_is_refused),
		cmocka_unit_test(an_option_is_repeated_as_often_as_its_row_says),
		cmocka_unit_test(what_a_command_needs_is_asked_for),
		cmocka_unit_test(integers_are_whole_and_in_range),
		cmocka_unit_test(every_option_belongs_to_a_command),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
