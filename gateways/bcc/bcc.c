/* SPDX-License-Identifier: Apache-2.0 */
#include "gateways/bcc/bcc.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "gateways/bcc/answer.h"
#include "gateways/bcc/callback.h"
#include "gateways/bcc/code.h"
#include "gateways/bcc/operation.h"
#include "plugins/settings.h"

enum {
	BCC_KEY_MIN = 16, /* bytes; the bank's have so many */
	BCC_KEY_MAX = 32,
	BCC_AMOUNT_MIN = 3000, /* tiyn: 30 tenge, cards of Kazakhstan */
	BCC_USER_MAX = 128,
};

_Static_assert(BCC_RC_SIZE == CODE_SIZE_MAX + 1, "any RC may mean that there is no order");

static const struct alym_key bcc_keys[] = {
	{ "endpoint", true, "the bank's address: https://host[:port]/cgi-bin/cgi_link" },
	{ "page_endpoint", false, "where the payer's browser posts, if not to endpoint" },
	{ "merchant", true, "MERCHANT: our name at the bank" },
	{ "merchant_name", false, "MERCH_NAME: for the payer's eyes (merchant)" },
	{ "terminal", true, "TERMINAL" },
	{ "key_file", false, "file with the key of P_SIGN in hexadecimal; or its two parts:" },
	{ "key_part1_file", false, "file with the key's first part" },
	{ "key_part2_file", false, "file with the key's second part" },
	{ "key_next_file", false,
		"file with a second key that is accepted as well; or its parts:" },
	{ "key_next_part1_file", false, "file with the second key's first part" },
	{ "key_next_part2_file", false, "file with the second key's second part" },
	{ "notify_user", false, "the name in a notification's HTTP Basic" },
	{ "notify_password_file", false, "file with its password" },
	{ "notify_password_next_file", false, "file with a password that is accepted as well" },
	{ "trtype", false, "1: take at once; 0 or 12: hold, then take (1)" },
	{ "amount_min", false, "the smallest sum the bank takes, in tenge (30.00)" },
	{ "absent_rc", false, "RCs that mean \"no such order\" in a status, by spaces (none)" },
	{ "m_info", false, "M_INFO: a JSON object ({})" },
	{ 0 },
};

/* ---- the keys of P_SIGN ---- */

struct bcc_key {
	unsigned char bytes[BCC_KEY_MAX];
	size_t size; /* 0: none */
};

static bool bcc_read_hex(struct text hex, struct bcc_key *key)
{
	key->size = hex.size / 2;
	return key->size >= BCC_KEY_MIN && key->size <= BCC_KEY_MAX &&
	       text_unhex(hex, key->bytes, key->size);
}

/* One file, or two whose bytes are XORed.  False: neither, or not as it should be. */
static bool bcc_read_key(const struct settings *settings, const char *const names[3],
	struct bcc_key *key)
{
	struct text whole = settings_find_line(settings, names[0]);
	struct text part1 = settings_find_line(settings, names[1]);
	struct text part2 = settings_find_line(settings, names[2]);
	struct bcc_key second = { .size = 0 };
	bool ok;

	if (part1.size == 0 && part2.size == 0) {
		return bcc_read_hex(whole, key);
	}
	ok = whole.size == 0 && bcc_read_hex(part1, key) && bcc_read_hex(part2, &second) &&
	     key->size == second.size;
	for (size_t i = 0; ok && i < key->size; i++) {
		key->bytes[i] ^= second.bytes[i];
	}
	mem_wipe(&second, sizeof(second));
	return ok;
}

static bool bcc_has_any(const struct settings *settings, const char *const names[3])
{
	for (size_t i = 0; i < 3; i++) {
		if (settings_find(settings, names[i]).size > 0) {
			return true;
		}
	}
	return false;
}

static const char *bcc_read_keys(struct alym_gateway_state *state, const struct settings *settings)
{
	static const char *const first[3] = { "key_file", "key_part1_file", "key_part2_file" };
	static const char *const next[3] = { "key_next_file", "key_next_part1_file",
		"key_next_part2_file" };
	struct bcc_key key = { .size = 0 };
	struct bcc_key key_next = { .size = 0 };
	const char *complaint = NULL;

	if (!bcc_read_key(settings, first, &key)) {
		complaint = "key_file, or key_part1_file and key_part2_file alike, must hold 16 to "
			    "32 bytes in hexadecimal";
	} else if (bcc_has_any(settings, next) && !bcc_read_key(settings, next, &key_next)) {
		complaint = "key_next_file, or key_next_part1_file and key_next_part2_file alike, "
			    "must hold 16 to 32 bytes in hexadecimal";
	} else {
		mac_init(&state->mac, "SHA1", (struct text){ (const char *)key.bytes, key.size },
			(struct text){ (const char *)key_next.bytes, key_next.size });
	}
	mem_wipe(&key, sizeof(key));
	mem_wipe(&key_next, sizeof(key_next));
	return complaint;
}

