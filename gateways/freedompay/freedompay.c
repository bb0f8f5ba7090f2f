/* SPDX-License-Identifier: Apache-2.0 */
#include "gateways/freedompay/freedompay.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "gateways/freedompay/callback.h"
#include "gateways/freedompay/operation.h"
#include "plugins/settings.h"

static const struct alym_key freedompay_keys[] = {
	{ "endpoint", true, "the bank's address: https://host[:port][/prefix]" },
	{ "merchant_id", true, "our number at the bank" },
	{ "secret_file", true, "file with the secret key for payments" },
	{ "secret_next_file", false, "file with a second secret that is accepted as well" },
	{ "testing", false, "yes: payments are tests; no: tests are refused (no)" },
	{ "two_step", false, "yes: the bank holds the money until it is captured (no)" },
	{ "check", false, "yes: the bank asks before it debits a payer (yes)" },
	{ "language_kk", false, "pg_language for Kazakh; not sent if not set" },
	{ 0 },
};

bool freedompay_read_flag(struct text t, bool *flag)
{
	assert(flag != NULL);

	if (!text_is(t, "0") && !text_is(t, "1")) {
		return false;
	}
	*flag = text_is(t, "1");
	return true;
}

/* ---- settings ---- */

static bool freedompay_take_choice(const struct settings *settings, const char *name, bool *choice)
{
	struct text value = settings_find(settings, name);

	if (value.size > 0) {
		*choice = text_is(value, "yes");
	}
	return value.size == 0 || *choice || text_is(value, "no");
}

static bool freedompay_is_word(struct text t)
{
	for (size_t i = 0; i < t.size; i++) {
		char c = t.bytes[i];

		if ((c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && c != '-') {
			return false;
		}
	}
	return true;
}

static bool freedompay_secret_fits(struct text secret)
{
	return secret.size >= PGSIG_SECRET_MIN && secret.size <= PGSIG_SECRET_MAX &&
	       text_is_utf8(secret);
}

static const char *freedompay_read_choices(struct alym_gateway_state *state,
	const struct settings *settings)
{
	struct text kazakh = settings_find(settings, "language_kk");

	state->check = true;
	if (!freedompay_take_choice(settings, "testing", &state->testing)) {
		return "testing must be yes or no";
	}
	if (!freedompay_take_choice(settings, "two_step", &state->two_step)) {
		return "two_step must be yes or no";
	}
	if (!freedompay_take_choice(settings, "check", &state->check)) {
		return "check must be yes or no";
	}
	if (!freedompay_is_word(kazakh) ||
		!text_copy(kazakh, state->language_kk, sizeof(state->language_kk))) {
		return "language_kk must be 1 to 8 of A-Z a-z -";
	}
	return NULL;
}

static const char *freedompay_read_settings(struct alym_gateway_state *state,
	const struct settings *settings)
{
	struct text merchant = settings_find(settings, "merchant_id");
	struct text secret = settings_find_line(settings, "secret_file");
	struct text next = settings_find_line(settings, "secret_next_file");
	const char *complaint;

	if (!text_is_digits(merchant) ||
		!text_copy(merchant, state->merchant, sizeof(state->merchant))) {
		return "merchant_id must be 1 to 15 digits";
	}
	if (!freedompay_secret_fits(secret)) {
		return "secret_file must hold 8 to 128 bytes";
	}
	if (settings_find(settings, "secret_next_file").size > 0 && !freedompay_secret_fits(next)) {
		return "secret_next_file must hold 8 to 128 bytes";
	}
	complaint = freedompay_read_choices(state, settings);
	if (complaint == NULL && !pgsig_init(&state->pgsig, secret, next)) {
		return "this OpenSSL has no MD5, which the bank's signature is";
	}
	return complaint;
}

static void freedompay_close(struct alym_gateway_state *state)
{
	if (state != NULL) {
		pgsig_done(&state->pgsig);
		free(state);
	}
}

static struct alym_gateway_state *freedompay_open(const struct alym_setting *settings, size_t count,
	char *why, size_t why_size)
{
	const struct settings all = { settings, count };
	struct alym_gateway_state *state = mem_new(1, sizeof(*state));
	const char *wrong = endpoint_parse(&state->endpoint, settings_find(&all, "endpoint"));
	const char *complaint = wrong == NULL ? freedompay_read_settings(state, &all) : wrong;

	assert(why != NULL);
	assert(why_size > 0);

	xmltree_init();
	if (complaint != NULL) {
		(void)snprintf(why, why_size, "%s%s", wrong != NULL ? "endpoint " : "", complaint);
		freedompay_close(state);
		return NULL;
	}
	return state;
}

static void freedompay_step(const struct alym_gateway_state *state, void *session,
	const struct alym_event *event, struct alym_action *action)
{
	if (event->order != NULL) {
		operation_step(state, session, event, action);
	} else {
		callback_step(state, session, event, action);
	}
}

ALYM_GATEWAY(.name = "freedompay", .keys = freedompay_keys,
	.order = { .digits_min = 8, .digits_max = 15 },
	.session_size = sizeof(struct freedompay_session), .open = freedompay_open,
	.close = freedompay_close, .step = freedompay_step);
