/* SPDX-License-Identifier: Apache-2.0 */
#include "gateways/bcc/purchase.h"

#include <assert.h>

#include "gateways/bcc/outgoing.h"
#include "plugins/scratch.h"

enum { PURCHASE_ID_BYTES = 8, PURCHASE_ID_AT = 16 /* the bytes before are the NONCE's */ };

/* MERCH_RN_ID: 16 letters and digits, at least one of these a digit. */
static struct text purchase_id(struct alym_scratch *scratch, const uint8_t *random)
{
	static const char digits[] = "0123456789ABCDEF";
	char *id = scratch_reserve(scratch, (size_t)2 * PURCHASE_ID_BYTES);

	if (id == NULL) {
		return TEXT("");
	}
	for (size_t i = 0; i < PURCHASE_ID_BYTES; i++) {
		id[2 * i] = digits[random[i] >> 4];
		id[2 * i + 1] = digits[random[i] & 15];
	}
	id[0] = digits[random[0] % 10];
	return (struct text){ id, (size_t)2 * PURCHASE_ID_BYTES };
}

static void purchase_form(const struct alym_gateway_state *state, const struct alym_event *event,
	struct alym_action *action)
{
	const struct alym_order *order = event->order;
	struct alym_scratch *scratch = action->scratch;
	struct outgoing out = { .scratch = scratch };

	outgoing_add(&out, "AMOUNT", outgoing_amount(scratch, order->amount));
	outgoing_add(&out, "CURRENCY", TEXT(BCC_CURRENCY_CODE));
	outgoing_add(&out, "ORDER", order->number);
	outgoing_add(&out, "MERCH_RN_ID", purchase_id(scratch, event->random + PURCHASE_ID_AT));
	outgoing_add(&out, "DESC", order->description);
	outgoing_add(&out, "MERCHANT", text_of(state->merchant));
	outgoing_add(&out, "MERCH_NAME", text_of(state->merchant_name));
	outgoing_seal(&out, state, event, state->trtype);
	outgoing_add(&out, "BACKREF", order->return_url);
	outgoing_add(&out, "LANG", order->language);
	outgoing_add(&out, "NOTIFY_URL", outgoing_notify_url(scratch, order->callback_url));
	if (order->payer_address.size > 0) {
		outgoing_add(&out, "CLIENT_IP", order->payer_address);
	}
	outgoing_add(&out, "M_INFO", text_of(state->info));
	action->verdict = (struct alym_verdict){
		.kind = ALYM_PENDING,
		.form_url = text_of(state->page.address),
		.fields = scratch->fields,
		.field_count = out.count,
	};
}

/* Nothing is sent by us: without the form nobody can pay, hence what we do not offer was never
 * attempted. */
void purchase_start(const struct alym_gateway_state *state, const struct alym_event *event,
	struct alym_action *action)
{
	const struct money amount = event->order->amount;
	const char *refused = NULL;

	assert(event->operation == ALYM_OPERATION_PAY);

	if (!text_is(text_of(amount.currency), BCC_CURRENCY)) {
		refused = "the bank's page takes tenge only";
	} else if (amount.minor < state->amount_min) {
		refused = "less than amount_min, the smallest sum the bank takes";
	}
	action->kind = ALYM_ACTION_VERDICT;
	if (refused != NULL) {
		action->verdict.kind = ALYM_NOT_ATTEMPTED;
		action->verdict.reason = text_of(refused);
	} else {
		purchase_form(state, event, action);
	}
}
