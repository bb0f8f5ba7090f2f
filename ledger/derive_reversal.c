/* SPDX-License-Identifier: Apache-2.0 */

/* Entries that take another one back. */
#include <assert.h>

#include "ledger/derive_parts.h"

void derive_read_reversal(struct derive *d, struct derive_said *e)
{
	struct leaf *l = &d->leaf;
	uint8_t fingerprint[KEYSET_KEY_SIZE];
	uint8_t key[KEYSET_KEY_SIZE];
	bool requested = derive_read_request(d, key, fingerprint);

	derive_actor(d, "reversed_by", &e->client, &e->uid);
	e->reverses = leaf_decimal_of(l, "reverses");
	e->has_state = leaf_has(l, "state");
	if (e->has_state) {
		e->state = derive_state(d, leaf_text(l));
	}
	if (!l->bad && requested) {
		derive_row(d, SHAPE_ACT,
			(struct shape_cell[]){ SHAPE_OF_NUMBER(d->record),
				SHAPE_OF_NUMBER(e->client), SHAPE_OF_BLOB(key, sizeof(key)),
				SHAPE_OF_BLOB(fingerprint, sizeof(fingerprint)) });
	}
}

/* What the entry that is taken back was, and what it had moved. */
struct derive_reversed {
	enum kind_cause cause;
	const char *currency; /* of what was taken */
	int64_t taken;        /* by the gateway */
	int64_t parts;        /* that lie in suspense again */
};

/* Its postings are these, negated; a part lies in suspense for that reason. */
static void derive_look_back(struct derive *d, const struct derive_said *e,
	struct derive_reversed *r)
{
	r->cause = KIND_SUSPEND;
	for (size_t i = 0; i < e->count; i++) {
		const struct chart_account *a = &d->accounts[e->postings[i].account - 1].account;
		int64_t amount = -e->postings[i].amount;

		if (a->type == KIND_ASSET && amount > 0) {
			r->taken = amount;
			r->currency = a->currency;
		} else if (a->type == KIND_LIABILITY && amount > 0) {
			r->parts += amount;
		} else if (a->type == KIND_INCOME) {
			r->cause = KIND_CAPTURE;
		}
	}
	if (r->cause == KIND_CAPTURE && r->taken == 0) {
		r->cause = KIND_EXEMPT;
	}
	for (size_t i = 0; i < d->item_count; i++) {
		if (d->items[i].entry == e->reverses && d->items[i].reason == KIND_REASON_PART) {
			r->cause = KIND_HOLD;
		}
	}
}

/* What it had put into suspense leaves it; what it had taken out lies there again. */
static void derive_unsuspend(struct derive *d, const struct derive_said *e)
{
	for (size_t i = 0; i < d->item_count; i++) {
		struct derive_item *item = &d->items[i];

		if (item->entry == e->reverses && item->closed_entry == 0) {
			item->closed_entry = e->number;
		} else if (item->closed_entry == e->reverses) {
			item->closed_entry = 0;
		}
	}
}

static void derive_unmove(struct derive *d, struct derive_card *card,
	const struct derive_reversed *r)
{
	struct payment_step step;

	if (r->cause == KIND_SUSPEND) {
		return; /* it was never the payment's */
	}
	if (r->cause == KIND_CAPTURE) {
		card->paid = 0;
		card->held = r->parts;
	} else if (r->cause == KIND_HOLD) {
		card->held -= r->taken;
	}
	step = payment_step(card->state,
		card->held > 0 ? PAYMENT_REVERSE_PART : PAYMENT_REVERSE_FULL);
	if (step.verdict != PAYMENT_MOVE) {
		leaf_blame(&d->leaf, "takes back what the payment has not");
	}
	card->state = step.next == PAYMENT_OPEN ? card->before : step.next;
}

static void derive_uncapture(struct derive *d, const struct derive_said *e,
	struct derive_attempt *a, const struct derive_reversed *r)
{
	if (r->taken > 0 && a->captured >= r->taken && text_is(text_of(a->currency), r->currency)) {
		a->captured -= r->taken;
	}
	if (e->has_state) {
		a->state = e->state;
	}
	a->paid_on = e->paid_on;
	derive_attempt_step(d, e->attempt, a, e->reason);
}

void derive_reversal(struct derive *d, const struct derive_said *e)
{
	struct derive_reversed r = { .taken = 0 };
	struct derive_card *card = e->payment != 0 ? derive_card_of(d, e->payment) : NULL;
	struct derive_attempt *a =
		card != NULL && e->attempt != 0 ? derive_attempt_of(d, card, e->attempt) : NULL;

	assert(e->cause == KIND_REVERSAL);

	derive_look_back(d, e, &r);
	derive_unsuspend(d, e);
	derive_row(d, SHAPE_REVERSAL,
		(struct shape_cell[]){ SHAPE_OF_NUMBER(e->number), SHAPE_OF_NUMBER(e->reverses),
			SHAPE_OF_NUMBER(e->uid), SHAPE_OF_NUMBER(e->client),
			SHAPE_OF_TEXT(e->reason) });
	if (a != NULL) {
		derive_uncapture(d, e, a, &r);
	}
	if (card != NULL) {
		derive_unmove(d, card, &r);
		derive_step(d, card, KIND_EVENT_REVERSED);
	}
}
