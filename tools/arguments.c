/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/arguments.h"

#include <assert.h>
#include <inttypes.h>
#include <string.h>

#include "base/text.h"
#include "tools/command.h"

bool arguments_has(const struct arguments *arguments, enum option option)
{
	assert(option < OPTION_COUNT);

	return arguments->options[option].count > 0;
}

const char *arguments_value(const struct arguments *arguments, enum option option)
{
	return arguments_has(arguments, option) ? arguments->options[option].values[0] : NULL;
}

const char *arguments_word(const struct arguments *arguments, size_t i)
{
	return i < arguments->word_count ? arguments->words[i] : NULL;
}

bool arguments_integer(const struct arguments *arguments, enum option option, int64_t min,
	int64_t max, int64_t *value, struct err *err)
{
	const char *typed = arguments_value(arguments, option);
	int64_t number;

	if (typed == NULL) {
		return true;
	}
	if (!text_parse_integer(text_of(typed), &number) || number < min || number > max) {
		return err_set(err, ERR_INPUT,
			"--%s takes a whole number from %" PRId64 " to %" PRId64 ", not \"%s\"",
			option_row(option)->name, min, max, typed);
	}
	*value = number;
	return true;
}

static bool arguments_add_word(struct arguments *arguments, const char *word, struct err *err)
{
	if (arguments->command == NULL) {
		arguments->command = command_find(word);
		return arguments->command != NULL ||
		       err_set(err, ERR_INPUT, "there is no command \"%s\"", word);
	}
	if (arguments->word_count == arguments->command->words_max) {
		return err_set(err, ERR_INPUT, "one word too many: \"%s\"", word);
	}
	arguments->words[arguments->word_count++] = word;
	return true;
}

/* Takes the option at argv[*i], and its value there or in the word after it. */
static bool arguments_add_option(struct arguments *arguments, int argc, char *const argv[], int *i,
	struct err *err)
{
	const char *typed = argv[*i];
	const char *equals = strchr(typed, '=');
	struct text name = text_of(typed + 2);
	const struct option_row *row;
	const char *value = "";
	enum option option;
	size_t *count;

	if (equals != NULL) {
		name.size = (size_t)(equals - name.bytes);
	}
	option = option_find(name);
	if (option == OPTION_COUNT) {
		return err_set(err, ERR_INPUT, "there is no option --%.*s", TEXT_ARGS(name));
	}
	row = option_row(option);
	if (row->value == NULL && equals != NULL) {
		return err_set(err, ERR_INPUT, "--%s takes no value", row->name);
	}
	if (row->value != NULL && equals != NULL) {
		value = equals + 1;
	} else if (row->value != NULL) {
		if (*i + 1 == argc) {
			return err_set(err, ERR_INPUT, "--%s wants %s", row->name, row->value);
		}
		value = argv[++*i];
	}
	count = &arguments->options[option].count;
	if (*count == (row->repeat_max > 0 ? row->repeat_max : 1)) {
		return err_set(err, ERR_INPUT, "--%s is given too often", row->name);
	}
	arguments->options[option].values[(*count)++] = value;
	return true;
}

/* The command, wherever it stood, knows all the options. */
static bool arguments_belong(const struct arguments *arguments, struct err *err)
{
	uint64_t known = OPTION_GLOBAL;

	if (arguments->command != NULL) {
		known |= arguments->command->options;
	}
	for (enum option option = 0; option < OPTION_COUNT; option++) {
		if (arguments_has(arguments, option) && (known & OPTION_BIT(option)) == 0) {
			return err_set(err, ERR_INPUT, "--%s is no option of %s",
				option_row(option)->name,
				arguments->command != NULL ? arguments->command->name : "alymctl");
		}
	}
	return true;
}

bool arguments_parse(int argc, char *const argv[], struct arguments *arguments, struct err *err)
{
	bool options = true;

	assert(argc >= 1);

	*arguments = (struct arguments){ 0 };
	for (int i = 1; i < argc; i++) {
		const char *typed = argv[i];

		if (options && strcmp(typed, "--") == 0) {
			options = false;
		} else if (options && strcmp(typed, "-h") == 0) {
			arguments->options[OPTION_HELP].values[0] = "";
			arguments->options[OPTION_HELP].count = 1;
		} else if (options && typed[0] == '-' && typed[1] == '-') {
			if (!arguments_add_option(arguments, argc, argv, &i, err)) {
				return false;
			}
		} else if (options && typed[0] == '-' && typed[1] != '\0') {
			return err_set(err, ERR_INPUT, "options are long here: not %s", typed);
		} else if (!arguments_add_word(arguments, typed, err)) {
			return false;
		}
	}
	return arguments_belong(arguments, err);
}
