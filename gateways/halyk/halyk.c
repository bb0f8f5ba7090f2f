/* SPDX-License-Identifier: Apache-2.0 */
#include "gateways/halyk/halyk.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "gateways/halyk/callback.h"
#include "gateways/halyk/operation.h"
#include "plugins/settings.h"

enum { HALYK_LINK_DAYS = 1, HALYK_LINK_DAYS_MAX = 30 };

static const struct alym_key halyk_keys[] = {
	{ "endpoint", true, "the API: https://epay-api.homebank.kz" },
	{ "token_endpoint", true, "who gives tokens: https://epay-oauth.homebank.kz" },
	{ "client_id", true, "our name at the bank" },
	{ "client_secret_file", true, "file with the secret that goes with it" },
	{ "client_secret_next_file", false, "file with a second one, for secret_hash alone" },
	{ "terminal", true, "TerminalID, a UUID" },
	{ "shop_id", true, "Shop_ID, a UUID" },
	{ "username", false, "of the cabinet's user who may make links" },
	{ "password_file", false, "file with that user's password" },
	{ "contact", false, "our own address, where the bank tells of each link" },
	{ "scope", false, "of a token, if not the one the bank documents" },
	{ "link_days", false, "how many days a link lives (1)" },
	{ "none_code", false, "resultCode that means: no such transaction" },
	{ 0 },
};

#define HALYK_SCOPE "webapi usermanagement email_send verification statement statistics payment"

/* A text that is sent as it is: printable, of 1 to `size` - 1 bytes. */
static bool halyk_copy(struct text value, char *out, size_t size)
{
	for (size_t i = 0; i < value.size; i++) {
		if (value.bytes[i] < ' ' || value.bytes[i] > '~') {
			return false;
		}
	}
	return value.size > 0 && text_copy(value, out, size);
}

static bool halyk_copy_if_set(struct text value, char *out, size_t size)
{
	return value.size == 0 || halyk_copy(value, out, size);
}

static const char *halyk_read_addresses(struct alym_gateway_state *state,
	const struct settings *settings)
{
	if (endpoint_parse(&state->api, settings_find(settings, "endpoint")) != NULL) {
		return "endpoint must be https://host[:port][/path] without a slash at its end";
	}
	if (endpoint_parse(&state->oauth, settings_find(settings, "token_endpoint")) != NULL) {
		return "token_endpoint must be https://host[:port][/path] without a slash at its "
		       "end";
	}
	return NULL;
}

static const char *halyk_read_names(struct alym_gateway_state *state,
	const struct settings *settings)
{
	struct text terminal = settings_find(settings, "terminal");
	struct text shop = settings_find(settings, "shop_id");
	struct text scope = settings_find(settings, "scope");

	if (!halyk_copy(settings_find(settings, "client_id"), state->client_id,
		    sizeof(state->client_id)) ||
		!halyk_copy(settings_find_line(settings, "client_secret_file"),
			state->client_secret, sizeof(state->client_secret))) {
		return "client_id and client_secret_file must hold 1 to 128 printable bytes";
	}
	if (!text_is_made_of(terminal, "-") ||
		!text_copy(terminal, state->terminal, sizeof(state->terminal)) ||
		!text_is_made_of(shop, "-") ||
		!text_copy(shop, state->shop_id, sizeof(state->shop_id))) {
		return "terminal and shop_id must be made of letters, digits and -";
	}
	if (!halyk_copy(scope.size > 0 ? scope : TEXT(HALYK_SCOPE), state->scope,
		    sizeof(state->scope))) {
		return "scope must be 1 to 256 printable bytes";
	}
	return NULL;
}

static const char *halyk_read_options(struct alym_gateway_state *state,
	const struct settings *settings)
{
	struct text username = settings_find(settings, "username");
	struct text password = settings_find_line(settings, "password_file");
	struct text days = settings_find(settings, "link_days");
	struct text none = settings_find(settings, "none_code");

	state->link_days = HALYK_LINK_DAYS;
	if ((username.size == 0) != (password.size == 0) ||
		!halyk_copy_if_set(username, state->username, sizeof(state->username)) ||
		!halyk_copy_if_set(password, state->password, sizeof(state->password))) {
		return "username and password_file come together, 1 to 128 printable bytes each";
	}
	if (!halyk_copy_if_set(settings_find(settings, "contact"), state->contact,
		    sizeof(state->contact))) {
		return "contact must be at most 128 printable bytes";
	}
	if (days.size > 0 &&
		(!text_parse_integer(days, &state->link_days) || state->link_days < 1 ||
			state->link_days > HALYK_LINK_DAYS_MAX)) {
		return "link_days must be 1 to 30";
	}
	if (none.size > 0 &&
		(!text_is_digits(none) || text_is(none, "100") ||
			!text_copy(none, state->none_code, sizeof(state->none_code)))) {
		return "none_code must be at most 8 digits, and not 100";
	}
	return NULL;
}

static const char *halyk_read_settings(struct alym_gateway_state *state,
	const struct settings *settings)
{
	const char *complaint = halyk_read_addresses(state, settings);

	if (complaint == NULL) {
		complaint = halyk_read_names(state, settings);
	}
	if (complaint == NULL) {
		complaint = halyk_read_options(state, settings);
	}
	return complaint;
}

static struct alym_gateway_state *halyk_open(const struct alym_setting *items, size_t count,
	char *why, size_t why_size)
{
	struct settings settings = { .items = items, .count = count };
	struct alym_gateway_state *state = mem_new(1, sizeof(*state));
	const char *complaint = halyk_read_settings(state, &settings);
	struct text warm = TEXT("0");
	unsigned char mac[MAC_SIZE_MAX];

	assert(why != NULL);
	assert(why_size > 0);

	if (complaint != NULL) {
		(void)snprintf(why, why_size, "%s", complaint);
		mem_wipe(state, sizeof(*state));
		free(state);
		return NULL;
	}
	mac_init(&state->mac, "SHA256", text_of(state->client_secret),
		settings_find_line(&settings, "client_secret_next_file"));
	mac_make(&state->mac, &warm, 1, mac); /* what OpenSSL reads lazily is read now */
	assert(state->mac.size == HALYK_HASH_SIZE);
	return state;
}

static void halyk_close(struct alym_gateway_state *state)
{
	if (state != NULL) {
		mac_done(&state->mac);
		mem_wipe(state, sizeof(*state));
		free(state);
	}
}

static void halyk_step(const struct alym_gateway_state *state, void *session,
	const struct alym_event *event, struct alym_action *action)
{
	if (event->order != NULL) {
		operation_step(state, session, event, action);
	} else {
		callback_step(state, event, action);
	}
}

ALYM_GATEWAY(.name = "halyk", .keys = halyk_keys,
	.order = { .digits_min = HALYK_NUMBER_MIN,
		.digits_max = HALYK_NUMBER_MAX,
		.suffix_daily = 6 },
	.session_size = sizeof(struct halyk_session), .open = halyk_open, .close = halyk_close,
	.step = halyk_step);
