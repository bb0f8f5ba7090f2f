/* SPDX-License-Identifier: Apache-2.0 */

/*
 * inifile - the lines of an INI file, each with its number, and nothing that could be read in two
 * ways.
 *
 * inih does the splitting; what it would swallow silently - long lines, indented lines that go on
 * with the value above, comments behind a value, sections without keys - is refused before it sees
 * it.  Which sections and keys there are it does not know.
 */
#ifndef ALYM_DAEMON_INIFILE_H
#define ALYM_DAEMON_INIFILE_H

#include <stdbool.h>

#include "base/attr.h"
#include "base/err.h"
#include "base/text.h"

enum {
	INIFILE_LINE_MAX = 190,   /* bytes; inih cuts at 199 */
	INIFILE_SECTION_MAX = 48, /* bytes of what stands in the brackets; inih cuts at 49 */
	INIFILE_KEY_MAX = 48,
};

/* Both return false with err when they do not like what they are given; reading stops there. */
struct inifile_reader {
	bool (*section)(void *context, const char *section, int line, struct err *err);
	bool (*value)(void *context, const char *key, const char *value, int line, struct err *err);
	void *context;
};

/* Fills err with "file:line: what is wrong; what to do" and returns false. */
bool inifile_complain(struct err *err, const char *file, int line, const char *format, ...)
	PRINTF_LIKE(4, 5);

/*
 * Puts "file:line: " before what err says, and returns false.  A line of 0 is none: the fault is in
 * something the file does not name.
 */
bool inifile_blame(struct err *err, const char *file, int line);

/* Hands every section and value to the reader.  `file` is for messages. */
bool inifile_read(const char *file, struct text bytes, const struct inifile_reader *reader,
	struct err *err) MUST_USE;

#endif
