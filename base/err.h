/* SPDX-License-Identifier: Apache-2.0 */

/*
 * err - why the world failed us: a file, the disk, a library, or data that came from outside.
 *
 * A function that can fail so takes a `struct err *` as its last parameter and returns false.  The
 * message says what was being done and what was said about it; whoever handles the failure logs it,
 * once.  What a caller must tell apart is never an err but an enum of that operation's own.
 */
#ifndef ALYM_BASE_ERR_H
#define ALYM_BASE_ERR_H

#include <stdbool.h>

#include "base/attr.h"

enum { ERR_MESSAGE_SIZE = 512 };

enum err_kind {
	ERR_NONE,
	ERR_INPUT,    /* data from outside is malformed or out of range */
	ERR_LIMIT,    /* a static bound would be exceeded */
	ERR_SYSTEM,   /* errno */
	ERR_DATABASE, /* SQLite */
	ERR_CRYPTO,   /* OpenSSL */
	ERR_PEER,     /* a plugin or a program at the other end breaks the rules */
};

struct err {
	enum err_kind kind;
	char message[ERR_MESSAGE_SIZE];
};

/* Fills `err` (which may be NULL) and returns false, so that a leaf can `return err_set(...)`. */
bool err_set(struct err *err, enum err_kind kind, const char *format, ...) PRINTF_LIKE(3, 4);

#endif