/* ---- HTTP Basic ---- */

/* `out` has 4 bytes for each 3 begun, and one for NUL. */
static void bcc_base64(struct text t, char *out)
{
	int size =
		EVP_EncodeBlock((unsigned char *)out, (const unsigned char *)t.bytes, (int)t.size);

	assert((size_t)size == (t.size + 2) / 3 * 4);
}

static bool bcc_write_basic(struct text user, struct text password, char out[BCC_BASIC_SIZE])
{
	static const char scheme[] = "Basic ";
	char plain[2 * BCC_USER_MAX + 2];
	int size;

	if (password.size == 0 || password.size > BCC_USER_MAX) {
		return false;
	}
	size = snprintf(plain, sizeof(plain), "%.*s:%.*s", TEXT_ARGS(user), TEXT_ARGS(password));
	assert(size > 0 && (size_t)size < sizeof(plain));
	memcpy(out, scheme, sizeof(scheme));
	bcc_base64((struct text){ plain, (size_t)size }, out + sizeof(scheme) - 1);
	mem_wipe(plain, sizeof(plain));
	return true;
}

static const char *bcc_read_basic(struct alym_gateway_state *state, const struct settings *settings)
{
	struct text user = settings_find(settings, "notify_user");
	struct text password = settings_find_line(settings, "notify_password_file");
	struct text next = settings_find_line(settings, "notify_password_next_file");

	if (user.size == 0) {
		return password.size + next.size == 0
			       ? NULL
			       : "notify_password_file goes with notify_user";
	}
	if (user.size > BCC_USER_MAX || memchr(user.bytes, ':', user.size) != NULL) {
		return "notify_user must be at most 128 bytes without a colon";
	}
	if (!bcc_write_basic(user, password, state->basic[0])) {
		return "notify_password_file must hold 1 to 128 bytes";
	}
	if (next.size > 0 && !bcc_write_basic(user, next, state->basic[1])) {
		return "notify_password_next_file must hold 1 to 128 bytes";
	}
	return NULL;
}

/* ---- the rest ---- */

static const char *bcc_read_names(struct alym_gateway_state *state, const struct settings *settings)
{
	struct text merchant = settings_find(settings, "merchant");
	struct text name = settings_find(settings, "merchant_name");
	struct text terminal = settings_find(settings, "terminal");

	if (!text_is_made_of(merchant, "_-") ||
		!text_copy(merchant, state->merchant, sizeof(state->merchant))) {
		return "merchant must be 1 to 32 of A-Z a-z 0-9 _ -";
	}
	if (!text_is_made_of(terminal, "_-") ||
		!text_copy(terminal, state->terminal, sizeof(state->terminal))) {
		return "terminal must be 1 to 32 of A-Z a-z 0-9 _ -";
	}
	name = name.size > 0 ? name : merchant;
	if (!text_is_utf8(name) ||
		!text_copy(name, state->merchant_name, sizeof(state->merchant_name))) {
		return "merchant_name must be at most 128 bytes of UTF-8";
	}
	return NULL;
}

static const char *bcc_read_trtype(struct alym_gateway_state *state,
	const struct settings *settings)
{
	static const char *const trtypes[] = { "1", "0", "12" };
	struct text wanted = settings_find(settings, "trtype");

	state->trtype = trtypes[0];
	for (size_t i = 0; wanted.size > 0 && i < sizeof(trtypes) / sizeof(*trtypes); i++) {
		if (text_is(wanted, trtypes[i])) {
			state->trtype = trtypes[i];
			wanted = TEXT("");
		}
	}
	return wanted.size > 0 ? "trtype must be 1, 0 or 12" : NULL;
}

