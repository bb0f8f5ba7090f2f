/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/language.h"

#include <assert.h>
#include <string.h>
#include <strings.h>

enum { LANGUAGE_QUALITY_ONE = 1000 };

static const char *const language_names[LANGUAGE_COUNT] = {
	[LANGUAGE_KK] = "kk",
	[LANGUAGE_RU] = "ru",
	[LANGUAGE_EN] = "en",
};

/* Takes what stands before the next `end` off the front, and that too; without blanks around. */
static struct text language_take(struct text *rest, char end)
{
	const char *at = memchr(rest->bytes, end, rest->size);
	struct text part = { rest->bytes, at != NULL ? (size_t)(at - rest->bytes) : rest->size };
	size_t used = part.size + (at != NULL ? 1 : 0);

	rest->bytes += used;
	rest->size -= used;
	while (part.size > 0 && (part.bytes[0] == ' ' || part.bytes[0] == '\t')) {
		part.bytes++;
		part.size--;
	}
	while (part.size > 0 &&
		(part.bytes[part.size - 1] == ' ' || part.bytes[part.size - 1] == '\t')) {
		part.size--;
	}
	return part;
}

/* "q=0.8" in thousandths; what is no weight counts as one. */
static int language_quality(struct text parameter)
{
	int quality = 0;
	int unit = LANGUAGE_QUALITY_ONE;

	if (parameter.size < 3 || strncasecmp(parameter.bytes, "q=", 2) != 0) {
		return LANGUAGE_QUALITY_ONE;
	}
	for (size_t i = 2; i < parameter.size && unit > 0; i++) {
		char c = parameter.bytes[i];

		if (c >= '0' && c <= '9') {
			quality += (c - '0') * unit;
			unit /= 10;
		} else if (c != '.') {
			return LANGUAGE_QUALITY_ONE;
		}
	}
	return quality < LANGUAGE_QUALITY_ONE ? quality : LANGUAGE_QUALITY_ONE;
}

/* "kk" and "kk-KZ" are Kazakh. */
static enum language language_of_range(struct text range)
{
	for (size_t i = 0; i < LANGUAGE_COUNT; i++) {
		if (range.size >= 2 && strncasecmp(range.bytes, language_names[i], 2) == 0 &&
			(range.size == 2 || range.bytes[2] == '-')) {
			return (enum language)i;
		}
	}
	return LANGUAGE_COUNT;
}

enum language language_choose(struct text accept, enum language otherwise)
{
	enum language best = otherwise;
	int best_quality = 0;

	assert(otherwise < LANGUAGE_COUNT);

	while (accept.size > 0) {
		struct text range = language_take(&accept, ',');
		struct text name = language_take(&range, ';');
		enum language language = language_of_range(name);
		int quality = range.size > 0 ? language_quality(language_take(&range, ';'))
					     : LANGUAGE_QUALITY_ONE;

		if (language != LANGUAGE_COUNT && quality > best_quality) {
			best = language;
			best_quality = quality;
		}
	}
	return best;
}

const char *language_name(enum language language)
{
	assert(language < LANGUAGE_COUNT);

	return language_names[language];
}
