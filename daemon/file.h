/* SPDX-License-Identifier: Apache-2.0 */

/*
 * file - whole small files: read with a bound, secrets kept from strangers, written once for all.
 *
 * A message names the file and what was said about it; the contents never appear in one.
 */
#ifndef ALYM_DAEMON_FILE_H
#define ALYM_DAEMON_FILE_H

#include <stdbool.h>

#include "base/attr.h"
#include "base/err.h"
#include "base/text.h"

enum { FILE_SECRET_MAX = 65536 };

/* Appends the bytes of a regular file of at most `contents->max` bytes. */
bool file_read(const char *path, struct buffer *contents, struct err *err) MUST_USE;

/* The same of a file that others must not read: refused when its mode lets everybody. */
bool file_read_secret(const char *path, struct buffer *contents, struct err *err) MUST_USE;

/* Refused when it can not be opened for reading, or when everybody may read it. */
bool file_check_secret(const char *path, struct err *err) MUST_USE;

/* Wipes a secret and gives its memory back. */
void file_forget(struct buffer *contents);

/* Makes a file of mode 0600 with these bytes, on disk with its name when it returns; another file
 * of that name is left alone and is an error. */
bool file_create(const char *path, struct text bytes, struct err *err) MUST_USE;

#endif
