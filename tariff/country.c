/* SPDX-License-Identifier: Apache-2.0 */
#include "tariff/country.h"

#include <assert.h>
#include <string.h>

/* By first letter: the second letters of the assigned codes (ISO 3166-1, 249 of them). */
static const char *const country_seconds[26] = {
	['A' - 'A'] = "DEFGILMOQRSTUWXZ",
	['B' - 'A'] = "ABDEFGHIJLMNOQRSTVWYZ",
	['C' - 'A'] = "ACDFGHIKLMNORUVWXYZ",
	['D' - 'A'] = "EJKMOZ",
	['E' - 'A'] = "CEGHRST",
	['F' - 'A'] = "IJKMOR",
	['G' - 'A'] = "ABDEFGHILMNPQRSTUWY",
	['H' - 'A'] = "KMNRTU",
	['I' - 'A'] = "DELMNOQRST",
	['J' - 'A'] = "EMOP",
	['K' - 'A'] = "EGHIMNPRWYZ",
	['L' - 'A'] = "ABCIKRSTUVY",
	['M' - 'A'] = "ACDEFGHKLMNOPQRSTUVWXYZ",
	['N' - 'A'] = "ACEFGILOPRUZ",
	['O' - 'A'] = "M",
	['P' - 'A'] = "AEFGHKLMNRSTWY",
	['Q' - 'A'] = "A",
	['R' - 'A'] = "EOSUW",
	['S' - 'A'] = "ABCDEGHIJKLMNORSTVXYZ",
	['T' - 'A'] = "CDFGHJKLMNORTVWZ",
	['U' - 'A'] = "AGMSYZ",
	['V' - 'A'] = "ACEGINU",
	['W' - 'A'] = "FS",
	['X' - 'A'] = "",
	['Y' - 'A'] = "ET",
	['Z' - 'A'] = "AMW",
};

bool country_is_known(struct text code)
{
	assert(code.bytes != NULL || code.size == 0);

	if (code.size != 2 || code.bytes[0] < 'A' || code.bytes[0] > 'Z' || code.bytes[1] < 'A' ||
		code.bytes[1] > 'Z') {
		return false;
	}
	return strchr(country_seconds[code.bytes[0] - 'A'], code.bytes[1]) != NULL;
}

size_t country_number(struct text code)
{
	assert(country_is_known(code));

	return (size_t)(code.bytes[0] - 'A') * 26 + (size_t)(code.bytes[1] - 'A');
}

bool country_read(const struct node *n, struct countries *all)
{
	struct country *country = arena_take(n->arena, 1, sizeof(*country));
	const struct country *before;

	assert(all != NULL);

	country->origin = n->origin;
	if (!node_word(n, "code", NODE_REQUIRED, &country->code) ||
		!node_texts(n, &country->name)) {
		return false;
	}
	if (!country_is_known(country->code)) {
		return node_refuse(n, "code=\"%s\" is not a code of ISO 3166-1",
			country->code.bytes);
	}
	before = country_find(all, country->code);
	if (before != NULL) {
		return node_refuse(n, "code=\"%s\" is a duplicate of %.60s:%ld",
			country->code.bytes, before->origin.file, before->origin.line);
	}
	all->countries[country_number(country->code)] = country;
	return true;
}

const struct country *country_find(const struct countries *all, struct text code)
{
	assert(all != NULL);

	return all->countries[country_number(code)];
}
