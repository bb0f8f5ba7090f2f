/* SPDX-License-Identifier: Apache-2.0 */

/*
 * shelf - a folder that any web server can show: each file has its name when it is whole.
 *
 * One program at a time writes to it.  Paths are ours and relative; their folders are made.
 */
#ifndef ALYM_TOOLS_SHELF_H
#define ALYM_TOOLS_SHELF_H

#include <stdbool.h>

#include "base/attr.h"
#include "base/err.h"
#include "base/text.h"

struct shelf;

/* Makes the folder where it is missing. */
bool shelf_open(const char *folder, struct shelf **shelf, struct err *err) MUST_USE;
void shelf_close(struct shelf **shelf);

/* Appends the file's bytes; *found says whether it is there. */
bool shelf_read(struct shelf *shelf, const char *path, struct buffer *bytes, bool *found,
	struct err *err) MUST_USE;

/* In place of what has that name, all or nothing. */
bool shelf_write(struct shelf *shelf, const char *path, struct text bytes, struct err *err)
	MUST_USE;

/* All that was written is on disk when this returns. */
bool shelf_settle(struct shelf *shelf, struct err *err) MUST_USE;

/* Takes a folder and the files in it away, if it is there. */
void shelf_drop(struct shelf *shelf, const char *path);

#endif
