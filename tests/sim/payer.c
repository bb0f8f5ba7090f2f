/* SPDX-License-Identifier: Apache-2.0 */

/* payer - people before a bank's page and at its cash desk, who pay, err, decline and regret. */
#include <stdio.h>

#include "tests/sim/bank_parts.h"
#include "tests/sim/portal.h"

enum { PAYER_REGRET_S = 7200, PAYER_HOLD_S = 3 * 86400 };

static const char payer_typing_error[] = "123456789012";

/* Pays the order's sum, or nearly, or in other money. */
static void payer_pays(struct bank *b, struct bank_order *order)
{
	struct bank_operation *o =
		bank_operate(b, order->house, order, "", BANK_PAID, order->amount);

	if (o == NULL) {
		bank_turn(order, BANK_DECLINED);
		return;
	}
	if (bank_trouble(b, 100)) {
		/* Of a rest of one tenge there is no less. */
		o->amount += random_chance(&b->random, 500) || o->amount <= 100 ? 100 : -100;
	}
	if (bank_trouble(b, 30)) {
		(void)snprintf(o->currency, sizeof(o->currency), "USD");
	}
	order->regret_at = 0;
	if (bank_trouble(b, 150)) { /* only if Alym agrees */
		o->refusable = true;
		o->taken = false;
		order->asking = true;
		return;
	}
	o->silent = bank_trouble(b, 200);
	bank_turn(order, BANK_PAID);
	order->operation = b->operation_count;
}

/* The outcome is told; perhaps it will not have been the last word. */
static void payer_ends(struct bank *b, struct bank_order *order, enum bank_status status)
{
	struct bank_operation *o = bank_operate(b, order->house, order, "", status, order->amount);

	bank_turn(order, status);
	if (o != NULL) {
		o->silent = bank_trouble(b, 200);
	}
	if (bank_trouble(b, 150)) {
		order->regret_at =
			b->world->now + 1 + (int64_t)random_below(&b->random, PAYER_REGRET_S);
	}
}

static void payer_decides(struct bank *b, struct bank_order *order)
{
	uint64_t draw = random_below(&b->random, 10);

	if (order->asking || order->arrives_at > b->world->now) {
		return;
	}
	if (bank_trouble(b, 100)) { /* held, until Alym takes it or lets it go */
		bank_turn(order, BANK_AUTHORIZED);
		order->held_until = b->world->now + PAYER_HOLD_S;
		order->misfit = bank_trouble(b, 250);
		order->cabinet = !order->misfit && bank_trouble(b, 250);
		return;
	}
	if (b->world->now >= order->expires_at) {
		payer_ends(b, order, BANK_EXPIRED);
	} else if (draw < 6) {
		payer_pays(b, order);
	} else if (draw < 8) {
		payer_ends(b, order, BANK_DECLINED);
	}
}

/* The bank contradicts itself: it says declined of what is paid, or takes money a second time. */
static void payer_contradicts(struct bank *b, struct bank_order *order)
{
	if (random_chance(&b->random, 500)) {
		(void)bank_operate(b, order->house, order, "", BANK_DECLINED, order->amount);
	} else {
		(void)bank_operate(b, order->house, order, "", BANK_PAID, order->amount);
	}
}

/* Money that a bank says is for an order of the other bank's. */
static void payer_mistakes_bank(struct bank *b, struct bank_order *order)
{
	(void)bank_operate(b, 1 - order->house, order, "", BANK_PAID, order->amount);
}

/* Some here and some there, perhaps not all of it, perhaps too much. */
static void payer_pays_in_parts(struct bank *b, const struct portal_slip *slip)
{
	int64_t parts = 2 + (int64_t)random_below(&b->random, 2);
	int64_t times = 1 + (int64_t)random_below(&b->random, 4);

	for (int64_t i = 0; i < times; i++) {
		(void)bank_operate(b, (size_t)random_below(&b->random, WORLD_GATEWAYS), NULL,
			slip->code, BANK_PAID, slip->due / parts + 1);
	}
}

/* Somebody pays by a code he was given, or mistypes it, or pays too little. */
static void payer_at_cash_desk(struct bank *b)
{
	struct portal_slip slip;
	uint64_t draw = random_below(&b->random, 16);
	size_t house = (size_t)random_below(&b->random, WORLD_GATEWAYS);
	struct bank_operation *o;
	int64_t amount;

	if (b->world->calm || !portal_slip(b->world->portal, &slip)) {
		return;
	}
	if (draw >= 12) {
		courier_check(b, house, &slip, draw == 12 ? payer_typing_error : slip.code);
		return;
	}
	if (draw == 3 || draw == 4) {
		payer_pays_in_parts(b, &slip);
		return;
	}
	amount = slip.due;
	if (draw == 1) {
		amount += 700;
	} else if (draw == 2 && amount > 1000) {
		amount -= 1000;
	}
	o = bank_operate(b, house, NULL, draw == 0 ? payer_typing_error : slip.code, BANK_PAID,
		amount);
	if (o == NULL) {
		return;
	}
	if (draw == 5) {
		(void)snprintf(o->currency, sizeof(o->currency), "USD");
	}
	if (draw > 8) {
		o->refusable = true;
		o->taken = false;
	}
}

void payer_step(struct bank *b)
{
	struct bank_order *order;

	if (random_chance(&b->random, 120)) {
		payer_at_cash_desk(b);
	}
	if (b->order_count == 0) {
		return;
	}
	order = &b->orders[random_below(&b->random, b->order_count)];
	if (order->status == BANK_PENDING) {
		payer_decides(b, order);
	} else if (order->status == BANK_AUTHORIZED && b->world->now >= order->held_until) {
		payer_ends(b, order, BANK_DECLINED);
	} else if (order->regret_at != 0 && b->world->now >= order->regret_at &&
		   bank_trouble(b, 1000)) {
		payer_pays(b, order);
	} else if (order->status == BANK_PAID && bank_trouble(b, 20)) {
		payer_contradicts(b, order);
	} else if (bank_trouble(b, 4)) {
		payer_mistakes_bank(b, order);
	}
}
