/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/log.h"

#include <assert.h>
#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/date.h"

enum {
	LOG_ESCAPED_MAX = 4, /* "\xNN" of one byte */
	LOG_TAIL_SIZE = 16,  /* room kept for the mark of a line that was cut */
};

static const char log_cut[] = " cut=true";

_Static_assert(sizeof(log_cut) + 1 <= LOG_TAIL_SIZE, "the mark and the newline fit the tail");

static const char *const log_levels[] = {
	[PORTS_DEBUG] = "debug",
	[PORTS_INFO] = "info",
	[PORTS_WARNING] = "warning",
	[PORTS_ERROR] = "error",
};

static const char *log_level_name(enum ports_level level)
{
	assert(level <= PORTS_ERROR);

	return log_levels[level];
}

static bool log_is_plain(struct text value)
{
	for (size_t i = 0; i < value.size; i++) {
		char c = value.bytes[i];

		if (c <= ' ' || c > '~' || c == '"' || c == '=' || c == '\\') {
			return false;
		}
	}
	return value.size > 0;
}

/* One character of a quoted value, and how many bytes of it were taken. */
static size_t log_escape(struct buffer *line, struct text rest)
{
	size_t size = text_utf8_size(rest);
	unsigned char c = (unsigned char)rest.bytes[0];

	if (size > 1) {
		buffer_add(line, (struct text){ rest.bytes, size });
		return size;
	}
	if (c == '"' || c == '\\') {
		buffer_add_char(line, '\\');
		buffer_add_char(line, (char)c);
	} else if (c == '\n') {
		buffer_add_string(line, "\\n");
	} else if (c < ' ' || c > '~') { /* control characters, and bytes that are no UTF-8 */
		buffer_printf(line, "\\x%02x", c);
	} else {
		buffer_add_char(line, (char)c);
	}
	return 1;
}

/* False, with a closed quote, when the line has no room for all of it. */
static bool log_value(struct buffer *line, struct text value)
{
	struct text rest = value;

	if (rest.size > LOG_VALUE_MAX) {
		rest.size = LOG_VALUE_MAX;
	}
	if (log_is_plain(rest) && line->size + rest.size + LOG_TAIL_SIZE <= line->max) {
		buffer_add(line, rest);
		return value.size <= LOG_VALUE_MAX;
	}
	buffer_add_char(line, '"');
	while (rest.size > 0 && line->size + LOG_ESCAPED_MAX + 1 + LOG_TAIL_SIZE <= line->max) {
		size_t taken = log_escape(line, rest);

		rest.bytes += taken;
		rest.size -= taken;
	}
	buffer_add_char(line, '"');
	return rest.size == 0 && value.size <= LOG_VALUE_MAX;
}

void log_format(struct buffer *line, int64_t now_ms, enum ports_level level, const char *event,
	const struct ports_field *fields, size_t count)
{
	char time[DATE_TIME_TEXT_SIZE];
	bool whole = true;

	assert(line != NULL);
	assert(line->max == LOG_LINE_MAX);
	assert(event != NULL);
	assert(fields != NULL || count == 0);

	(void)date_time_format(now_ms / 1000, time);
	assert(time[DATE_TIME_TEXT_SIZE - 2] == 'Z');
	time[DATE_TIME_TEXT_SIZE - 2] = '\0';
	buffer_printf(line, "ts=%s.%03dZ level=%s event=%s", time, (int)(now_ms % 1000),
		log_level_name(level), event);
	for (size_t i = 0; i < count; i++) {
		size_t need = strlen(fields[i].name) + sizeof(" =\"\"") + LOG_TAIL_SIZE;

		if (line->size + need > line->max) {
			whole = false;
			break;
		}
		buffer_printf(line, " %s=", fields[i].name);
		whole = log_value(line, fields[i].value) && whole;
	}
	if (!whole) {
		buffer_add_string(line, log_cut);
	}
	buffer_add_char(line, '\n');
	assert(!line->overflowed);
}

static int64_t log_now_ms(void)
{
	struct timespec now;
	int rc = clock_gettime(CLOCK_REALTIME, &now);

	assert(rc == 0);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

void log_event(const struct log *log, enum ports_level level, const char *event,
	const struct ports_field *fields, size_t count)
{
	struct buffer line;
	struct text rest;

	assert(log != NULL);

	if (level < log->level) {
		return;
	}
	buffer_init(&line, LOG_LINE_MAX);
	log_format(&line, log_now_ms(), level, event, fields, count);
	rest = buffer_text(&line);
	while (rest.size > 0) {
		ssize_t written = write(log->fd, rest.bytes, rest.size);

		if (written < 0 && errno != EINTR) {
			break;
		}
		if (written > 0) {
			rest.bytes += written;
			rest.size -= (size_t)written;
		}
	}
	buffer_done(&line);
}

void log_word(const struct log *log, enum ports_level level, const char *event, const char *name,
	const char *value)
{
	struct ports_field field;

	assert(name != NULL || value == NULL);

	if (value == NULL) {
		log_event(log, level, event, NULL, 0);
		return;
	}
	field = (struct ports_field){ name, text_of(value) };
	log_event(log, level, event, &field, 1);
}
