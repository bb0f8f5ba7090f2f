/* SPDX-License-Identifier: Apache-2.0 */
#include "gateways/bcc/sign.h"

#include <assert.h>
#include <stdio.h>

enum { SIGN_BYTES = (SIGN_SIZE - 1) / 2, SIGN_LENGTH_SIZE = 21 };

struct sign_list {
	const char *trtype;
	const char *fields[SIGN_FIELDS_MAX + 1];
};

#define SIGN_ORDERED                                                                             \
	{                                                                                        \
		"AMOUNT", "CURRENCY", "ORDER", "MERCHANT", "TERMINAL", "MERCH_GMT", "TIMESTAMP", \
			"TRTYPE", "NONCE"                                                        \
	}
#define SIGN_GIVEN_BACK                                                                    \
	{                                                                                  \
		"ORDER", "ORG_AMOUNT", "AMOUNT", "CURRENCY", "RRN", "INT_REF", "TERMINAL", \
			"TIMESTAMP", "TRTYPE", "NONCE"                                     \
	}

static const struct sign_list sign_lists[] = {
	{ "1", SIGN_ORDERED },
	{ "0", SIGN_ORDERED },
	{ "12", SIGN_ORDERED },
	{ "90", { "ORDER", "TERMINAL", "TIMESTAMP", "TRTYPE", "NONCE" } },
	{ "14", SIGN_GIVEN_BACK },
	{ "22", SIGN_GIVEN_BACK },
	{ "21", { "ORDER", "AMOUNT", "CURRENCY", "RRN", "INT_REF", "TRTYPE", "TERMINAL",
			"TIMESTAMP", "NONCE" } },
};

const char *const *sign_fields(struct text trtype)
{
	for (size_t i = 0; i < sizeof(sign_lists) / sizeof(*sign_lists); i++) {
		if (text_is(trtype, sign_lists[i].trtype)) {
			return sign_lists[i].fields;
		}
	}
	return NULL;
}

/* Before each value its length in decimal. */
static size_t sign_parts(const struct text *values, size_t count,
	char lengths[SIGN_FIELDS_MAX][SIGN_LENGTH_SIZE], struct text parts[2 * SIGN_FIELDS_MAX])
{
	assert(count > 0);
	assert(count <= SIGN_FIELDS_MAX);

	for (size_t i = 0; i < count; i++) {
		(void)snprintf(lengths[i], SIGN_LENGTH_SIZE, "%zu", values[i].size);
		parts[2 * i] = text_of(lengths[i]);
		parts[2 * i + 1] = values[i];
	}
	return 2 * count;
}

void sign_make(const struct mac *mac, const struct text *values, size_t count, char out[SIGN_SIZE])
{
	char lengths[SIGN_FIELDS_MAX][SIGN_LENGTH_SIZE];
	struct text parts[2 * SIGN_FIELDS_MAX];
	size_t parts_count = sign_parts(values, count, lengths, parts);
	unsigned char made[MAC_SIZE_MAX];

	assert(mac->size == SIGN_BYTES);

	mac_make(mac, parts, parts_count, made);
	for (size_t i = 0; i < SIGN_BYTES; i++) {
		(void)snprintf(out + 2 * i, 3, "%02X", made[i]);
	}
}

static bool sign_is_written_well(struct text sign)
{
	for (size_t i = 0; i < sign.size; i++) {
		if (sign.bytes[i] > 'F') {
			return false;
		}
	}
	return true;
}

bool sign_matches(const struct mac *mac, const struct text *values, size_t count,
	struct text theirs)
{
	char lengths[SIGN_FIELDS_MAX][SIGN_LENGTH_SIZE];
	struct text parts[2 * SIGN_FIELDS_MAX];
	size_t parts_count = sign_parts(values, count, lengths, parts);
	unsigned char made[SIGN_BYTES];

	assert(mac->size == SIGN_BYTES);

	return sign_is_written_well(theirs) && text_unhex(theirs, made, sizeof(made)) &&
	       mac_matches(mac, parts, parts_count, made);
}
