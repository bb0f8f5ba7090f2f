/* SPDX-License-Identifier: Apache-2.0 */

/*
 * bank - a bank made of code that speaks gateways/sandbox/README.md, with payers and with faults.
 *
 * Written from that page, not from the gateway.  It loses requests before and after their effect,
 * answers garbage, repeats, delays and reorders its messages, and knows what money it really took.
 */
#ifndef ALYM_TESTS_SIM_BANK_H
#define ALYM_TESTS_SIM_BANK_H

#include "tests/sim/world.h"

struct bank *bank_new(struct world *w);
void bank_free(struct bank **bank);

/* An exchange of the engine reaches the bank, or does not; fills in what came of it (not done()).
 */
void bank_exchange(struct bank *bank, struct exchange *exchange);

/* Something happens at the bank: a payer pays or declines, a message is sent (again), a code is
 * paid. */
void bank_step(struct bank *bank);

/* Nothing is owed to anybody: every message was acknowledged, every order is final. */
bool bank_is_quiet(const struct bank *bank);

/* What it took, by currency: all of it must be in the book once things are quiet. */
int64_t bank_money(const struct bank *bank, const char *currency);

/* Every operation Alym acknowledged: (operation, record).  NULL at the end. */
const char *bank_acknowledged(const struct bank *bank, size_t i);

#endif
