/* SPDX-License-Identifier: Apache-2.0 */

/*
 * problem - an answer that says no: RFC 9457 application/problem+json.
 *
 * `code` is stable and for programs, `title` is the reader's language by Accept-Language, `detail`
 * is English and says what exactly; `field` names the member, parameter or header at fault.
 */
#ifndef ALYM_DAEMON_PROBLEM_H
#define ALYM_DAEMON_PROBLEM_H

#include <stdbool.h>

#include "base/attr.h"
#include "base/id.h"
#include "base/json.h"
#include "base/money.h"
#include "base/text.h"
#include "daemon/call.h"
#include "daemon/language.h"

enum {
	PROBLEM_DETAIL_SIZE = 256,
	PROBLEM_ALLOW_SIZE = 64,
	PROBLEM_BODY_MAX = 8192,
};

/* Seconds; of whatever is refused because there was too much of it. */
#define PROBLEM_RETRY_AFTER_S "5"

enum problem_code {
	PROBLEM_NONE,
	PROBLEM_INVALID_JSON,
	PROBLEM_INVALID_FIELD,
	PROBLEM_UNKNOWN_FIELD,
	PROBLEM_IDEMPOTENCY_KEY_MISSING,
	PROBLEM_NOT_PERMITTED,
	PROBLEM_NOT_FOUND,
	PROBLEM_METHOD_NOT_ALLOWED,
	PROBLEM_ILLEGAL_STATE,
	PROBLEM_REFERENCE_TAKEN,
	PROBLEM_AMOUNT_CHANGED,
	PROBLEM_ATTEMPT_LIVE,
	PROBLEM_LIMIT_REACHED,
	PROBLEM_POSITION_UNKNOWN,
	PROBLEM_RATES_DIFFER,
	PROBLEM_TARIFF_DIFFERS,
	PROBLEM_PERIOD_OPEN,
	PROBLEM_PERIOD_CLOSED,
	PROBLEM_NOT_REVERSIBLE,
	PROBLEM_KEYS_OVERLAP,
	PROBLEM_TOO_LARGE,
	PROBLEM_UNSUPPORTED_MEDIA_TYPE,
	PROBLEM_IDEMPOTENCY_MISMATCH,
	PROBLEM_UNKNOWN_SERVICE,
	PROBLEM_TARIFF_MISSING,
	PROBLEM_RATE_MISSING,
	PROBLEM_TARIFF_UNVERIFIED,
	PROBLEM_TARIFF_REFUSED,
	PROBLEM_BENEFICIARY_UNKNOWN,
	PROBLEM_NOT_ELIGIBLE,
	PROBLEM_OUT_OF_RANGE,
	PROBLEM_NO_GATEWAY,
	PROBLEM_TOO_MANY_REQUESTS,
	PROBLEM_INTERNAL,
	PROBLEM_OVERLOADED,
	PROBLEM_UNAVAILABLE,
	PROBLEM_BOOK_RESTORED,
	PROBLEM_CODE_COUNT,
};

/* All zero: there is none.  What is empty is not told. */
struct problem {
	enum problem_code code;
	char field[JSON_PATH_SIZE];
	char detail[PROBLEM_DETAIL_SIZE];
	char payment[ID_SIZE];
	char attempt[ID_SIZE];
	const char *state; /* the payment's */
	struct money due;
	char allow[PROBLEM_ALLOW_SIZE]; /* the methods of a path */
};

/* Sets code, field (may be "") and detail, whatever was there before. */
void problem_set(struct problem *problem, enum problem_code code, const char *field,
	const char *format, ...) PRINTF_LIKE(4, 5);

/* What a json_reader complained of. */
void problem_of_json(struct problem *problem, const struct json_problem *complaint);

int problem_status(enum problem_code code);

/* The body, as canonical JSON. */
void problem_write(const struct problem *problem, enum language language, struct buffer *out);

/* Answers in the language the call accepts; 429 and 503 say when to come again. */
void problem_answer(const struct problem *problem, struct call *call);

#endif
