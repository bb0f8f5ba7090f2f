/* SPDX-License-Identifier: Apache-2.0 */

/*
 * form - the fields of application/x-www-form-urlencoded, read and written.
 *
 * Source: the URL Standard (url.spec.whatwg.org), section 5.  Read more strictly than there: a
 * broken %XX, NUL, bytes that are no UTF-8 or too many fields make the whole unreadable, so that no
 * two readers can see two messages in it.
 */
#ifndef ALYM_PLUGINS_FORM_H
#define ALYM_PLUGINS_FORM_H

#include <stdbool.h>

#include "base/attr.h"
#include "base/text.h"

enum { FORM_FIELDS_MAX = 128 };

struct form_field {
	struct text name; /* decoded, as is the value; never empty */
	struct text value;
};

struct form {
	struct form_field fields[FORM_FIELDS_MAX]; /* as they came, doubled ones too */
	size_t count;
	char *bytes; /* what the texts point into */
};

/* False, with nothing to free, when it can not be read.  Else to be freed by form_free(). */
bool form_parse(struct text encoded, struct form *form) MUST_USE;

/* An empty form is fine, and one freed before. */
void form_free(struct form *form);

/* How many fields of that name there are. */
size_t form_times(const struct form *form, const char *name);

/* The value of the field that is there exactly once; false when it is absent or doubled. */
bool form_find(const struct form *form, const char *name, struct text *value) MUST_USE;

/* Adds `name=value`, encoded, with an & before all but the first of a buffer. */
void form_add(struct buffer *b, const char *name, struct text value);

/* Adds one value, encoded: what may stand in a path or a query stays, a space is %20. */
void form_encode(struct buffer *b, struct text value);

#endif
