/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/draft.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "daemon/engine_parts.h"
#include "tariff/quote.h"

/* "files.12": an element of a list. */
enum { DRAFT_PATH_SIZE = JSON_NAME_SIZE + 24 };

/* ---- reading ---- */

/* A file's name in a folder: what could lead out of one, or hide, is none. */
static bool draft_name_is_fine(struct text name)
{
	for (size_t i = 0; i < name.size; i++) {
		char c = name.bytes[i];
		bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
		bool digit = c >= '0' && c <= '9';

		if (!letter && !digit && (i == 0 || strchr("._-", c) == NULL)) {
			return false;
		}
	}
	return name.size > 4 && (memcmp(name.bytes + name.size - 4, ".xml", 4) == 0 ||
					memcmp(name.bytes + name.size - 4, ".xsd", 4) == 0);
}

static bool draft_has_name(const struct tariff_file *files, size_t count, struct text name)
{
	for (size_t i = 0; i < count; i++) {
		if (text_is(name, files[i].name)) {
			return true;
		}
	}
	return false;
}

static bool draft_read_file(struct json_reader *r, const struct tariff_file *files, size_t count,
	struct tariff_file *file)
{
	struct text name = TEXT("");
	struct text bytes = TEXT("");

	json_take_text(r, "name", JSON_REQUIRED, DRAFT_NAME_MAX, &name);
	json_take_file(r, "text", JSON_REQUIRED, TARIFF_FILE_SIZE_MAX, &bytes);
	if (r->problem->fault == JSON_FINE && !draft_name_is_fine(name)) {
		json_complain(r, JSON_WRONG, "name",
			"must be letters, digits, '.', '_' and '-', and end with .xml or .xsd");
	}
	if (r->problem->fault == JSON_FINE && draft_has_name(files, count, name)) {
		json_complain(r, JSON_WRONG, "name", "is there twice");
	}
	*file = (struct tariff_file){ .name = name.bytes, .bytes = bytes };
	return json_reader_end(r);
}

static size_t draft_read_files(struct json_reader *r, const char *name, enum json_need need,
	struct tariff_file *files, size_t count_max)
{
	const struct json_value *list;
	const struct json_value *element;
	size_t count = 0;

	json_take_array(r, name, need, count_max, &list);
	element = list != NULL ? list->first : NULL;
	if (list != NULL && element == NULL) {
		json_complain(r, JSON_WRONG, name, "must have at least one element");
	}
	for (bool fine = true; fine && element != NULL; element = element->next) {
		char path[DRAFT_PATH_SIZE];
		struct json_reader inner;

		(void)snprintf(path, sizeof(path), "%s.%zu", name, count);
		json_reader_init(&inner, element, path, r->problem);
		fine = draft_read_file(&inner, files, count, &files[count]);
		count++;
	}
	return count;
}

void draft_read(struct json_reader *r, const char *cases, struct draft *draft)
{
	assert(cases != NULL);
	assert(draft != NULL);

	*draft = (struct draft){ 0 };
	draft->case_file_count =
		draft_read_files(r, cases, JSON_OPTIONAL, draft->case_files, DRAFT_CASES_MAX);
	draft->file_count =
		draft_read_files(r, "files", JSON_REQUIRED, draft->files, TARIFF_FILES_MAX);
}

/* ---- loading ---- */

bool draft_load(struct draft *draft, struct err *err)
{
	uint8_t digest[TARIFF_DIGEST_SIZE];

	assert(draft->file_count > 0);
	assert(draft->tariff == NULL);

	tariffs_digest(draft->files, draft->file_count, digest);
	if (!tariff_load(draft->files, draft->file_count, digest, &draft->tariff, err) ||
		!tariff_serves(draft->tariff, QUOTE_VERSION, err)) {
		return false;
	}
	return draft->case_file_count == 0 ||
	       cases_read(draft->case_files, draft->case_file_count, &draft->cases, err);
}

void draft_done(struct draft *draft)
{
	assert(draft != NULL);

	cases_free(&draft->cases);
	tariff_free(&draft->tariff);
}

/* ---- what was said ---- */

/* "mrp.xml:12: reason" in its parts; false when it does not begin so. */
static bool draft_split(struct text message, struct text *file, int64_t *line, struct text *reason)
{
	const char *end = message.bytes + message.size;
	const char *colon = memchr(message.bytes, ':', message.size);
	const char *space;

	if (colon == NULL) {
		return false;
	}
	space = strstr(colon + 1, ": ");
	if (space == NULL || !draft_name_is_fine((struct text){ message.bytes,
				     (size_t)(colon - message.bytes) })) {
		return false;
	}
	*file = (struct text){ message.bytes, (size_t)(colon - message.bytes) };
	*reason = (struct text){ space + 2, (size_t)(end - space) - 2 };
	return text_parse_integer((struct text){ colon + 1, (size_t)(space - colon) - 1 }, line);
}

void draft_write_refusal(const struct err *err, struct json_writer *w)
{
	struct text message = text_of(err->message);
	struct text reason = message;
	struct text file = TEXT("");
	int64_t line = 0;
	bool placed = draft_split(message, &file, &line, &reason);

	json_open_object(w, NULL);
	if (placed) {
		json_text(w, "file", file);
		json_number(w, "line", line);
	} else {
		json_nothing(w, "file");
		json_nothing(w, "line");
	}
	json_true_or_false(w, "ok", false);
	json_text(w, "reason", placed ? reason : message);
	json_close_object(w);
}
