/* SPDX-License-Identifier: Apache-2.0 */
#include "base/err.h"

#include <assert.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

bool err_set(struct err *err, enum err_kind kind, const char *format, ...)
{
	assert(kind != ERR_NONE);
	assert(format != NULL);

	if (err != NULL) {
		va_list args;

		va_start(args, format);
		err->kind = kind;
		(void)vsnprintf(err->message, sizeof(err->message), format, args);
		va_end(args);
	}
	return false;
}
