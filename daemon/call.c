/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/call.h"

#include <assert.h>
#include <string.h>
#include <strings.h>

size_t call_body_max(struct text path)
{
	bool large = text_is(path, "/v1/tariff/check") || text_is(path, "/v1/tariff/impact");

	return large ? CALL_BODY_LARGE_MAX : CALL_BODY_MAX;
}

struct text call_header(const struct call *call, const char *name, size_t *count)
{
	struct text value = TEXT("");
	size_t found = 0;

	assert(call != NULL);
	assert(name != NULL);

	for (size_t i = 0; i < call->header_count; i++) {
		if (text_is_any_case(call->headers[i].name, name)) {
			value = found == 0 ? call->headers[i].value : value;
			found++;
		}
	}
	if (count != NULL) {
		*count = found;
	}
	return value;
}

/* What stands before `c`, or all of it. */
static struct text call_until(struct text t, char c)
{
	const char *at = t.size > 0 ? memchr(t.bytes, c, t.size) : NULL;

	return (struct text){ t.bytes, at != NULL ? (size_t)(at - t.bytes) : t.size };
}

/* Without its first `size` bytes, and the one that ended them. */
static struct text call_after(struct text t, size_t size)
{
	size_t skipped = size < t.size ? size + 1 : size;

	return (struct text){ t.bytes + skipped, t.size - skipped };
}

static struct text call_trim(struct text t)
{
	while (t.size > 0 && (t.bytes[0] == ' ' || t.bytes[0] == '\t')) {
		t = (struct text){ t.bytes + 1, t.size - 1 };
	}
	while (t.size > 0 && (t.bytes[t.size - 1] == ' ' || t.bytes[t.size - 1] == '\t')) {
		t.size--;
	}
	return t;
}

/* One preference, `name=value` or `name="value"`, without its parameters. */
static bool call_preference_is(struct text one, const char *wanted)
{
	struct text name = call_until(one, '=');
	struct text value = call_trim(call_after(one, name.size));
	size_t size;

	name = call_trim(name);
	size = name.size;
	if (value.size >= 2 && value.bytes[0] == '"' && value.bytes[value.size - 1] == '"') {
		value = (struct text){ value.bytes + 1, value.size - 2 };
	}
	return strlen(wanted) == size + 1 + value.size && wanted[size] == '=' &&
	       strncasecmp(wanted, name.bytes, size) == 0 &&
	       memcmp(wanted + size + 1, value.bytes, value.size) == 0;
}

bool call_prefers(const struct call *call, const char *preference)
{
	assert(call != NULL);
	assert(strchr(preference, '=') != NULL);

	for (size_t i = 0; i < call->header_count; i++) {
		struct text rest = call->headers[i].value;

		while (text_is_any_case(call->headers[i].name, "Prefer") && rest.size > 0) {
			struct text one = call_until(rest, ',');

			if (call_preference_is(call_until(one, ';'), preference)) {
				return true;
			}
			rest = call_after(rest, one.size);
		}
	}
	return false;
}

bool call_parameter(const struct call *call, const char *name, struct text *value)
{
	struct text rest;
	struct text found = TEXT("");
	size_t count = 0;

	assert(call != NULL);
	assert(name != NULL);
	assert(value != NULL);

	rest = call->query;
	while (rest.size > 0) {
		struct text pair = call_until(rest, '&');
		struct text key = call_until(pair, '=');

		if (text_is(key, name)) {
			found = call_after(pair, key.size);
			count++;
		}
		rest = call_after(rest, pair.size);
	}
	if (count != 1) {
		return false;
	}
	*value = found;
	return true;
}

void call_answer(struct call *call, int status, const char *content_type, struct text body)
{
	call_answer_with(call, status, content_type, NULL, 0, body);
}

void call_answer_with(struct call *call, int status, const char *content_type,
	const struct call_header *headers, size_t header_count, struct text body)
{
	assert(call != NULL);
	assert(call->answer != NULL);
	assert(status >= 100 && status <= 599);
	assert(content_type != NULL);
	assert(headers != NULL || header_count == 0);
	assert(body.size <= CALL_ANSWER_MAX);

	call->held = NULL;
	call->answer(call, status, content_type, headers, header_count, body);
}
