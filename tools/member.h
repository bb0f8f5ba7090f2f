/* SPDX-License-Identifier: Apache-2.0 */

/*
 * member - what the daemon said in one member of an object, in words for people.
 *
 * A member that is absent, null or of another type than asked for is the empty text: nothing is
 * made up in its place.
 */
#ifndef ALYM_TOOLS_MEMBER_H
#define ALYM_TOOLS_MEMBER_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/text.h"

enum { MEMBER_MAX = 32 << 20 }; /* bytes of one, in words */

/* The object or array that the bytes are; NULL: they are none.  The caller's. */
json_t *member_parse(struct text bytes) MUST_USE;

/* The text of a string; borrowed from the object.  `object` may be NULL or no object. */
struct text member_string(const json_t *object, const char *name);

/* 0 where there is no integer. */
int64_t member_integer(const json_t *object, const char *name);

/* The elements of an array, or NULL: both good for json_array_size() and json_array_foreach(). */
json_t *member_array(const json_t *object, const char *name);

/*
 * Any member in words, into `out` (which is emptied before): strings as they are, integers,
 * "yes" and "no", money as "129 750.00 KZT", arrays with commas between, {kk, ru, en} in
 * `language`, and other objects as "name value, name value".
 */
struct text member_words(const json_t *object, const char *name, const char *language,
	struct buffer *out);

/* The same of a value itself, added to `out`. */
void member_add_words(json_t *value, const char *language, struct buffer *out);

/* The amount of {"amount":..,"currency":..}: an integer or, where it is too large for some readers,
 * a decimal string. */
bool member_minor(const json_t *money, int64_t *minor) MUST_USE;

/* "129 750.00" of minor units of a currency with two decimals, added to `out`. */
void member_add_amount(int64_t minor, struct buffer *out);

#endif
