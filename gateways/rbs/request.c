/* SPDX-License-Identifier: Apache-2.0 */
#include "gateways/rbs/request.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>

#include "base/date.h"
#include "gateways/rbs/answer.h"
#include "plugins/form.h"
#include "plugins/scratch.h"

enum {
	REQUEST_BODY_MAX = 16384,
	REQUEST_INTEGER_SIZE = 24,
	REQUEST_TIME_SIZE = 40,
	REQUEST_DESCRIPTION_MAX = 598,
	REQUEST_MINUTE_S = 60,
	REQUEST_HOUR_S = 3600,
};

/* Who asks stands first in every body. */
static void request_begin(const struct alym_gateway_state *state, struct buffer *body)
{
	buffer_init(body, REQUEST_BODY_MAX);
	if (state->token[0] != '\0') {
		form_add(body, "token", text_of(state->token));
	} else {
		form_add(body, "userName", text_of(state->user));
		form_add(body, "password", text_of(state->password));
	}
}

static void request_send(const struct alym_gateway_state *state, const char *method,
	struct buffer *body, struct alym_action *action)
{
	struct alym_scratch *scratch = action->scratch;

	scratch->headers[0] = (struct alym_header){ TEXT("Content-Type"),
		TEXT("application/x-www-form-urlencoded") };
	action->kind = ALYM_ACTION_SEND;
	action->request.method = TEXT("POST");
	action->request.url = scratch_printf(scratch, "%s/%s", state->endpoint.address, method);
	action->request.headers = scratch->headers;
	action->request.header_count = 1;
	action->request.body = scratch_take(scratch, body);
}

static void request_add_integer(struct buffer *body, const char *name, int64_t value)
{
	char digits[REQUEST_INTEGER_SIZE];

	(void)snprintf(digits, sizeof(digits), "%" PRId64, value);
	form_add(body, name, text_of(digits));
}

/* By the bank's own clock, without a zone. */
static void request_add_time(struct buffer *body, const char *name, int64_t local_s)
{
	char out[REQUEST_TIME_SIZE];
	char day[DATE_TEXT_SIZE];
	int second = (int)(local_s % DATE_DAY_S);

	assert(local_s > 0);

	date_format((int32_t)(local_s / DATE_DAY_S), day);
	(void)snprintf(out, sizeof(out), "%sT%02d:%02d:%02d", day, second / REQUEST_HOUR_S,
		second % REQUEST_HOUR_S / REQUEST_MINUTE_S, second % REQUEST_MINUTE_S);
	form_add(body, name, text_of(out));
}

/* Whole characters of at most `size_max` bytes. */
static struct text request_cut(struct text t, size_t size_max)
{
	size_t size = 0;

	while (size < t.size) {
		size_t step = text_utf8_size((struct text){ t.bytes + size, t.size - size });

		if (step == 0 || size + step > size_max) {
			break;
		}
		size += step;
	}
	return (struct text){ .bytes = t.bytes, .size = size };
}

static void request_add_text(struct buffer *body, const char *name, struct text value)
{
	if (value.size > 0) {
		form_add(body, name, value);
	}
}

void request_register(const struct alym_gateway_state *state, const struct alym_order *order,
	struct text return_url, struct alym_action *action)
{
	struct buffer body;

	assert(state != NULL);
	assert(return_url.size > 0);

	request_begin(state, &body);
	form_add(&body, "orderNumber", order->number);
	request_add_integer(&body, "amount", order->amount.minor);
	request_add_integer(&body, "currency", answer_currency_number(order->amount.currency));
	form_add(&body, "returnUrl", return_url);
	request_add_text(&body, "description",
		request_cut(order->description, REQUEST_DESCRIPTION_MAX));
	request_add_text(&body, "language", order->language);
	if (state->dynamic_callback) {
		request_add_text(&body, "dynamicCallbackUrl", order->callback_url);
	}
	request_add_time(&body, "expirationDate", order->expires_at + state->offset_s);
	request_send(state, state->two_step ? "registerPreAuth.do" : "register.do", &body, action);
}

void request_status(const struct alym_gateway_state *state, const struct alym_order *order,
	struct text md_order, struct alym_action *action)
{
	struct buffer body;

	assert(state != NULL);

	request_begin(state, &body);
	if (md_order.size > 0) {
		form_add(&body, "orderId", md_order);
	} else {
		form_add(&body, "orderNumber", order->number);
	}
	request_send(state, "getOrderStatusExtended.do", &body, action);
}

void request_movement(const struct alym_gateway_state *state, const char *method,
	struct text md_order, int64_t amount, struct alym_action *action)
{
	struct buffer body;

	assert(state != NULL);
	assert(md_order.size > 0);

	request_begin(state, &body);
	form_add(&body, "orderId", md_order);
	if (amount != REQUEST_NO_AMOUNT) {
		request_add_integer(&body, "amount", amount);
	}
	request_send(state, method, &body, action);
}

void request_refund(const struct alym_gateway_state *state, const struct alym_order *order,
	int64_t expected, struct alym_action *action)
{
	struct buffer body;

	assert(state != NULL);
	assert(expected >= order->refund.minor);

	request_begin(state, &body);
	form_add(&body, "orderId", order->handle);
	request_add_integer(&body, "amount", order->refund.minor);
	request_add_integer(&body, "expectedDepositedAmount", expected);
	form_add(&body, "externalRefundId", order->refund_id);
	request_send(state, "refund.do", &body, action);
}
