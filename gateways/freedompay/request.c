/* SPDX-License-Identifier: Apache-2.0 */
#include "gateways/freedompay/request.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "plugins/scratch.h"

enum {
	REQUEST_BODY_MAX = 32768,
	REQUEST_DESCRIPTION_MAX = 1024, /* bytes */
	REQUEST_SALT_SIZE = 33,
	REQUEST_NUMBER_SIZE = 24,
};

struct text request_init_script(void)
{
	return TEXT("init_payment.php");
}

struct text request_status_script(void)
{
	return TEXT("get_status3.php");
}

struct text request_move_script(enum alym_operation operation)
{
	if (operation == ALYM_OPERATION_CAPTURE) {
		return TEXT("do_capture.php");
	}
	return operation == ALYM_OPERATION_RELEASE ? TEXT("cancel.php") : TEXT("revoke.php");
}

/* What a request says, before it is signed; values are the caller's. */
static void request_add(struct form *form, const char *name, struct text value)
{
	assert(form->count < FORM_FIELDS_MAX);

	form->fields[form->count++] = (struct form_field){ text_of(name), value };
}

/* Adds whose it is, the salt and the signature, and sends it. */
static void request_send(const struct alym_gateway_state *state, const struct alym_event *event,
	struct text script, struct form *form, struct alym_action *action)
{
	struct alym_scratch *scratch = action->scratch;
	struct pgsig_fields fields;
	struct buffer body;
	char salt[REQUEST_SALT_SIZE];
	char sig[PGSIG_TEXT_SIZE];

	text_hex(event->random, (REQUEST_SALT_SIZE - 1) / 2, salt);
	request_add(form, "pg_merchant_id", text_of(state->merchant));
	request_add(form, "pg_salt", text_of(salt));
	action->kind = ALYM_ACTION_SEND;
	action->request.method = TEXT("POST");
	action->request.url =
		scratch_printf(scratch, "%s/%.*s", state->endpoint.address, TEXT_ARGS(script));
	if (!pgsig_of_form(form, &fields)) {
		return; /* never: there are few, and their names are short */
	}
	pgsig_make(&state->pgsig, 0, script, &fields, sig);
	pgsig_free(&fields);
	request_add(form, "pg_sig", text_of(sig));

	buffer_init(&body, REQUEST_BODY_MAX);
	for (size_t i = 0; i < form->count; i++) {
		form_add(&body, form->fields[i].name.bytes, form->fields[i].value);
	}
	action->request.body = scratch_take(scratch, &body);
	scratch->headers[0] = (struct alym_header){ TEXT("Content-Type"),
		TEXT("application/x-www-form-urlencoded") };
	action->request.headers = scratch->headers;
	action->request.header_count = 1;
}

/* The payer's words without what separates values in the signature, and no longer than it may be:
 * cut between characters. */
static struct text request_description(const struct alym_order *order, struct alym_scratch *scratch)
{
	struct text t = order->description.size > 0 ? order->description : order->number;
	size_t size = 0;
	char *bytes;

	while (size < t.size) {
		size_t more = text_utf8_size((struct text){ t.bytes + size, t.size - size });

		if (more == 0 || size + more > REQUEST_DESCRIPTION_MAX) {
			break;
		}
		size += more;
	}
	bytes = scratch_reserve(scratch, size + 1);
	if (bytes == NULL) {
		return TEXT("");
	}
	memcpy(bytes, t.bytes, size);
	for (size_t i = 0; i < size; i++) {
		if (bytes[i] == ';') {
			bytes[i] = ',';
		}
	}
	return (struct text){ bytes, size };
}

static bool request_has_semicolon(struct text t)
{
	return t.size > 0 && memchr(t.bytes, ';', t.size) != NULL;
}

static void request_add_wishes(const struct alym_gateway_state *state,
	const struct alym_order *order, struct form *form)
{
	bool kazakh = text_is(order->language, "kk");

	if (kazakh && state->language_kk[0] != '\0') {
		request_add(form, "pg_language", text_of(state->language_kk));
	} else if (!kazakh && order->language.size > 0) {
		request_add(form, "pg_language", order->language);
	}
	if (state->check) {
		request_add(form, "pg_check_url", order->callback_url);
	}
	if (order->return_url.size > 0) {
		request_add(form, "pg_success_url", order->return_url);
		request_add(form, "pg_failure_url", order->return_url);
	}
	if (state->two_step) {
		request_add(form, "pg_postpone_payment", TEXT("1"));
	}
	if (state->testing) {
		request_add(form, "pg_testing_mode", TEXT("1"));
	}
}

bool request_init(const struct alym_gateway_state *state, const struct alym_event *event,
	struct alym_action *action)
{
	const struct alym_order *order = event->order;
	struct form form = { .count = 0 };
	char amount[MONEY_TEXT_SIZE];
	char lifetime[REQUEST_NUMBER_SIZE];

	assert(state != NULL);
	assert(order != NULL);

	if (request_has_semicolon(order->callback_url) ||
		request_has_semicolon(order->return_url)) {
		return false;
	}
	(void)snprintf(lifetime, sizeof(lifetime), "%lld",
		(long long)(order->expires_at - event->now));
	request_add(&form, "pg_order_id", order->number);
	request_add(&form, "pg_amount", text_of(money_format_amount(order->amount, amount)));
	request_add(&form, "pg_currency", text_of(order->amount.currency));
	request_add(&form, "pg_description", request_description(order, action->scratch));
	request_add(&form, "pg_lifetime", text_of(lifetime));
	request_add(&form, "pg_result_url", order->callback_url);
	request_add(&form, "pg_request_method", TEXT("POST"));
	request_add_wishes(state, order, &form);
	request_send(state, event, request_init_script(), &form, action);
	return true;
}

void request_status(const struct alym_gateway_state *state, const char *id,
	const struct alym_event *event, struct alym_action *action)
{
	struct form form = { .count = 0 };

	assert(state != NULL);
	assert(id != NULL);

	if (id[0] != '\0') {
		request_add(&form, "pg_payment_id", text_of(id));
	} else {
		request_add(&form, "pg_order_id", event->order->number);
	}
	request_send(state, event, request_status_script(), &form, action);
}

void request_move(const struct alym_gateway_state *state, const char *id,
	const struct alym_event *event, struct alym_action *action)
{
	struct form form = { .count = 0 };
	char amount[MONEY_TEXT_SIZE];

	assert(state != NULL);
	assert(id != NULL);

	request_add(&form, "pg_payment_id", text_of(id));
	if (event->operation == ALYM_OPERATION_CAPTURE) {
		request_add(&form, "pg_clearing_amount",
			text_of(money_format_amount(event->order->amount, amount)));
	} else if (event->operation == ALYM_OPERATION_REFUND) {
		request_add(&form, "pg_refund_amount",
			text_of(money_format_amount(event->order->refund, amount)));
	}
	request_send(state, event, request_move_script(event->operation), &form, action);
}
