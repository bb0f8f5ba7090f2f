/* SPDX-License-Identifier: Apache-2.0 */
#include "gateways/rbs/rbs.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "gateways/rbs/callback.h"
#include "gateways/rbs/operation.h"
#include "plugins/settings.h"

enum {
	RBS_OFFSET_S = 18000, /* the whole of Kazakhstan since 2024-03-01 */
	RBS_OFFSET_H_MAX = 14,
	RBS_MINUTE_S = 60,
	RBS_HOUR_S = 3600,
};

static const struct alym_key rbs_keys[] = {
	{ "endpoint", true, "the bank's address: https://host[:port]/payment/rest" },
	{ "user", false, "our API user, userName" },
	{ "password_file", false, "file with its password" },
	{ "token_file", false, "file with a token instead of user and password" },
	{ "callback_key_file", false, "file with the key of callbacks with HMAC-SHA256" },
	{ "callback_key_next_file", false, "file with a second key that is accepted as well" },
	{ "callback_certificate_file", false,
		"file with the RSA certificate or public key (PEM) of callbacks" },
	{ "callback_certificate_next_file", false, "file with a second one" },
	{ "callback_digest", false, "of RSA callbacks: sha512 or sha256 (sha512)" },
	{ "two_step", false, "yes: money is held first, and then taken (no)" },
	{ "dynamic_callback", false, "no: the bank calls the address set in its cabinet (yes)" },
	{ "return_url", false, "where payers go when an order does not say it" },
	{ "utc_offset", false, "how far the bank's clock is ahead of UTC (+05:00)" },
	{ 0 },
};

bool rbs_is_id(struct text t)
{
	return text_is_made_of(t, "-") && t.size < RBS_ID_SIZE;
}

/* ---- settings ---- */

static const char *rbs_read_who(struct alym_gateway_state *state, const struct settings *settings)
{
	struct text user = settings_find(settings, "user");
	struct text password = settings_find_line(settings, "password_file");
	struct text token = settings_find_line(settings, "token_file");
	bool by_token = token.size > 0;

	if (by_token == (user.size > 0) || by_token == (password.size > 0)) {
		return "token_file, or user and password_file: one of the two, and not empty";
	}
	if (!text_is_utf8(user) || !text_is_utf8(password) || !text_is_utf8(token)) {
		return "user, password_file and token_file must hold UTF-8";
	}
	if (!text_copy(user, state->user, sizeof(state->user)) ||
		!text_copy(password, state->password, sizeof(state->password)) ||
		!text_copy(token, state->token, sizeof(state->token))) {
		return "user, password_file and token_file have at most 128 bytes";
	}
	return NULL;
}

static bool rbs_read_yes(const struct settings *settings, const char *name, bool *out)
{
	struct text word = settings_find(settings, name);

	if (word.size == 0) {
		return true;
	}
	*out = text_is(word, "yes");
	return *out || text_is(word, "no");
}

/* "+05:00" */
static bool rbs_read_offset(struct text t, int64_t *offset_s)
{
	int64_t hours = 0;
	int64_t minutes = 0;

	if (t.size == 0) {
		*offset_s = RBS_OFFSET_S;
		return true;
	}
	if (t.size != 6 || (t.bytes[0] != '+' && t.bytes[0] != '-') || t.bytes[3] != ':' ||
		!text_parse_integer((struct text){ t.bytes + 1, 2 }, &hours) ||
		!text_parse_integer((struct text){ t.bytes + 4, 2 }, &minutes) ||
		hours > RBS_OFFSET_H_MAX || minutes >= RBS_MINUTE_S) {
		return false;
	}
	*offset_s = hours * RBS_HOUR_S + minutes * RBS_MINUTE_S;
	if (t.bytes[0] == '-') {
		*offset_s = -*offset_s;
	}
	return true;
}

static const char *rbs_read_ways(struct alym_gateway_state *state, const struct settings *settings)
{
	struct text way = settings_find(settings, "return_url");

	state->dynamic_callback = true;
	if (!rbs_read_yes(settings, "two_step", &state->two_step) ||
		!rbs_read_yes(settings, "dynamic_callback", &state->dynamic_callback)) {
		return "two_step and dynamic_callback must be yes or no";
	}
	if (way.size > 0 &&
		(!text_starts(way, TEXT("https://")) || !text_is_utf8(way) ||
			!text_copy(way, state->return_url, sizeof(state->return_url)))) {
		return "return_url must be an https address";
	}
	if (!rbs_read_offset(settings_find(settings, "utc_offset"), &state->offset_s)) {
		return "utc_offset must be like +05:00";
	}
	return NULL;
}

static void rbs_close(struct alym_gateway_state *state)
{
	if (state != NULL) {
		checksum_done(&state->checksum);
		mem_wipe(state, sizeof(*state));
		free(state);
	}
}

static struct alym_gateway_state *rbs_open(const struct alym_setting *items, size_t count,
	char *why, size_t why_size)
{
	struct alym_gateway_state *state = mem_new(1, sizeof(*state));
	struct settings settings = { items, count };
	const char *endpoint =
		endpoint_parse(&state->endpoint, settings_find(&settings, "endpoint"));
	const char *complaint = rbs_read_who(state, &settings);

	assert(why != NULL);
	assert(why_size > 0);

	if (complaint == NULL) {
		complaint = rbs_read_ways(state, &settings);
	}
	if (complaint == NULL) {
		complaint = checksum_init(&state->checksum, &settings);
	}
	if (endpoint != NULL) {
		(void)snprintf(why, why_size, "endpoint %s", endpoint);
	} else if (complaint != NULL) {
		(void)snprintf(why, why_size, "%s", complaint);
	} else {
		return state;
	}
	rbs_close(state);
	return NULL;
}

static void rbs_step(const struct alym_gateway_state *state, void *session,
	const struct alym_event *event, struct alym_action *action)
{
	if (event->order != NULL) {
		operation_step(state, session, event, action);
	} else {
		callback_step(state, event, action);
	}
}

ALYM_GATEWAY(.name = "rbs", .keys = rbs_keys, .order = { .digits_min = 8, .digits_max = 15 },
	.session_size = sizeof(struct rbs_session), .open = rbs_open, .close = rbs_close,
	.step = rbs_step);
