/* SPDX-License-Identifier: Apache-2.0 */
#include "gateways/bcc/outgoing.h"

#include <assert.h>
#include <string.h>

#include "base/date.h"
#include "plugins/form.h"
#include "plugins/scratch.h"

enum { OUTGOING_BODY_MAX = 16384, OUTGOING_NONCE_BYTES = 16, OUTGOING_HOUR_S = 3600 };

void outgoing_add(struct outgoing *out, const char *name, struct text value)
{
	assert(out->count < ALYM_FIELDS_MAX);

	out->scratch->fields[out->count++] =
		(struct alym_form_field){ .name = text_of(name), .value = value };
}

static struct text outgoing_find(const struct outgoing *out, const char *name)
{
	size_t i = 0;

	while (i < out->count && !text_is(out->scratch->fields[i].name, name)) {
		i++;
	}
	assert(i < out->count);
	return out->scratch->fields[i].value;
}

/* UTC, as MERCH_GMT 0 says. */
static struct text outgoing_timestamp(struct alym_scratch *scratch, int64_t now)
{
	struct date_civil day = date_to_civil((int32_t)(now / DATE_DAY_S));
	int second = (int)(now % DATE_DAY_S);

	assert(now >= 0);

	return scratch_printf(scratch, "%04d%02d%02d%02d%02d%02d", day.year, day.month, day.day,
		second / OUTGOING_HOUR_S, second / 60 % 60, second % 60);
}

static struct text outgoing_nonce(struct alym_scratch *scratch, const uint8_t *random)
{
	char *hex = scratch_reserve(scratch, (size_t)2 * OUTGOING_NONCE_BYTES);

	if (hex == NULL) {
		return TEXT("");
	}
	for (size_t i = 0; i < OUTGOING_NONCE_BYTES; i++) {
		static const char digits[] = "0123456789ABCDEF";

		hex[2 * i] = digits[random[i] >> 4];
		hex[2 * i + 1] = digits[random[i] & 15];
	}
	return (struct text){ hex, (size_t)2 * OUTGOING_NONCE_BYTES };
}

void outgoing_seal(struct outgoing *out, const struct alym_gateway_state *state,
	const struct alym_event *event, const char *trtype)
{
	const char *const *names = sign_fields(text_of(trtype));
	struct text values[SIGN_FIELDS_MAX];
	char sign[SIGN_SIZE];
	size_t count = 0;

	assert(names != NULL);

	outgoing_add(out, "TERMINAL", text_of(state->terminal));
	outgoing_add(out, "TRTYPE", text_of(trtype));
	outgoing_add(out, "TIMESTAMP", outgoing_timestamp(out->scratch, event->now));
	outgoing_add(out, "NONCE", outgoing_nonce(out->scratch, event->random));
	outgoing_add(out, "MERCH_GMT", TEXT("0"));
	for (; names[count] != NULL; count++) {
		values[count] = outgoing_find(out, names[count]);
	}
	sign_make(&state->mac, values, count, sign);
	outgoing_add(out, "P_SIGN", scratch_copy(out->scratch, text_of(sign)));
}

struct text outgoing_amount(struct alym_scratch *scratch, struct money amount)
{
	char text[MONEY_TEXT_SIZE];

	return scratch_copy(scratch, text_of(money_format_amount(amount, text)));
}

struct text outgoing_notify_url(struct alym_scratch *scratch, struct text url)
{
	struct text scheme = TEXT("https://");
	size_t host = 0; /* where it ends */
	bool port = false;

	if (!text_starts(url, scheme)) {
		return url;
	}
	for (host = scheme.size; host < url.size && url.bytes[host] != '/'; host++) {
		/* [2001:db8::1] has colons that begin no port. */
		port = url.bytes[host] == ':' || (port && url.bytes[host] != ']');
	}
	if (port) {
		return url;
	}
	return scratch_printf(scratch, "%.*s:443%.*s", (int)host, url.bytes, (int)(url.size - host),
		url.bytes + host);
}

void outgoing_send(struct outgoing *out, const struct alym_gateway_state *state,
	struct alym_action *action)
{
	struct buffer body;

	buffer_init(&body, OUTGOING_BODY_MAX);
	for (size_t i = 0; i < out->count; i++) {
		const struct alym_form_field *field = &out->scratch->fields[i];

		form_add(&body, field->name.bytes, field->value);
	}
	out->scratch->headers[0] = (struct alym_header){ TEXT("Content-Type"),
		TEXT("application/x-www-form-urlencoded") };
	action->kind = ALYM_ACTION_SEND;
	action->request = (struct alym_request){
		.method = TEXT("POST"),
		.url = text_of(state->endpoint.address),
		.headers = out->scratch->headers,
		.header_count = 1,
		.body = scratch_take(out->scratch, &body),
	};
}
