/* SPDX-License-Identifier: Apache-2.0 */

/* act - the laws, orders and terms that the rows of a tariff rest on. */
#ifndef ALYM_TARIFF_ACT_H
#define ALYM_TARIFF_ACT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "tariff/node.h"

enum act_kind { ACT_CODE, ACT_LAW, ACT_ORDER, ACT_TERMS, ACT_KIND_COUNT };

struct act {
	struct text id;
	enum act_kind kind;
	struct text number; /* as printed, or empty where no source gives it */
	int32_t date;       /* of signature, or DATE_NONE */
	int32_t from;       /* in force, or DATE_NONE: not known, long before the set begins */
	int32_t last;       /* or DATE_NONE */
	struct text source;
	struct texts title;
	struct origin origin;
};

/* Sorted by id once closed. */
struct acts {
	struct act **acts;
	size_t count;
	size_t capacity;
};

bool act_read(const struct node *n, struct acts *acts) MUST_USE;
bool acts_close(struct acts *acts, struct err *err) MUST_USE;

/* NULL when there is none. */
const struct act *acts_find(const struct acts *acts, struct text id);

const char *act_kind_name(enum act_kind kind);

#endif
