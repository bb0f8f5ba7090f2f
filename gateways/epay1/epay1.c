/* SPDX-License-Identifier: Apache-2.0 */
#include "gateways/epay1/epay1.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "gateways/epay1/callback.h"
#include "gateways/epay1/letter.h"
#include "gateways/epay1/operation.h"
#include "plugins/settings.h"

static const struct alym_key epay1_keys[] = {
	{ "endpoint", true, "the bank: https://epay.kkb.kz" },
	{ "merchant_id", true, "our number at the bank" },
	{ "merchant_name", true, "our name at the bank" },
	{ "cert_id", true, "the number of our certificate" },
	{ "key_file", true, "file with our private key, PEM" },
	{ "passphrase_file", false, "file with its passphrase" },
	{ "bank_key_file", true, "file with the bank's certificate or public key, PEM" },
	{ "bank_key_next_file", false, "file with a second one that is accepted as well" },
	{ "email", false, "address that the bank is given for the payer's" },
	{ "taken_status", false, "`status` that means: completed" },
	{ 0 },
};

/* What can stand in an attribute of XML without being escaped. */
static bool epay1_copy(struct text value, char out[EPAY1_NAME_MAX + 1])
{
	return text_is_made_of(value, " .,:_@()-") && text_copy(value, out, EPAY1_NAME_MAX + 1);
}

static bool epay1_copy_if_set(struct text value, char out[EPAY1_NAME_MAX + 1])
{
	return value.size == 0 || epay1_copy(value, out);
}

static const char *epay1_read_settings(struct alym_gateway_state *state,
	const struct settings *settings)
{
	if (endpoint_parse(&state->endpoint, settings_find(settings, "endpoint")) != NULL) {
		return "endpoint must be https://host[:port][/path] without a slash at its end";
	}
	if (!epay1_copy(settings_find(settings, "merchant_id"), state->merchant_id) ||
		!epay1_copy(settings_find(settings, "merchant_name"), state->merchant_name) ||
		!epay1_copy(settings_find(settings, "cert_id"), state->cert_id)) {
		return "merchant_id, merchant_name and cert_id must be 1 to 64 of letters, "
		       "digits, blanks and .,:_@()-";
	}
	if (!epay1_copy_if_set(settings_find(settings, "email"), state->email) ||
		!epay1_copy_if_set(settings_find(settings, "taken_status"), state->taken_status)) {
		return "email and taken_status must be at most 64 of letters, digits, blanks and "
		       ".,:_@()-";
	}
	return sign_init(&state->sign, settings_find(settings, "key_file"),
		settings_find_line(settings, "passphrase_file"),
		settings_find(settings, "bank_key_file"),
		settings_find(settings, "bank_key_next_file"));
}

static struct alym_gateway_state *epay1_open(const struct alym_setting *items, size_t count,
	char *why, size_t why_size)
{
	struct settings settings = { .items = items, .count = count };
	struct alym_gateway_state *state = mem_new(1, sizeof(*state));
	const char *complaint = epay1_read_settings(state, &settings);

	assert(why != NULL);
	assert(why_size > 0);

	if (complaint != NULL) {
		(void)snprintf(why, why_size, "%s", complaint);
		free(state);
		return NULL;
	}
	letter_warm();
	return state;
}

static void epay1_close(struct alym_gateway_state *state)
{
	if (state != NULL) {
		sign_done(&state->sign);
		free(state);
	}
}

static void epay1_step(const struct alym_gateway_state *state, void *session,
	const struct alym_event *event, struct alym_action *action)
{
	if (event->order != NULL) {
		operation_step(state, session, event, action);
	} else {
		callback_step(state, event, action);
	}
}

ALYM_GATEWAY(.name = "epay1", .keys = epay1_keys,
	.order = { .digits_min = EPAY1_NUMBER_MIN, .digits_max = EPAY1_NUMBER_MAX },
	.session_size = sizeof(struct epay1_session), .open = epay1_open, .close = epay1_close,
	.step = epay1_step);
