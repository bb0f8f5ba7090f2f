/* SPDX-License-Identifier: Apache-2.0 */

/*
 * arguments - what was typed, sorted by the table of commands; nothing is interpreted yet.
 *
 * Options stand anywhere, as "--name value" or "--name=value"; "--" ends them.  Everything points
 * into argv.
 */
#ifndef ALYM_TOOLS_ARGUMENTS_H
#define ALYM_TOOLS_ARGUMENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/err.h"
#include "tools/option.h"

enum {
	ARGUMENTS_WORDS_MAX = 1025, /* a word, and lists of rates for years */
	ARGUMENTS_REPEAT_MAX = 8,
};

struct command;

struct arguments {
	const struct command *command; /* NULL: none was named */
	const char *words[ARGUMENTS_WORDS_MAX];
	size_t word_count;
	struct {
		const char *values[ARGUMENTS_REPEAT_MAX]; /* "" of an option that takes nothing */
		size_t count;
	} options[OPTION_COUNT];
};

/*
 * False, with err, for an unknown command or option, a value missing or too many, an option given
 * too often or not of this command, too many words.  Too few words are for the command to refuse,
 * since --help may stand anywhere.
 */
bool arguments_parse(int argc, char *const argv[], struct arguments *arguments, struct err *err)
	MUST_USE;

bool arguments_has(const struct arguments *arguments, enum option option);

/* The value, or NULL when the option was not given. */
const char *arguments_value(const struct arguments *arguments, enum option option);

/* The word at that place, or NULL. */
const char *arguments_word(const struct arguments *arguments, size_t i);

/* Whole number from `min` to `max`; *value stays when the option was not given. */
bool arguments_integer(const struct arguments *arguments, enum option option, int64_t min,
	int64_t max, int64_t *value, struct err *err) MUST_USE;

#endif
