/* SPDX-License-Identifier: Apache-2.0 */

/*
 * parameter - reading a call's query string strictly, as base/json reads a body.
 *
 * Parameters are taken one by one; what nobody took is unknown, what comes twice is wrong, and the
 * first complaint sticks in the problem.  Values are decoded as HTML forms encode them.
 */
#ifndef ALYM_DAEMON_PARAMETER_H
#define ALYM_DAEMON_PARAMETER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/text.h"
#include "daemon/call.h"
#include "daemon/problem.h"

enum { PARAMETER_COUNT_MAX = 16 };

struct parameters {
	const struct call *call;
	struct problem *problem;
	const char *taken[PARAMETER_COUNT_MAX];
	size_t taken_count;
};

void parameters_init(struct parameters *p, const struct call *call, struct problem *problem);

/* Each gives true when the parameter is there and fine; else the output stays as it was. */
bool parameters_text(struct parameters *p, const char *name, char *out, size_t out_size);
bool parameters_integer(struct parameters *p, const char *name, int64_t min, int64_t max,
	int64_t *out);
bool parameters_day(struct parameters *p, const char *name, int32_t *out);

/* Complains of the first parameter nobody took; true when there is no complaint at all. */
bool parameters_end(struct parameters *p) MUST_USE;

/* Percent-decoding into `out`, ended with NUL; false when it is malformed, empty, no clean UTF-8 or
 * does not fit.  In a query '+' is a space. */
bool parameter_decode(struct text raw, bool query, char *out, size_t out_size) MUST_USE;

#endif
