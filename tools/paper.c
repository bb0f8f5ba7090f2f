/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/paper.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/text.h"

enum { PAPER_SIZE_MAX = 8 << 20 }; /* bytes of one: no body that the daemon takes is larger */

/* The line of the first byte that belongs to no character. */
static size_t paper_bad_line(struct text t)
{
	size_t line = 1;
	size_t at = 0;

	while (at < t.size) {
		size_t size = text_utf8_size((struct text){ t.bytes + at, t.size - at });

		if (size == 0) {
			break;
		}
		line += t.bytes[at] == '\n' ? 1 : 0;
		at += size;
	}
	return line;
}

static bool paper_load(const char *path, struct buffer *out, struct err *err)
{
	FILE *file = fopen(path, "rb");
	char chunk[4096];
	size_t size;
	bool ok;

	if (file == NULL) {
		return err_set(err, ERR_SYSTEM, "open %s: %s", path, strerror(errno));
	}
	do {
		size = fread(chunk, 1, sizeof(chunk), file);
		buffer_add(out, (struct text){ chunk, size });
	} while (size == sizeof(chunk) && !out->overflowed);
	ok = ferror(file) == 0 || err_set(err, ERR_SYSTEM, "read %s: %s", path, strerror(errno));
	(void)fclose(file);
	if (ok && out->overflowed) {
		return err_set(err, ERR_LIMIT, "%s is larger than %d bytes", path, PAPER_SIZE_MAX);
	}
	return ok;
}

bool paper_read(json_t *list, const char *path, struct err *err)
{
	const char *slash = strrchr(path, '/');
	struct buffer bytes;
	struct text text;
	bool ok;

	assert(json_is_array(list));
	assert(path != NULL);

	buffer_init(&bytes, PAPER_SIZE_MAX);
	ok = paper_load(path, &bytes, err);
	text = buffer_text(&bytes);
	if (ok && !text_is_utf8(text)) {
		ok = err_set(err, ERR_INPUT, "%s:%zu: is not UTF-8: save it as UTF-8", path,
			paper_bad_line(text));
	}
	if (ok && json_array_append_new(list,
			  json_pack("{s:s, s:s%}", "name", slash != NULL ? slash + 1 : path, "text",
				  text.size > 0 ? text.bytes : "", text.size)) != 0) {
		ok = err_set(err, ERR_INPUT, "%s: its name is not UTF-8", path);
	}
	buffer_done(&bytes);
	return ok;
}

static int paper_is_one(const struct dirent *entry)
{
	size_t size = strlen(entry->d_name);
	const char *end = entry->d_name + size - (size > 4 ? 4 : size);

	return entry->d_name[0] != '.' && (strcmp(end, ".xml") == 0 || strcmp(end, ".xsd") == 0);
}

static int paper_order(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

/* As the system has it, UTF-8 or not: no JSON is written of these. */
static bool paper_note(json_t *paths, const char *path)
{
	return json_array_append_new(paths, json_string_nocheck(path)) == 0;
}

static bool paper_find_in(json_t *paths, const char *folder, struct err *err)
{
	struct dirent **entries = NULL;
	int count = scandir(folder, &entries, paper_is_one, paper_order);
	bool ok = count > 0;

	if (count < 0) {
		return err_set(err, ERR_SYSTEM, "open %s: %s", folder, strerror(errno));
	}
	if (count == 0) {
		(void)err_set(err, ERR_INPUT, "%s: no files that end with .xml or .xsd", folder);
	}
	for (int i = 0; i < count; i++) {
		char path[PATH_MAX];
		int size = snprintf(path, sizeof(path), "%s/%s", folder, entries[i]->d_name);

		if (ok && (size < 0 || (size_t)size >= sizeof(path))) {
			ok = err_set(err, ERR_LIMIT, "%s: a file's name is too long", folder);
		}
		ok = ok && paper_note(paths, path);
		free(entries[i]);
	}
	free(entries);
	return ok;
}

bool paper_find(json_t *paths, const char *path, struct err *err)
{
	struct stat stat_of;

	assert(json_is_array(paths));
	assert(path != NULL);

	if (stat(path, &stat_of) != 0) {
		return err_set(err, ERR_SYSTEM, "open %s: %s", path, strerror(errno));
	}
	return S_ISDIR(stat_of.st_mode) ? paper_find_in(paths, path, err) : paper_note(paths, path);
}

bool paper_add(json_t *list, const char *path, struct err *err)
{
	json_t *paths = json_array();
	bool ok = paper_find(paths, path, err);

	for (size_t i = 0; ok && i < json_array_size(paths); i++) {
		ok = paper_read(list, json_string_value(json_array_get(paths, i)), err);
	}
	json_decref(paths);
	return ok;
}
