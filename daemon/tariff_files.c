/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/tariff_files.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "daemon/file.h"

static bool tariff_files_wants(const char *name)
{
	size_t size = strlen(name);

	return name[0] != '.' && size > 4 &&
	       (strcmp(name + size - 4, ".xml") == 0 || strcmp(name + size - 4, ".xsd") == 0);
}

static bool tariff_files_add(struct tariff_files *files, const char *folder, const char *name,
	struct err *err)
{
	struct buffer *bytes;
	char path[PATH_MAX];
	int size;

	if (files->count == TARIFF_FILES_MAX) {
		return err_set(err, ERR_LIMIT, "%s: more than %d tariff files", folder,
			TARIFF_FILES_MAX);
	}
	size = snprintf(path, sizeof(path), "%s/%s", folder, name);
	if (size < 0 || (size_t)size >= sizeof(path) ||
		!text_copy(text_of(name), files->names[files->count], TARIFF_FILES_NAME_SIZE)) {
		return err_set(err, ERR_LIMIT, "%s: a file's name is too long", folder);
	}
	bytes = &files->bytes[files->count];
	buffer_init(bytes, TARIFF_FILE_SIZE_MAX);
	files->count++; /* counted before it is read, so that it is freed either way */
	return file_read(path, bytes, err);
}

static bool tariff_files_read_all(struct tariff_files *files, DIR *dir, const char *folder,
	struct err *err)
{
	const struct dirent *entry;

	for (;;) {
		errno = 0;
		entry = readdir(dir);
		if (entry == NULL) {
			break;
		}
		if (tariff_files_wants(entry->d_name) &&
			!tariff_files_add(files, folder, entry->d_name, err)) {
			return false;
		}
	}
	if (errno != 0) {
		return err_set(err, ERR_SYSTEM, "read %s: %s", folder, strerror(errno));
	}
	if (files->count == 0) {
		return err_set(err, ERR_INPUT, "%s: no tariff files (*.xml, tariff.xsd)", folder);
	}
	return true;
}

bool tariff_files_read(const char *folder, struct tariff_files **files, struct err *err)
{
	struct tariff_files *f;
	DIR *dir;
	bool ok;

	assert(folder != NULL);
	assert(files != NULL);

	dir = opendir(folder);
	if (dir == NULL) {
		return err_set(err, ERR_SYSTEM, "open the tariff's folder %s: %s", folder,
			strerror(errno));
	}
	f = mem_new(1, sizeof(*f));
	ok = tariff_files_read_all(f, dir, folder, err);
	(void)closedir(dir);
	if (!ok) {
		tariff_files_free(&f);
		return false;
	}
	for (size_t i = 0; i < f->count; i++) {
		f->files[i].name = f->names[i];
		f->files[i].bytes = buffer_text(&f->bytes[i]);
	}
	tariff_order_files(f->files, f->count);
	*files = f;
	return true;
}

void tariff_files_free(struct tariff_files **files)
{
	struct tariff_files *f = *files;

	*files = NULL;
	if (f == NULL) {
		return;
	}
	for (size_t i = 0; i < f->count; i++) {
		buffer_done(&f->bytes[i]);
	}
	free(f);
}

bool tariff_files_check(const struct tariff_files *files, struct err *err)
{
	static const uint8_t no_digest[TARIFF_DIGEST_SIZE];
	struct tariff *set = NULL;

	assert(files != NULL);

	if (!tariff_load(files->files, files->count, no_digest, &set, err)) {
		return false;
	}
	tariff_free(&set);
	return true;
}
