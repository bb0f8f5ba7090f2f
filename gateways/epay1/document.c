/* SPDX-License-Identifier: Apache-2.0 */
#include "gateways/epay1/document.h"

#include <assert.h>
#include <string.h>

#include "gateways/epay1/currency.h"
#include "plugins/form.h"
#include "plugins/scratch.h"

enum { DOCUMENT_SIZE_MAX = 2048 };

/* "500", and "500.25" where there are tiyn. */
static struct text document_amount(struct money m, char out[MONEY_TEXT_SIZE])
{
	struct text t = text_of(money_format_amount(m, out));

	if (m.minor % MONEY_MINOR_PER_MAJOR == 0) {
		t.size -= sizeof(".00") - 1;
	}
	return t;
}

/* <document>, the merchant's element as it stands, its signature. */
static void document_wrap(const struct alym_gateway_state *state, const struct buffer *merchant,
	bool with_id, struct buffer *document)
{
	char signature[SIGN_TEXT_SIZE];

	assert(!merchant->overflowed);

	sign_make(&state->sign, buffer_text(merchant), signature);
	buffer_add_string(document, "<document>");
	buffer_add(document, buffer_text(merchant));
	buffer_add_string(document, "<merchant_sign type=\"RSA\"");
	if (with_id) {
		buffer_printf(document, " cert_id=\"%s\"", state->cert_id);
	}
	buffer_printf(document, ">%s</merchant_sign></document>", signature);
}

static struct text document_encoded(const struct alym_gateway_state *state, struct buffer *merchant,
	struct alym_scratch *scratch)
{
	struct buffer document;
	struct buffer encoded;

	buffer_init(&document, DOCUMENT_SIZE_MAX);
	buffer_init(&encoded, (size_t)3 * DOCUMENT_SIZE_MAX);
	document_wrap(state, merchant, true, &document);
	form_encode(&encoded, buffer_text(&document));
	buffer_done(&document);
	buffer_done(merchant);
	return scratch_take(scratch, &encoded);
}

struct text document_order(const struct alym_gateway_state *state, const struct alym_order *order,
	struct alym_scratch *scratch)
{
	char amount[MONEY_TEXT_SIZE];
	struct text sum = document_amount(order->amount, amount);
	const char *currency = currency_number(order->amount.currency);
	struct buffer merchant;
	struct buffer document;
	char *out;
	int size;

	assert(currency != NULL);

	buffer_init(&merchant, DOCUMENT_SIZE_MAX);
	buffer_init(&document, DOCUMENT_SIZE_MAX);
	buffer_printf(&merchant,
		"<merchant cert_id=\"%s\" name=\"%s\"><order order_id=\"%.*s\" amount=\"%.*s\" "
		"currency=\"%s\"><department merchant_id=\"%s\" amount=\"%.*s\"/></order>"
		"</merchant>",
		state->cert_id, state->merchant_name, TEXT_ARGS(order->number), TEXT_ARGS(sum),
		currency, state->merchant_id, TEXT_ARGS(sum));
	document_wrap(state, &merchant, false, &document);
	buffer_done(&merchant);
	assert(!document.overflowed);
	out = scratch_reserve(scratch, (document.size + 2) / 3 * 4 + 1);
	size = out != NULL ? EVP_EncodeBlock((unsigned char *)out,
				     (const unsigned char *)document.bytes, (int)document.size)
			   : 0;
	buffer_done(&document);
	return (struct text){ size > 0 ? out : "", (size_t)size };
}

struct text document_question(const struct alym_gateway_state *state, struct text number,
	struct alym_scratch *scratch)
{
	struct buffer merchant;

	buffer_init(&merchant, DOCUMENT_SIZE_MAX);
	buffer_printf(&merchant, "<merchant id=\"%s\"><order id=\"%.*s\"/></merchant>",
		state->merchant_id, TEXT_ARGS(number));
	return document_encoded(state, &merchant, scratch);
}

struct text document_command(const struct alym_gateway_state *state,
	const struct document_command *command, struct alym_scratch *scratch)
{
	char amount[MONEY_TEXT_SIZE];
	struct text sum = document_amount(command->amount, amount);
	const char *currency = currency_number(command->amount.currency);
	struct buffer merchant;

	assert(currency != NULL);

	buffer_init(&merchant, DOCUMENT_SIZE_MAX);
	buffer_printf(&merchant,
		"<merchant id=\"%s\"><command type=\"%s\"/><payment reference=\"%s\" "
		"approval_code=\"%s\" orderid=\"%.*s\" amount=\"%.*s\" currency_code=\"%s\"/>",
		state->merchant_id, command->type, command->reference, command->approval,
		TEXT_ARGS(command->number), TEXT_ARGS(sum), currency);
	if (strcmp(command->type, "complete") != 0) {
		buffer_add_string(&merchant, "<reason>Return payment</reason>");
	}
	buffer_add_string(&merchant, "</merchant>");
	return document_encoded(state, &merchant, scratch);
}
