/* SPDX-License-Identifier: Apache-2.0 */

/*
 * code - the number by which a payer names a payment in any bank: 12 to 15 digits.
 *
 * The first digit is a check digit (Damm, over the rest read from the right: every wrong digit and
 * every exchange of neighbours is noticed); the rest is a keyed permutation (Feistel network over
 * AES-128, cycle-walking into the decimal range) of number * 100 + generation.  So codes are not
 * guessable in sequence, need no index, and none is issued twice by a restored book.
 * Twelve digits carry payments up to 999,999,999; each further digit ten times as many.
 */
#ifndef ALYM_LEDGER_CODE_H
#define ALYM_LEDGER_CODE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/id.h"
#include "base/text.h"

enum {
	CODE_KEY_SIZE = 16,
	CODE_DIGITS_MIN = 12,
	CODE_DIGITS_MAX = 15,
	CODE_SIZE = CODE_DIGITS_MAX + 1
};
enum { CODE_TOKEN_SIZE = 33 }; /* 32 hexadecimal digits and NUL */

struct code_key; /* an expanded key; one thread at a time */

struct code_key *code_key_new(const uint8_t key[CODE_KEY_SIZE]);
void code_key_free(struct code_key **key);

/* Number 1..ID_NUMBER_MAX, generation 1..ID_GENERATION_MAX. */
const char *code_format(struct code_key *key, int32_t generation, int64_t number,
	char out[CODE_SIZE]);

/*
 * False when the check digit is wrong or no payment could have that code; spaces and hyphens that
 * people type are skipped.
 */
bool code_parse(struct code_key *key, struct text digits, int32_t *generation, int64_t *number)
	MUST_USE;

/*
 * An unguessable address part for an attempt's page: one AES block of (generation, number, zeros)
 * in hexadecimal.
 */
const char *code_token(struct code_key *key, int32_t generation, int64_t number,
	char out[CODE_TOKEN_SIZE]);
bool code_token_parse(struct code_key *key, struct text token, int32_t *generation, int64_t *number)
	MUST_USE;

#endif
