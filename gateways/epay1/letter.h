/* SPDX-License-Identifier: Apache-2.0 */

/*
 * letter - what the bank signed, and only that.
 *
 * A document of the bank's is taken apart by bytes: the slice from `<bank ` to `</bank>` is what is
 * signed, and nothing is an XML document to us before its signature was found good.  All values
 * come from the slice; around it there may be nothing but the frame and the signature, and in it no
 * second <bank, <results or <response, so that nobody can show a signed part beside one of his own.
 */
#ifndef ALYM_GATEWAYS_EPAY1_LETTER_H
#define ALYM_GATEWAYS_EPAY1_LETTER_H

#include "gateways/epay1/epay1.h"

enum { LETTER_SIZE_MAX = 16384 };

/* What three kinds of letter say; an empty text was not said. */
struct letter {
	char merchant_id[EPAY1_NAME_MAX + 1];
	char order[EPAY1_NUMBER_MAX + 1];
	struct money amount; /* minor 0: not stated, or not to be read */
	char reference[EPAY1_NAME_MAX + 1];
	char approval[EPAY1_NAME_MAX + 1];
	char code[EPAY1_NAME_MAX + 1];    /* response_code; of a command: response's code */
	char command[EPAY1_NAME_MAX + 1]; /* its type */
	char payment[EPAY1_NAME_MAX + 1]; /* of a question: "true" or "false" */
	char status[EPAY1_NAME_MAX + 1];
	char result[EPAY1_NAME_MAX + 1];
};

enum letter_check {
	LETTER_MALFORMED, /* no document of that frame */
	LETTER_FORGED,    /* no key of the bank's signed it */
	LETTER_STRANGE,   /* the bank's, but not of that kind, or it contradicts itself */
	LETTER_GOOD,
};

/* PostLink: what became of an authorisation. */
enum letter_check letter_read_payment(const struct sign *sign, struct text document,
	struct letter *letter);
/* checkOrdern.jsp. */
enum letter_check letter_read_status(const struct sign *sign, struct text document,
	struct letter *letter);
/* control.jsp. */
enum letter_check letter_read_command(const struct sign *sign, struct text document,
	struct letter *letter);

/* The order that an unsigned <response order_id="..."> is about; empty when it is none. */
struct text letter_error_order(struct text document);

/* Reads what libxml2 reads lazily, once. */
void letter_warm(void);

#endif