static bool bcc_read_absent(struct alym_gateway_state *state, struct text words)
{
	for (size_t at = 0; at < words.size;) {
		const char *begin = words.bytes + at;
		const char *end = memchr(begin, ' ', words.size - at);
		struct text word = { begin, end == NULL ? words.size - at : (size_t)(end - begin) };

		at += word.size + 1;
		if (word.size == 0) {
			continue;
		}
		if (state->absent_count == BCC_ABSENT_MAX || !text_is_made_of(word, "-") ||
			code_find(word)->kind == CODE_APPROVED ||
			!text_copy(word, state->absent[state->absent_count], BCC_RC_SIZE)) {
			return false;
		}
		state->absent_count++;
	}
	return true;
}

static const char *bcc_read_info(struct alym_gateway_state *state, struct text info)
{
	struct json_value *json;
	bool ok;

	info = info.size > 0 ? info : TEXT("{}");
	json = json_parse(info, NULL);
	ok = json != NULL && json->kind == JSON_KIND_OBJECT &&
	     (info.size + 2) / 3 * 4 < sizeof(state->info);
	json_free(&json);
	if (!ok) {
		return "m_info must be a JSON object of at most 2048 bytes";
	}
	bcc_base64(info, state->info);
	return NULL;
}

static const char *bcc_read_limits(struct alym_gateway_state *state,
	const struct settings *settings)
{
	struct text amount_min = settings_find(settings, "amount_min");

	state->amount_min = BCC_AMOUNT_MIN;
	if (amount_min.size > 0 && !money_parse_amount(amount_min, &state->amount_min)) {
		return "amount_min must be tenge, as in 30 or 355.00";
	}
	if (!bcc_read_absent(state, settings_find(settings, "absent_rc"))) {
		return "absent_rc must be at most 8 RCs by spaces, 00 not among them";
	}
	return NULL;
}

static const char *bcc_read_endpoints(struct alym_gateway_state *state,
	const struct settings *settings)
{
	struct text page = settings_find(settings, "page_endpoint");
	struct text endpoint = settings_find(settings, "endpoint");

	if (endpoint_parse(&state->endpoint, endpoint) != NULL) {
		return "endpoint must be https://host[:port]/path, without a slash at its end";
	}
	if (endpoint_parse(&state->page, page.size > 0 ? page : endpoint) != NULL) {
		return "page_endpoint must be https://host[:port]/path, without a slash at its end";
	}
	return NULL;
}

static const char *bcc_read_settings(struct alym_gateway_state *state,
	const struct settings *settings)
{
	const char *complaint = bcc_read_endpoints(state, settings);

	complaint = complaint != NULL ? complaint : bcc_read_names(state, settings);
	complaint = complaint != NULL ? complaint : bcc_read_trtype(state, settings);
	complaint = complaint != NULL ? complaint : bcc_read_limits(state, settings);
	complaint = complaint != NULL ? complaint
				      : bcc_read_info(state, settings_find(settings, "m_info"));
	complaint = complaint != NULL ? complaint : bcc_read_basic(state, settings);
	return complaint != NULL ? complaint : bcc_read_keys(state, settings); /* held from here */
}

static void bcc_free(struct alym_gateway_state *state)
{
	mem_wipe(state->basic, sizeof(state->basic));
	free(state);
}

static struct alym_gateway_state *bcc_open(const struct alym_setting *settings, size_t count,
	char *why, size_t why_size)
{
	struct alym_gateway_state *state = mem_new(1, sizeof(*state));
	const struct settings own = { .items = settings, .count = count };
	const char *complaint = bcc_read_settings(state, &own);

	assert(why != NULL);
	assert(why_size > 0);

	if (complaint != NULL) {
		(void)snprintf(why, why_size, "%s", complaint);
		bcc_free(state);
		return NULL;
	}
	answer_warm();
	return state;
}

static void bcc_close(struct alym_gateway_state *state)
{
	if (state != NULL) {
		mac_done(&state->mac);
		bcc_free(state);
	}
}

static void bcc_step(const struct alym_gateway_state *state, void *session,
	const struct alym_event *event, struct alym_action *action)
{
	if (event->order != NULL) {
		operation_step(state, session, event, action);
	} else {
		callback_step(state, event, action);
	}
}

ALYM_GATEWAY(.name = "bcc", .keys = bcc_keys,
	.order = { .digits_min = 7, .digits_max = 15, .suffix_daily = 6 },
	.session_size = sizeof(struct bcc_session), .open = bcc_open, .close = bcc_close,
	.step = bcc_step);
