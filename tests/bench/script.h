/* SPDX-License-Identifier: Apache-2.0 */

/*
 * script - what the load generator says, and what it wants to hear.
 *
 * Requests are written whole, headers and body; every payment has a reference, an idempotency key
 * and an operation of its own.  A bank's callbacks are signed as gateways/sandbox/README.md says.
 */
#ifndef ALYM_TESTS_BENCH_SCRIPT_H
#define ALYM_TESTS_BENCH_SCRIPT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/text.h"
#include "tests/bench/wire.h"

enum script_mode {
	SCRIPT_CREATE, /* a payment, to be paid by its code */
	SCRIPT_EXEMPT, /* a payment that is complete at once, with its entry */
	SCRIPT_PAY,    /* the first, and the bank's callback that pays it */
	SCRIPT_QUOTE,  /* nothing is written */
	SCRIPT_MODE_COUNT,
};

enum { SCRIPT_CODE_SIZE = 16, SCRIPT_SECRET_MAX = 128, SCRIPT_MERCHANT_MAX = 32 };

struct script {
	enum script_mode mode;
	uint64_t state; /* of the random numbers; another one in every run on the same book */
	uint64_t run;
	uint64_t count;
	bool minimal; /* asks for answers without the quote: "Prefer: return=minimal" */
	bool spread;  /* over the duties and grounds there are, not one of each */
	char merchant[SCRIPT_MERCHANT_MAX + 1];
	char path[128]; /* "/callbacks/sandbox" */
	char secret[SCRIPT_SECRET_MAX + 1];
};

/* What a payer needs to know to pay. */
struct script_due {
	char code[SCRIPT_CODE_SIZE];
	int64_t amount;
	char currency[4];
};

/* "create" ...; SCRIPT_MODE_COUNT when it is none. */
enum script_mode script_mode_of(const char *name);
const char *script_mode_name(enum script_mode mode);

void script_init(struct script *script, enum script_mode mode, uint64_t seed);

/* The request on the Unix socket. */
void script_ask(struct script *script, struct buffer *out);

/* True when the answer to it is the right one; in mode SCRIPT_PAY gives what is to be paid. */
bool script_asked(const struct script *script, const struct wire_answer *answer,
	struct script_due *due) MUST_USE;

/* The bank's callback: `due` was paid at `now`, Unix seconds. */
void script_tell(struct script *script, const struct script_due *due, int64_t now,
	struct buffer *out);
bool script_told(const struct wire_answer *answer) MUST_USE;

#endif
