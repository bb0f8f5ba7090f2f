/* SPDX-License-Identifier: Apache-2.0 */

/*
 * bank - two banks made of code that speak gateways/sandbox/README.md, with payers and with faults.
 *
 * Written from that page, not from the gateway.  They lose requests before and after their effect,
 * answer garbage, repeat, delay, reorder and contradict their messages, take wrong sums in wrong
 * money for dead codes, and know what they really took.
 */
#ifndef ALYM_TESTS_SIM_BANK_H
#define ALYM_TESTS_SIM_BANK_H

#include "tests/sim/world.h"

enum { BANK_WINDOW_S = 72 * 3600 }; /* so far back their own time is believed */

/* Of bank i: the gateway's name, its address, its name for us, the secret. */
const char *bank_gateway(size_t i);
const char *bank_endpoint(size_t i);
const char *bank_merchant(size_t i);
const char *bank_secret(size_t i);

struct bank *bank_new(struct world *w);
void bank_free(struct bank **bank);

/* An exchange of the engine reaches its bank, or does not; fills in what came of it (not done()).
 */
void bank_exchange(struct bank *bank, struct exchange *exchange);

/* The process dies with it on its way: perhaps it has its effect, and nobody hears of it. */
void bank_overhear(struct bank *bank, const struct exchange *exchange);

/* Something happens at a bank: a payer pays or declines, a message is sent (again), a code is
 * paid. */
void bank_step(struct bank *bank);

/* Nothing is owed to anybody: every message was acknowledged, every order is final. */
bool bank_is_quiet(const struct bank *bank);

/* Money that a bank took, or asked whether it may take. */
struct bank_money {
	size_t house;
	const char *operation;
	struct text order; /* the order it was for, and at which bank that was opened; */
	size_t order_house;
	struct text code; /* or the code */
	int64_t amount;
	const char *currency;
	int64_t paid_at;
	bool untimed; /* Alym may have heard of it without paid_at: it took it itself */
	bool taken;   /* it is gone from the payer, whatever Alym says */
	bool told;    /* Alym has acknowledged it */
};

/* The i-th, from 0; false: there are fewer. */
bool bank_money(const struct bank *bank, size_t i, struct bank_money *money);

/* Whether Alym may conclude from what that bank has said of the order that it is in that state:
 * "captured" "declined" "expired" "released" "not_attempted". */
bool bank_bears_out(const struct bank *bank, struct text gateway, struct text order,
	const char *state);

/* False: that bank knows no such operation. */
bool bank_find_money(const struct bank *bank, struct text gateway, struct text operation,
	struct bank_money *money);

#endif
