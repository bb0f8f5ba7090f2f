/* SPDX-License-Identifier: Apache-2.0 */

/*
 * id - outside names of things the book numbers: "p1-42" is payment 42 of generation 1.
 *
 * Reversible, so that no index is needed; the generation keeps a restored book from issuing a
 * name twice (design: "Restored is not the same").
 */
#ifndef ALYM_BASE_ID_H
#define ALYM_BASE_ID_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/text.h"

enum {
	ID_GENERATION_MAX = 99,
	ID_SIZE = 24, /* "p99-1000000000000" and its NUL, with room */
};

/* 10^12: what a payment code of 15 digits can carry. */
#define ID_NUMBER_MAX INT64_C(999999999999)

/* An attempt's number is its payment's times 16, plus which one it is. */
#define ID_ATTEMPT_NUMBER_MAX (ID_NUMBER_MAX * 16 + 15)

enum id_kind { ID_PAYMENT = 'p', ID_ATTEMPT = 'a', ID_SUSPENSE = 's' };

struct id {
	enum id_kind kind;
	int32_t generation; /* 1..ID_GENERATION_MAX */
	int64_t number;     /* 1..ID_NUMBER_MAX, of attempts 1..ID_ATTEMPT_NUMBER_MAX */
};

const char *id_format(struct id id, char out[ID_SIZE]);

/* Only the one canonical spelling is taken. */
bool id_parse(struct text t, enum id_kind kind, struct id *id) MUST_USE;

#endif
