/* SPDX-License-Identifier: Apache-2.0 */

/*
 * bank - what the bank says to epay1, for tests.
 *
 * The gateway is set up with the bank's test certificate and, as the bank's next key, with the
 * public half of the shop's own: whose private half is published, so that tests can sign.
 */
#ifndef ALYM_TESTS_GATEWAYS_EPAY1_BANK_H
#define ALYM_TESTS_GATEWAYS_EPAY1_BANK_H

#include "plugins/kit/drive.h"
#include "tests/gateways/epay1/vectors.h"

enum { BANK_LETTER_MAX = 40000, BANK_NOW = 1767225600 };

extern const struct alym_setting bank_settings[];
extern const size_t bank_setting_count;

/* 1000 tenge of order 064085, held as VECTOR_STATUS says. */
struct alym_order bank_order(void);

/* The frame around a signed `slice`; in memory that lasts until the next call. */
struct text bank_letter(struct text slice);

/* The same as the body of a PostLink. */
struct text bank_postlink(struct text document);

/* Answers the last SEND. */
void bank_answer(struct drive *d, int status, struct text body);

#endif
