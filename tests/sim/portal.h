/* SPDX-License-Identifier: Apache-2.0 */

/*
 * portal - two services that create, retry, cancel and use payments, look at them, and remember
 * every answer they got; and an auditor who collects checkpoints and proofs.
 */
#ifndef ALYM_TESTS_SIM_PORTAL_H
#define ALYM_TESTS_SIM_PORTAL_H

#include "tests/sim/world.h"

struct portal *portal_new(struct world *w);
void portal_free(struct portal **portal);

/* Somebody does something: something new, or the same request again. */
void portal_step(struct portal *portal);

/* Every request was answered at last, and once more the same way; every event was heard. */
bool portal_is_quiet(const struct portal *portal);

/* Something was booked: there may be events nobody heard of. */
void portal_stir(struct portal *portal);

/* A payment somebody knows the code of: for the banks' cash desks. */
struct portal_slip {
	const char *code;
	const char *payment; /* its id */
	const char *service;
	int64_t due; /* when it was created */
};
bool portal_slip(struct portal *portal, struct portal_slip *slip);

/* The payment of that code: its number, or 0. */
int64_t portal_payment_of_code(const struct portal *portal, struct text code);

/* The payments whose creation was acknowledged. */
size_t portal_payment_count(const struct portal *portal);
const char *portal_payment(const struct portal *portal, size_t i);

int64_t portal_granted(const struct portal *portal);   /* requests answered with yes */
int64_t portal_creations(const struct portal *portal); /* keys that may have made a payment */
int64_t portal_events(const struct portal *portal, size_t client);

#endif
