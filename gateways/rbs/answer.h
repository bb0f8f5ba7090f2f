/* SPDX-License-Identifier: Apache-2.0 */

/*
 * answer - what the bank's JSON says, in whichever of its forms: README.md section 4.
 *
 * Members that nobody asks for are passed over: banks add them.  What is asked for must be of its
 * kind, and what is said in two places must be the same.
 */
#ifndef ALYM_GATEWAYS_RBS_ANSWER_H
#define ALYM_GATEWAYS_RBS_ANSWER_H

#include <stdint.h>

#include "base/attr.h"
#include "base/json.h"
#include "gateways/rbs/rbs.h"

enum { ANSWER_NOT_STATED = -1 };

enum answer_error {
	ANSWER_FINE = 0,
	ANSWER_DUPLICATE = 1, /* register: there is an order of that number */
	ANSWER_NOT_FOUND = 6,
	ANSWER_IMPOSSIBLE = 7, /* in the state that the order is in */
};

struct answer {
	struct json_value *root;
	int64_t error; /* errorCode; one of enum answer_error, or another */
	bool stated;   /* it says one: of a movement nothing else speaks for its being done */
};

/* False, with nothing to free, when it is no object or says two error codes. */
bool answer_parse(struct text body, struct answer *answer) MUST_USE;
void answer_free(struct answer *answer);

/* Of register.do.  The texts go with the answer; false when there is none of them, or no use. */
bool answer_read_page(const struct answer *answer, struct text *md_order, struct text *form_url)
	MUST_USE;

struct answer_status {
	struct text number; /* orderNumber */
	struct text md_order;
	int64_t status;      /* orderStatus */
	int64_t action_code; /* 0 when it was not said */
	struct money amount; /* as registered */
	int64_t approved;    /* ANSWER_NOT_STATED, or minor units, as the next two */
	int64_t deposited;
	int64_t refunded;
};

/* Of getOrderStatusExtended.do without an error; false when it is malformed.  The texts go with the
 * answer; md_order is empty when it was not said. */
bool answer_read_status(const struct answer *answer, struct answer_status *status) MUST_USE;

/* ISO 4217's number of a currency that Alym knows. */
int answer_currency_number(const char *currency);

#endif
