/* SPDX-License-Identifier: Apache-2.0 */

/*
 * portal - services that create, retry, cancel and use payments, and remember every answer they
 * got.
 */
#ifndef ALYM_TESTS_SIM_PORTAL_H
#define ALYM_TESTS_SIM_PORTAL_H

#include "tests/sim/world.h"

struct portal *portal_new(struct world *w);
void portal_free(struct portal **portal);

/* A client does something: something new, or the same request again. */
void portal_step(struct portal *portal);

/* Every request was answered at last. */
bool portal_is_quiet(const struct portal *portal);

/* A payment somebody knows the code of: for the bank's cash desk.  NULL: none yet. */
const char *portal_code(struct portal *portal, int64_t *due);

/* The payments whose creation was acknowledged. */
size_t portal_payment_count(const struct portal *portal);
const char *portal_payment(const struct portal *portal, size_t i);

#endif
