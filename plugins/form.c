/* SPDX-License-Identifier: Apache-2.0 */
#include "plugins/form.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

/* Decodes in place of `out`, which has room for all; false when it can not be read. */
static bool form_decode(struct text encoded, char **out, struct text *decoded)
{
	char *begin = *out;
	char *end = begin;

	for (size_t i = 0; i < encoded.size; i++) {
		char c = encoded.bytes[i];

		if (c == '+') {
			c = ' ';
		} else if (c == '%') {
			if (encoded.size - i < 3 ||
				!text_unhex((struct text){ encoded.bytes + i + 1, 2 }, &c, 1)) {
				return false;
			}
			i += 2;
		}
		*end++ = c;
	}
	*out = end;
	*decoded = (struct text){ .bytes = begin, .size = (size_t)(end - begin) };
	return text_is_utf8(*decoded);
}

static bool form_take(struct form *form, struct text pair, char **out)
{
	const char *equals = memchr(pair.bytes, '=', pair.size);
	size_t size = equals == NULL ? pair.size : (size_t)(equals - pair.bytes);
	struct text value = TEXT("");
	struct form_field *field;

	if (equals != NULL) {
		value = (struct text){ equals + 1, pair.size - size - 1 };
	}
	if (size == 0 || form->count == FORM_FIELDS_MAX) {
		return false;
	}
	field = &form->fields[form->count++];
	return form_decode((struct text){ pair.bytes, size }, out, &field->name) &&
	       form_decode(value, out, &field->value);
}

bool form_parse(struct text encoded, struct form *form)
{
	char *out;
	bool ok = true;

	assert(form != NULL);

	form->count = 0;
	form->bytes = out = mem_new(encoded.size + 1, 1);
	for (size_t at = 0; ok && at < encoded.size;) {
		const char *begin = encoded.bytes + at;
		const char *end = memchr(begin, '&', encoded.size - at);
		size_t size = end == NULL ? encoded.size - at : (size_t)(end - begin);

		ok = size == 0 || form_take(form, (struct text){ begin, size }, &out);
		at += size + 1;
	}
	if (!ok) {
		form_free(form);
	}
	return ok;
}

void form_free(struct form *form)
{
	assert(form != NULL);

	free(form->bytes);
	form->bytes = NULL;
	form->count = 0;
}

size_t form_times(const struct form *form, const char *name)
{
	size_t times = 0;

	assert(form != NULL);

	for (size_t i = 0; i < form->count; i++) {
		times += text_is(form->fields[i].name, name);
	}
	return times;
}

bool form_find(const struct form *form, const char *name, struct text *value)
{
	assert(form != NULL);
	assert(value != NULL);

	for (size_t i = 0; i < form->count; i++) {
		if (text_is(form->fields[i].name, name)) {
			*value = form->fields[i].value;
			return form_times(form, name) == 1;
		}
	}
	return false;
}

void form_encode(struct buffer *b, struct text value)
{
	static const char digits[] = "0123456789ABCDEF";
	static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				    "0123456789-._~";

	assert(b != NULL);

	for (size_t i = 0; i < value.size; i++) {
		unsigned char c = (unsigned char)value.bytes[i];

		if (c != '\0' && strchr(plain, c) != NULL) {
			buffer_add_char(b, (char)c);
		} else {
			buffer_add_char(b, '%');
			buffer_add_char(b, digits[c >> 4]);
			buffer_add_char(b, digits[c & 15]);
		}
	}
}

void form_add(struct buffer *b, const char *name, struct text value)
{
	assert(b != NULL);
	assert(name != NULL);

	if (b->size > 0) {
		buffer_add_char(b, '&');
	}
	form_encode(b, text_of(name));
	buffer_add_char(b, '=');
	form_encode(b, value);
}
