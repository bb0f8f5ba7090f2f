/* SPDX-License-Identifier: Apache-2.0 */

/*
 * log - one event a line, in logfmt, for people and for programs:
 *
 *     ts=2026-03-01T09:30:00.125Z level=info event=payment.paid payment=p1-42 gateway=rbs
 *
 * A value with a space, a quote, an equals sign or anything that does not print is quoted, and what
 * does not print is escaped: nothing from outside can begin a line of its own.  A line is written
 * by one write() and is at most LOG_LINE_MAX bytes; what does not fit is cut and marked.  What goes
 * into a line - no secrets, no card data, no persons - is the caller's business.
 */
#ifndef ALYM_DAEMON_LOG_H
#define ALYM_DAEMON_LOG_H

#include <stddef.h>
#include <stdint.h>

#include "base/text.h"
#include "daemon/ports.h"

enum {
	LOG_LINE_MAX =
		4096, /* with its newline: PIPE_BUF, so that lines of two writers never mix */
	LOG_VALUE_MAX = 1024, /* bytes of one value that are looked at */
};

struct log {
	int fd;
	enum ports_level level; /* below it nothing is written */
};

/* Writes the event, at the system's time.  A write that fails is forgotten: there is nowhere to
 * tell. */
void log_event(const struct log *log, enum ports_level level, const char *event,
	const struct ports_field *fields, size_t count);

/* The same with one member, or none when `value` is NULL. */
void log_word(const struct log *log, enum ports_level level, const char *event, const char *name,
	const char *value);

/* The line, with its newline, for that time; `line` takes at most LOG_LINE_MAX. */
void log_format(struct buffer *line, int64_t now_ms, enum ports_level level, const char *event,
	const struct ports_field *fields, size_t count);

#endif
