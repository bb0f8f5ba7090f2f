/* SPDX-License-Identifier: Apache-2.0 */
#include "plugins/kit/member.h"

#include <assert.h>
#include <string.h>

static struct text member_span(struct text t, size_t begin, size_t end)
{
	return (struct text){ t.bytes + begin, end - begin };
}

static void member_add(struct kit_members *members, struct kit_member member)
{
	assert(members->count < KIT_MEMBERS_MAX);

	members->member[members->count++] = member;
}

static bool member_is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static size_t member_skip_blanks(struct text t, size_t at)
{
	while (at < t.size && member_is_blank(t.bytes[at])) {
		at++;
	}
	return at;
}

/* ---- JSON ---- */

/* Past the string that begins at `at`. */
static size_t member_skip_string(struct text t, size_t at)
{
	for (at++; at < t.size && t.bytes[at] != '"'; at++) {
		at += t.bytes[at] == '\\' ? 1 : 0;
	}
	return at < t.size ? at + 1 : t.size;
}

/* Past the value that begins at `at`, whatever it holds. */
static size_t member_skip_value(struct text t, size_t at)
{
	int depth = 0;

	while (at < t.size) {
		char c = t.bytes[at];

		if (depth == 0 && (c == ',' || c == '}' || c == ']' || member_is_blank(c))) {
			return at;
		}
		depth += c == '{' || c == '[' ? 1 : 0;
		depth -= c == '}' || c == ']' ? 1 : 0;
		at = c == '"' ? member_skip_string(t, at) : at + 1;
	}
	return at;
}

static void member_find_json(struct text t, struct kit_members *members)
{
	size_t at = 0;

	while (at < t.size) {
		size_t begin = at;
		size_t value;

		if (t.bytes[at] != '"') {
			at++;
			continue;
		}
		at = member_skip_string(t, at);
		value = member_skip_blanks(t, at);
		if (value < t.size && t.bytes[value] == ':') {
			size_t end;

			value = member_skip_blanks(t, value + 1);
			end = member_skip_value(t, value);
			member_add(members, (struct kit_member){
						    .form = KIT_FORM_JSON,
						    .whole = member_span(t, begin, end),
						    .name = member_span(t, begin + 1, at - 1),
						    .value = member_span(t, value, end),
					    });
			at = value < t.size && t.bytes[value] == '"' ? end : value;
		}
	}
}

/* ---- forms ---- */

static void member_find_fields(struct text t, struct kit_members *members)
{
	size_t begin = 0;

	while (begin < t.size) {
		const char *ampersand = memchr(t.bytes + begin, '&', t.size - begin);
		size_t end = ampersand != NULL ? (size_t)(ampersand - t.bytes) : t.size;
		const char *equals = memchr(t.bytes + begin, '=', end - begin);

		if (equals != NULL) {
			size_t value = (size_t)(equals - t.bytes) + 1;

			member_add(members, (struct kit_member){
						    .form = KIT_FORM_URLENCODED,
						    .whole = member_span(t, begin, end),
						    .name = member_span(t, begin, value - 1),
						    .value = member_span(t, value, end),
					    });
		}
		begin = end + 1;
	}
}

/* ---- XML ---- */

static size_t member_find_byte(struct text t, size_t at, char c)
{
	const char *found = at < t.size ? memchr(t.bytes + at, c, t.size - at) : NULL;

	return found != NULL ? (size_t)(found - t.bytes) : t.size;
}

/* The attributes of the tag that lies between the two. */
static void member_find_attributes(struct text t, size_t begin, size_t end,
	struct kit_members *members)
{
	size_t at = begin;

	while (at < end) {
		size_t equals = member_find_byte(t, at, '=');
		size_t name = equals;
		size_t close;

		if (equals + 1 >= end) {
			return;
		}
		while (name > begin && !member_is_blank(t.bytes[name - 1])) {
			name--;
		}
		close = member_find_byte(t, equals + 2, t.bytes[equals + 1]);
		if (name == begin || close >= end) {
			return;
		}
		member_add(members, (struct kit_member){
					    .form = KIT_FORM_XML,
					    .whole = member_span(t, name - 1, close + 1),
					    .name = member_span(t, name, equals),
					    .value = member_span(t, equals + 2, close),
				    });
		at = close + 1;
	}
}

/* The element whose first tag lies between the two, if it holds nothing but text. */
static void member_find_element(struct text t, size_t begin, size_t end,
	struct kit_members *members)
{
	size_t close = member_find_byte(t, end, '<');
	size_t last = member_find_byte(t, close, '>');
	size_t name_end = begin + 1;

	while (name_end < end && !member_is_blank(t.bytes[name_end]) && t.bytes[name_end] != '/') {
		name_end++;
	}
	if (close + 1 >= t.size || t.bytes[close + 1] != '/' || last == t.size ||
		t.bytes[end - 1] == '/') {
		return;
	}
	member_add(members, (struct kit_member){
				    .form = KIT_FORM_XML,
				    .whole = member_span(t, begin, last + 1),
				    .name = member_span(t, begin + 1, name_end),
				    .value = member_span(t, end + 1, close),
			    });
}

static void member_find_xml(struct text t, struct kit_members *members)
{
	size_t at = member_find_byte(t, 0, '<');

	while (at < t.size) {
		size_t end = member_find_byte(t, at, '>');

		if (end == t.size) {
			return;
		}
		if (t.bytes[at + 1] != '/' && t.bytes[at + 1] != '?' && t.bytes[at + 1] != '!') {
			member_find_attributes(t, at, end, members);
			member_find_element(t, at, end, members);
		}
		at = member_find_byte(t, end, '<');
	}
}

void kit_members_find(struct text t, struct kit_members *members)
{
	size_t at = member_skip_blanks(t, 0);

	assert(members != NULL);

	members->count = 0;
	if (at == t.size) {
		return;
	}
	if (t.bytes[at] == '{' || t.bytes[at] == '[') {
		member_find_json(t, members);
	} else if (t.bytes[at] == '<') {
		member_find_xml(t, members);
	} else {
		member_find_fields(t, members);
	}
}

struct text kit_members_value(const struct kit_members *members, struct text name)
{
	assert(members != NULL);

	for (size_t i = 0; i < members->count; i++) {
		if (text_equal(members->member[i].name, name)) {
			return members->member[i].value;
		}
	}
	return TEXT("");
}
