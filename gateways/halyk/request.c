/* SPDX-License-Identifier: Apache-2.0 */
#include "gateways/halyk/request.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>

#include "base/json.h"
#include "plugins/form.h"
#include "plugins/scratch.h"

enum { REQUEST_BODY_MAX = 16384 };

/* "100", and "12.22" where there are tiyn: as the bank's own examples write it. */
static struct text request_amount(struct money m, char out[MONEY_TEXT_SIZE])
{
	struct text t = text_of(money_format_amount(m, out));

	if (m.minor % MONEY_MINOR_PER_MAJOR == 0) {
		t.size -= sizeof(".00") - 1;
	}
	return t;
}

static const char *request_language(struct text language)
{
	if (text_is(language, "kk")) {
		return "kaz";
	}
	return text_is(language, "en") ? "eng" : "rus";
}

/* Known to whoever has the secret, and to the bank: it need not be stored to be recognised. */
static void request_add_hash(const struct alym_gateway_state *state, struct text number,
	struct buffer *body)
{
	unsigned char mac[HALYK_HASH_SIZE];
	char hex[2 * HALYK_HASH_SIZE + 1];

	mac_make(&state->mac, &number, 1, mac);
	text_hex(mac, sizeof(mac), hex);
	form_add(body, "secret_hash", text_of(hex));
}

static void request_add_payment(const struct alym_gateway_state *state,
	const struct alym_order *order, struct buffer *body)
{
	char amount[MONEY_TEXT_SIZE];

	form_add(body, "invoiceID", order->number);
	request_add_hash(state, order->number, body);
	form_add(body, "amount", request_amount(order->amount, amount));
	form_add(body, "currency", text_of(order->amount.currency));
	form_add(body, "terminal", text_of(state->terminal));
	form_add(body, "postLink", order->callback_url);
	form_add(body, "failurePostLink", order->callback_url);
}

void request_token(const struct alym_gateway_state *state, const struct halyk_session *session,
	const struct alym_event *event, struct alym_action *action)
{
	bool invoice = session->wanted == HALYK_INVOICE;
	bool user = invoice && state->username[0] != '\0';
	struct buffer body;

	assert(event->order != NULL);

	buffer_init(&body, REQUEST_BODY_MAX);
	form_add(&body, "grant_type", user ? TEXT("password") : TEXT("client_credentials"));
	if (user) {
		form_add(&body, "username", text_of(state->username));
		form_add(&body, "password", text_of(state->password));
	}
	form_add(&body, "scope", text_of(state->scope));
	form_add(&body, "client_id", text_of(state->client_id));
	form_add(&body, "client_secret", text_of(state->client_secret));
	if (invoice) {
		request_add_payment(state, event->order, &body);
	} else {
		form_add(&body, "terminal", text_of(state->terminal));
	}
	action->scratch->headers[0] = (struct alym_header){ TEXT("Content-Type"),
		TEXT("application/x-www-form-urlencoded") };
	action->request.headers = action->scratch->headers;
	action->request.header_count = 1;
	action->request.method = TEXT("POST");
	action->request.url =
		scratch_printf(action->scratch, "%s/oauth2/token", state->oauth.address);
	action->request.body = scratch_take(action->scratch, &body);
	action->kind = ALYM_ACTION_SEND;
}

/* The method, the token and, where there is a body, its type. */
static void request_send(struct text method, struct text token, struct alym_action *action)
{
	struct alym_header *headers = action->scratch->headers;

	headers[0] = (struct alym_header){ TEXT("Authorization"),
		scratch_printf(action->scratch, "Bearer %.*s", TEXT_ARGS(token)) };
	headers[1] = (struct alym_header){ TEXT("Content-Type"), TEXT("application/json") };
	action->request.headers = headers;
	action->request.header_count = action->request.body.size > 0 ? 2 : 1;
	action->request.method = method;
	action->kind = ALYM_ACTION_SEND;
}

void request_invoice(const struct alym_gateway_state *state, struct text token,
	const struct alym_event *event, struct alym_action *action)
{
	const struct alym_order *order = event->order;
	char period[16];
	char amount[MONEY_TEXT_SIZE];
	struct buffer body;
	struct json_writer w;
	int size = snprintf(period, sizeof(period), "%" PRId64 "d", state->link_days);

	assert(size > 0 && (size_t)size < sizeof(period));

	buffer_init(&body, REQUEST_BODY_MAX);
	json_writer_init(&w, &body);
	json_open_object(&w, NULL);
	json_text(&w, "account_id", order->code);
	json_raw(&w, "amount", request_amount(order->amount, amount));
	json_text_said(&w, "back_link", order->return_url);
	json_cstring(&w, "currency", order->amount.currency);
	json_text_said(&w, "description", order->description);
	json_cstring(&w, "expire_period", period);
	json_text_said(&w, "failure_back_link", order->return_url);
	json_text(&w, "failure_post_link", order->callback_url);
	json_text(&w, "invoice_id", order->number);
	json_cstring(&w, "language", request_language(order->language));
	json_text(&w, "post_link", order->callback_url);
	json_text_said(&w, "recipient_contact", text_of(state->contact));
	json_cstring(&w, "shop_id", state->shop_id);
	json_close_object(&w);
	action->request.url = scratch_printf(action->scratch, "%s/invoice", state->api.address);
	action->request.body = scratch_take(action->scratch, &body);
	request_send(TEXT("POST"), token, action);
}

void request_status(const struct alym_gateway_state *state, struct text token,
	const struct alym_event *event, struct alym_action *action)
{
	action->request.url =
		scratch_printf(action->scratch, "%s/check-status/payment/transaction/%.*s",
			state->api.address, TEXT_ARGS(event->order->number));
	request_send(TEXT("GET"), token, action);
}

void request_movement(const struct alym_gateway_state *state, struct text token, const char *id,
	const struct alym_event *event, struct alym_action *action)
{
	struct alym_scratch *scratch = action->scratch;
	char amount[MONEY_TEXT_SIZE];
	struct text sum;

	switch (event->operation) {
	case ALYM_OPERATION_CAPTURE: /* the sum is said, so that a larger hold is not all taken */
		sum = request_amount(event->order->amount, amount);
		action->request.url = scratch_printf(scratch, "%s/operation/%s/charge?amount=%.*s",
			state->api.address, id, TEXT_ARGS(sum));
		break;
	case ALYM_OPERATION_REFUND:
		sum = request_amount(event->order->refund, amount);
		action->request.url = scratch_printf(scratch,
			"%s/operation/%s/refund?amount=%.*s&externalID=%.*s", state->api.address,
			id, TEXT_ARGS(sum), TEXT_ARGS(event->order->refund_id));
		break;
	case ALYM_OPERATION_RELEASE:
	case ALYM_OPERATION_PAY:
	case ALYM_OPERATION_STATUS:
	case ALYM_OPERATION_LIST:
		assert(event->operation == ALYM_OPERATION_RELEASE);
		action->request.url =
			scratch_printf(scratch, "%s/operation/%s/cancel", state->api.address, id);
		break;
	}
	request_send(TEXT("POST"), token, action);
}
