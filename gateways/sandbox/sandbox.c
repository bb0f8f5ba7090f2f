/* SPDX-License-Identifier: Apache-2.0 */
#include "gateways/sandbox/sandbox.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "gateways/sandbox/callback.h"
#include "gateways/sandbox/listing.h"
#include "gateways/sandbox/operation.h"
#include "plugins/settings.h"

enum { SANDBOX_WINDOW_S = 300, SANDBOX_WINDOW_S_MAX = 3600 };

static const struct alym_key sandbox_keys[] = {
	{ "endpoint", true, "the bank's address: https://host[:port][/prefix]" },
	{ "merchant", true, "our name at the bank" },
	{ "secret_file", true, "file with the secret shared with the bank" },
	{ "secret_next_file", false, "file with a second secret that is accepted as well" },
	{ "window_s", false, "how many seconds a timestamp may be off (300)" },
	{ 0 },
};

/* ---- what both directions read ---- */

void sandbox_take_money(struct json_reader *r, enum json_need need, struct money *money)
{
	struct text currency = TEXT("");
	char code[MONEY_CURRENCY_SIZE];
	int64_t minor = 0;

	assert(money != NULL);

	json_take_integer(r, "amount", need, 1, MONEY_API_MAX, &minor);
	json_take_text(r, "currency", need, sizeof(code) - 1, &currency);
	if (!money_currency_is_known(currency) || !text_copy(currency, code, sizeof(code))) {
		json_complain(r, JSON_WRONG, "currency", "is none of the tariff's");
		return;
	}
	*money = money_of(minor, code);
}

void sandbox_take_number(struct json_reader *r, const char *name, enum json_need need,
	size_t digits_min, struct text *number)
{
	struct text t = TEXT("");

	assert(number != NULL);
	assert(digits_min > 0);

	json_take_text(r, name, need, SANDBOX_NUMBER_MAX, &t);
	if (t.size == 0) {
		return;
	}
	if (!text_is_digits(t) || t.size < digits_min) {
		json_complain(r, JSON_WRONG, name, "must be %zu to %d digits", digits_min,
			SANDBOX_NUMBER_MAX);
		return;
	}
	*number = t;
}

void sandbox_take_paid(struct json_reader *r, struct alym_verdict *verdict)
{
	assert(verdict != NULL);

	json_take_time(r, "paid_at", JSON_REQUIRED, &verdict->paid_at);
	verdict->paid = ALYM_PAID_INSTANT;
	if (verdict->paid_at <= 0) {
		json_complain(r, JSON_WRONG, "paid_at", "must be a time after 1970");
	}
}

/* ---- settings ---- */

static bool sandbox_secret_fits(struct text secret)
{
	return secret.size >= SEAL_SECRET_MIN && secret.size <= SEAL_SECRET_MAX;
}

static const char *sandbox_read_settings(struct alym_gateway_state *state,
	const struct settings *settings)
{
	struct text secret = settings_find_line(settings, "secret_file");
	struct text next_file = settings_find(settings, "secret_next_file");
	struct text next = settings_find_line(settings, "secret_next_file");
	struct text window = settings_find(settings, "window_s");
	struct text merchant = settings_find(settings, "merchant");
	int64_t window_s = SANDBOX_WINDOW_S;

	if (!text_is_made_of(merchant, "_-") ||
		!text_copy(merchant, state->merchant, sizeof(state->merchant))) {
		return "merchant must be 1 to 32 of A-Z a-z 0-9 _ -";
	}
	if (!sandbox_secret_fits(secret)) {
		return "secret_file must hold 16 to 128 bytes";
	}
	if (next_file.size > 0 && !sandbox_secret_fits(next)) {
		return "secret_next_file must hold 16 to 128 bytes";
	}
	if (window.size > 0 && (!text_parse_integer(window, &window_s) || window_s < 1 ||
				       window_s > SANDBOX_WINDOW_S_MAX)) {
		return "window_s must be 1 to 3600";
	}
	seal_init(&state->seal, secret, next, window_s);
	return NULL;
}

static struct alym_gateway_state *sandbox_open(const struct alym_setting *settings, size_t count,
	char *why, size_t why_size)
{
	struct alym_gateway_state *state = mem_new(1, sizeof(*state));
	struct settings all = { settings, count };
	const char *name = "endpoint ";
	const char *complaint;

	assert(why != NULL);
	assert(why_size > 0);

	complaint = endpoint_parse(&state->endpoint, settings_find(&all, "endpoint"));
	if (complaint == NULL) {
		name = "";
		complaint = sandbox_read_settings(state, &all);
	}
	if (complaint != NULL) {
		(void)snprintf(why, why_size, "%s%s", name, complaint);
		free(state);
		return NULL;
	}
	return state;
}

static void sandbox_close(struct alym_gateway_state *state)
{
	if (state != NULL) {
		seal_done(&state->seal);
		free(state);
	}
}

static void sandbox_step(const struct alym_gateway_state *state, void *session,
	const struct alym_event *event, struct alym_action *action)
{
	if (event->list != NULL) {
		listing_step(state, session, event, action);
	} else if (event->order != NULL) {
		operation_step(state, session, event, action);
	} else {
		callback_step(state, session, event, action);
	}
}

ALYM_GATEWAY(.name = "sandbox", .keys = sandbox_keys,
	.order = { .digits_min = 8, .digits_max = 15 }, .lists = true,
	.session_size = sizeof(struct sandbox_session), .open = sandbox_open,
	.close = sandbox_close, .step = sandbox_step);
