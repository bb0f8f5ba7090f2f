/* SPDX-License-Identifier: Apache-2.0 */

/* tariff_files - the bytes of a tariff set's folder: its *.xml and *.xsd, sorted by name. */
#ifndef ALYM_DAEMON_TARIFF_FILES_H
#define ALYM_DAEMON_TARIFF_FILES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"
#include "base/err.h"
#include "tariff/tariff.h"

enum { TARIFF_FILES_NAME_SIZE = 128 };

struct tariff_files {
	struct tariff_file files[TARIFF_FILES_MAX];
	size_t count;
	char names[TARIFF_FILES_MAX][TARIFF_FILES_NAME_SIZE]; /* what the files point into */
	struct buffer bytes[TARIFF_FILES_MAX];
};

/* Gives files to be freed with tariff_files_free(). */
bool tariff_files_read(const char *folder, struct tariff_files **files, struct err *err) MUST_USE;
void tariff_files_free(struct tariff_files **files);

/* Loads them for a look, as the engine would: err names file and line. */
bool tariff_files_check(const struct tariff_files *files, struct err *err) MUST_USE;

#endif
