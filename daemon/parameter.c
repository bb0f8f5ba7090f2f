/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/parameter.h"

#include <assert.h>
#include <inttypes.h>
#include <string.h>

#include "base/date.h"

enum { PARAMETER_NUMBER_SIZE = 24 };

/* Takes "name=value" off the front of a query. */
static struct text parameter_take_name(struct text *query)
{
	const char *end = memchr(query->bytes, '&', query->size);
	struct text name = { query->bytes,
		end != NULL ? (size_t)(end - query->bytes) : query->size };
	size_t used = name.size + (end != NULL ? 1 : 0);
	const char *equals = name.size > 0 ? memchr(name.bytes, '=', name.size) : NULL;

	query->bytes += used;
	query->size -= used;
	if (equals != NULL) {
		name.size = (size_t)(equals - name.bytes);
	}
	return name;
}

static size_t parameter_count(const struct call *call, const char *name)
{
	struct text query = call->query;
	size_t count = 0;

	while (query.size > 0) {
		count += text_is(parameter_take_name(&query), name) ? 1 : 0;
	}
	return count;
}

bool parameter_decode(struct text raw, bool query, char *out, size_t out_size)
{
	size_t size = 0;

	assert(out != NULL);
	assert(out_size > 0);

	for (size_t i = 0; i < raw.size; i++) {
		unsigned char c = (unsigned char)raw.bytes[i];

		if (c == '%') {
			if (raw.size - i < 3 ||
				!text_unhex((struct text){ raw.bytes + i + 1, 2 }, &c, 1)) {
				return false;
			}
			i += 2;
		} else if (c == '+' && query) {
			c = ' ';
		}
		if (c < ' ' || c == 0x7F || size + 1 >= out_size) {
			return false;
		}
		out[size++] = (char)c;
	}
	out[size] = '\0';
	return size > 0 && text_is_utf8((struct text){ out, size });
}

void parameters_init(struct parameters *p, const struct call *call, struct problem *problem)
{
	assert(p != NULL);
	assert(call != NULL);
	assert(problem != NULL);

	*p = (struct parameters){ .call = call, .problem = problem };
}

bool parameters_text(struct parameters *p, const char *name, char *out, size_t out_size)
{
	struct text raw;
	size_t count;

	assert(p != NULL);
	assert(name != NULL);
	assert(p->taken_count < PARAMETER_COUNT_MAX);

	p->taken[p->taken_count++] = name;
	count = parameter_count(p->call, name);
	if (count == 0 || p->problem->code != PROBLEM_NONE) {
		return false;
	}
	if (!call_parameter(p->call, name, &raw)) {
		problem_set(p->problem, PROBLEM_INVALID_FIELD, name, "%s is given %zu times", name,
			count);
		return false;
	}
	if (!parameter_decode(raw, true, out, out_size)) {
		problem_set(p->problem, PROBLEM_INVALID_FIELD, name,
			"%s must be 1 to %zu bytes of percent-encoded UTF-8", name, out_size - 1);
		return false;
	}
	return true;
}

bool parameters_integer(struct parameters *p, const char *name, int64_t min, int64_t max,
	int64_t *out)
{
	char text[PARAMETER_NUMBER_SIZE];
	int64_t value;

	assert(min <= max);
	assert(out != NULL);

	if (!parameters_text(p, name, text, sizeof(text))) {
		return false;
	}
	if (!text_parse_integer(text_of(text), &value) || value < min || value > max) {
		problem_set(p->problem, PROBLEM_INVALID_FIELD, name,
			"%s must be an integer from %" PRId64 " to %" PRId64, name, min, max);
		return false;
	}
	*out = value;
	return true;
}

bool parameters_day(struct parameters *p, const char *name, int32_t *out)
{
	char text[PARAMETER_NUMBER_SIZE];

	assert(out != NULL);

	if (!parameters_text(p, name, text, sizeof(text))) {
		return false;
	}
	if (!date_parse(text_of(text), out)) {
		problem_set(p->problem, PROBLEM_INVALID_FIELD, name,
			"%s must be a date, YYYY-MM-DD", name);
		return false;
	}
	return true;
}

static bool parameters_is_taken(const struct parameters *p, struct text name)
{
	for (size_t i = 0; i < p->taken_count; i++) {
		if (text_is(name, p->taken[i])) {
			return true;
		}
	}
	return false;
}

bool parameters_end(struct parameters *p)
{
	struct text query;

	assert(p != NULL);

	query = p->call->query;
	while (query.size > 0 && p->problem->code == PROBLEM_NONE) {
		struct text name = parameter_take_name(&query);
		char field[JSON_PATH_SIZE];

		if (name.size > 0 && !parameters_is_taken(p, name)) {
			if (!text_copy(name, field, sizeof(field))) {
				field[0] = '\0';
			}
			problem_set(p->problem, PROBLEM_UNKNOWN_FIELD, field,
				"there is no such parameter");
		}
	}
	return p->problem->code == PROBLEM_NONE;
}
