/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/inifile.h"

#include <assert.h>
#include <ini.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

struct inifile {
	const char *file;
	const struct inifile_reader *reader;
	struct err *err;
	struct text rest;
	int line;
	bool failed;
};

bool inifile_complain(struct err *err, const char *file, int line, const char *format, ...)
{
	char what[ERR_MESSAGE_SIZE];
	va_list args;

	va_start(args, format);
	(void)vsnprintf(what, sizeof(what), format, args);
	va_end(args);
	return err_set(err, ERR_INPUT, "%s:%d: %s", file, line, what);
}

bool inifile_blame(struct err *err, const char *file, int line)
{
	char what[ERR_MESSAGE_SIZE];

	assert(file != NULL);
	assert(line >= 0);

	if (err == NULL || line == 0) {
		return false;
	}
	(void)snprintf(what, sizeof(what), "%s", err->message);
	return inifile_complain(err, file, line, "%s", what);
}

/* The next line without its end; false at the end of the file. */
static bool inifile_next(struct inifile *f, struct text *line)
{
	const char *end;

	if (f->rest.size == 0) {
		return false;
	}
	end = memchr(f->rest.bytes, '\n', f->rest.size);
	line->bytes = f->rest.bytes;
	line->size = end != NULL ? (size_t)(end - f->rest.bytes) : f->rest.size;
	f->rest.bytes += line->size + (end != NULL ? 1 : 0);
	f->rest.size -= line->size + (end != NULL ? 1 : 0);
	f->line++;
	if (line->size > 0 && line->bytes[line->size - 1] == '\r') {
		line->size--;
	}
	return true;
}

static bool inifile_is_space(char c)
{
	return c == ' ' || c == '\t';
}

static struct text inifile_trim(struct text t)
{
	while (t.size > 0 && inifile_is_space(t.bytes[0])) {
		t.bytes++;
		t.size--;
	}
	while (t.size > 0 && inifile_is_space(t.bytes[t.size - 1])) {
		t.size--;
	}
	return t;
}

/* NULL, or what is wrong with the bytes of a line, whatever it says. */
static const char *inifile_line_fault(struct text line)
{
	if (line.size > INIFILE_LINE_MAX) {
		return "the line is longer than 190 bytes; shorten it";
	}
	if (!text_is_utf8(line)) {
		return "the line is no UTF-8 text; write it anew";
	}
	for (size_t i = 0; i < line.size; i++) {
		unsigned char c = (unsigned char)line.bytes[i];

		if ((c < ' ' && c != '\t') || c == 0x7F) {
			return "the line holds a control character; remove it";
		}
	}
	return NULL;
}

static bool inifile_key_is_fine(struct text key)
{
	for (size_t i = 0; i < key.size; i++) {
		char c = key.bytes[i];

		if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') && c != '_') {
			return false;
		}
	}
	return key.size > 0 && key.size <= INIFILE_KEY_MAX;
}

/* NULL, or what is wrong with a line that should be "key = value". */
static const char *inifile_value_fault(struct text line)
{
	const char *equals = memchr(line.bytes, '=', line.size);
	struct text key;
	struct text value;

	if (inifile_is_space(line.bytes[0])) {
		return "the line begins with a space; put the key at its beginning";
	}
	if (equals == NULL) {
		return "neither a section nor a value; write [section] or key = value";
	}
	key = inifile_trim((struct text){ line.bytes, (size_t)(equals - line.bytes) });
	value = inifile_trim(
		(struct text){ equals + 1, line.size - (size_t)(equals - line.bytes) - 1 });
	if (!inifile_key_is_fine(key)) {
		return "the key is not one; keys are of a-z, 0-9 and _, at most 48";
	}
	if (value.size == 0) {
		return "the key has no value; give it one or remove the line";
	}
	for (size_t i = 0; i < value.size; i++) {
		bool mark = value.bytes[i] == ';' || value.bytes[i] == '#';

		if (mark && (i == 0 || inifile_is_space(value.bytes[i - 1]))) {
			return "a comment behind a value; give it a line of its own";
		}
	}
	return NULL;
}

static bool inifile_section(struct inifile *f, struct text line)
{
	struct text inner;
	char section[INIFILE_SECTION_MAX + 1];

	if (line.size < 2 || line.bytes[line.size - 1] != ']') {
		return inifile_complain(f->err, f->file, f->line,
			"the section does not end with ]; put nothing behind it");
	}
	inner = inifile_trim((struct text){ line.bytes + 1, line.size - 2 });
	if (inner.size == 0 || memchr(inner.bytes, ']', inner.size) != NULL ||
		!text_copy(inner, section, sizeof(section))) {
		return inifile_complain(f->err, f->file, f->line,
			"a section's name has 1 to 48 bytes and no ]; rename it");
	}
	return f->reader->section(f->reader->context, section, f->line, f->err);
}

/* Judges a line and leaves in *line what inih is to see of it. */
static bool inifile_judge(struct inifile *f, struct text *line)
{
	struct text trimmed;
	const char *fault = inifile_line_fault(*line);

	if (fault != NULL) {
		return inifile_complain(f->err, f->file, f->line, "%s", fault);
	}
	trimmed = inifile_trim(*line);
	if (trimmed.size == 0 || trimmed.bytes[0] == ';' || trimmed.bytes[0] == '#') {
		*line = TEXT("");
		return true;
	}
	if (trimmed.bytes[0] == '[' && !inifile_is_space(line->bytes[0])) {
		*line = trimmed;
		return inifile_section(f, trimmed);
	}
	fault = inifile_value_fault(*line);
	if (fault != NULL) {
		return inifile_complain(f->err, f->file, f->line, "%s", fault);
	}
	return true;
}

/* inih's fgets(): NULL ends the reading. */
static char *inifile_fgets(char *out, int size, void *context)
{
	struct inifile *f = context;
	struct text line;

	assert(size > INIFILE_LINE_MAX + 2);

	if (f->failed || !inifile_next(f, &line)) {
		return NULL;
	}
	if (!inifile_judge(f, &line) || !text_copy(line, out, (size_t)size)) {
		f->failed = true;
		return NULL;
	}
	return out;
}

static int inifile_handle(void *context, const char *section, const char *key, const char *value)
{
	struct inifile *f = context;

	if (f->failed) {
		return 0;
	}
	if (section[0] == '\0') {
		f->failed = !inifile_complain(f->err, f->file, f->line,
			"%s stands in no section; put a [section] line above it", key);
	} else {
		f->failed = !f->reader->value(f->reader->context, key, value, f->line, f->err);
	}
	return f->failed ? 0 : 1;
}

bool inifile_read(const char *file, struct text bytes, const struct inifile_reader *reader,
	struct err *err)
{
	struct inifile f = { .file = file, .reader = reader, .err = err, .rest = bytes };
	int rc;

	assert(file != NULL);
	assert(reader != NULL);
	assert(reader->section != NULL && reader->value != NULL);

	rc = ini_parse_stream(inifile_fgets, &f, inifile_handle, &f);
	if (f.failed) {
		return false;
	}
	if (rc != 0) { /* inih saw a fault that we did not */
		return inifile_complain(err, file, rc > 0 ? rc : f.line,
			"can not be read; compare the line with the manual");
	}
	return true;
}
