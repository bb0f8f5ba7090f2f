/* SPDX-License-Identifier: Apache-2.0 */

/*
 * err - why something outside our control failed.
 *
 * A function that can fail for an environmental reason takes a `struct err *` as its last
 * parameter and returns false.  Outcomes a caller must tell apart are enums of that module,
 * never an err.
 */
#ifndef ALYM_BASE_ERR_H
#define ALYM_BASE_ERR_H

#include <stdbool.h>

#include "base/attr.h"

enum { ERR_MESSAGE_SIZE = 512 };

enum err_kind {
	ERR_NONE,
	ERR_INPUT,    /* the caller's data is malformed or out of range */
	ERR_LIMIT,    /* a static bound would be exceeded */
	ERR_SYSTEM,   /* errno */
	ERR_DATABASE, /* SQLite */
	ERR_CRYPTO,   /* OpenSSL */
	ERR_PEER,     /* a gateway or its provider misbehaved */
};

struct err {
	enum err_kind kind;
	char message[ERR_MESSAGE_SIZE];
};

/* Fills `err` (which may be NULL) and returns false, so that a leaf can `return err_set(...)`. */
bool err_set(struct err *err, enum err_kind kind, const char *format, ...) PRINTF_LIKE(3, 4);

#endif
