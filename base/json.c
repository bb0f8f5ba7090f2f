/* SPDX-License-Identifier: Apache-2.0 */
#include "base/json.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/date.h"

/* Takes what stands before the next of our own commas or the end off the front. */
static struct text json_take_part(struct text *rest)
{
	struct text part = { .bytes = rest->bytes };
	bool in_string = false;
	int depth = 0;

	for (; part.size < rest->size; part.size++) {
		char c = part.bytes[part.size];

		if (c == '"') {
			in_string = !in_string;
		} else if (in_string) {
			part.size += c == '\\' && part.size + 1 < rest->size ? 1 : 0;
		} else if (c == '{' || c == '[') {
			depth++;
		} else if (c == '}' || c == ']') {
			depth--;
		} else if (c == ',' && depth == 0) {
			break;
		}
	}
	rest->bytes += part.size;
	rest->size -= part.size;
	return part;
}

struct text json_member(struct text canonical, const char *name)
{
	struct text rest = canonical;
	size_t size = strlen(name);

	assert(canonical.bytes != NULL || canonical.size == 0);

	if (rest.size < 2 || rest.bytes[0] != '{' || rest.bytes[rest.size - 1] != '}') {
		return TEXT("");
	}
	rest.size -= 1;
	while (rest.size > 0) { /* at the brace, or at a comma */
		struct text part;

		rest.bytes++;
		rest.size--;
		part = json_take_part(&rest);
		if (part.size > size + 3 && part.bytes[0] == '"' &&
			memcmp(part.bytes + 1, name, size) == 0 && part.bytes[size + 1] == '"' &&
			part.bytes[size + 2] == ':') {
			return (struct text){ part.bytes + size + 3, part.size - size - 3 };
		}
	}
	return TEXT("");
}

/* ---- reading ---- */

/* Appends to a path, cutting between characters where it is full. */
static void json_path_add(char path[JSON_PATH_SIZE], const char *part)
{
	struct text rest = text_of(part);
	size_t used = strlen(path);

	if (used + rest.size < JSON_PATH_SIZE) {
		memcpy(path + used, rest.bytes, rest.size + 1);
		return;
	}
	while (rest.size > 0) {
		size_t size = text_utf8_size(rest);

		if (size == 0 || used + size >= JSON_PATH_SIZE) {
			break;
		}
		memcpy(path + used, rest.bytes, size);
		used += size;
		rest.bytes += size;
		rest.size -= size;
	}
	path[used] = '\0';
}

/* out = "path.name", or whichever of the two is not empty. */
static void json_path_join(const char *path, const char *name, char out[JSON_PATH_SIZE])
{
	out[0] = '\0';
	json_path_add(out, path);
	if (path[0] != '\0' && name[0] != '\0') {
		json_path_add(out, ".");
	}
	json_path_add(out, name);
}

void json_reader_init(struct json_reader *r, const struct json_value *value, const char *path,
	struct json_problem *problem)
{
	assert(r != NULL);
	assert(path != NULL);
	assert(problem != NULL);

	*r = (struct json_reader){ .problem = problem };
	json_path_join("", path, r->path);
	if (value != NULL && value->kind != JSON_KIND_OBJECT) {
		json_complain(r, JSON_WRONG, "", "must be an object");
		return;
	}
	r->object = value;
}

const struct json_value *json_find(const struct json_value *object, const char *name)
{
	const struct json_value *member;

	assert(name != NULL);

	member = object != NULL && object->kind == JSON_KIND_OBJECT ? object->first : NULL;
	/* Nearly all names that are not the one differ in their first byte. */
	while (member != NULL &&
		(member->name.bytes[0] != name[0] || strcmp(member->name.bytes, name) != 0)) {
		member = member->next;
	}
	return member;
}

static bool json_is_taken(const struct json_reader *r, const struct json_value *member)
{
	for (size_t i = 0; i < r->taken_count; i++) {
		if (r->taken[i] == member) {
			return true;
		}
	}
	return false;
}

/* The member, noted as taken; NULL when it is absent, or when nothing more is to be read. */
static const struct json_value *json_take(struct json_reader *r, const char *name,
	enum json_need need)
{
	const struct json_value *value;

	assert(r != NULL);
	assert(name != NULL);

	if (r->object == NULL || r->problem->fault != JSON_FINE) {
		return NULL;
	}
	value = json_find(r->object, name);
	if (value == NULL) {
		if (need == JSON_REQUIRED) {
			json_complain(r, JSON_MISSING, name, "is required");
		}
		return NULL;
	}
	if (!json_is_taken(r, value)) {
		assert(r->taken_count < JSON_MEMBERS_MAX);
		r->taken[r->taken_count++] = value;
	}
	return value;
}

/* U+0000 to U+001F, U+007F, and U+0080 to U+009F, which UTF-8 spells C2 80 to C2 9F. */
static bool json_has_controls(struct text t)
{
	for (size_t i = 0; i < t.size; i++) {
		unsigned char c = (unsigned char)t.bytes[i];
		unsigned char next = i + 1 < t.size ? (unsigned char)t.bytes[i + 1] : 0;

		if (c < 0x20 || c == 0x7F || (c == 0xC2 && next < 0xA0)) {
			return true;
		}
	}
	return false;
}

/* The bytes of a member that must be a string; false when there is nothing to go on with. */
static bool json_take_string(struct json_reader *r, const char *name, enum json_need need,
	struct text *out)
{
	const struct json_value *value = json_take(r, name, need);

	if (value == NULL) {
		return false;
	}
	if (value->kind != JSON_KIND_TEXT) {
		json_complain(r, JSON_WRONG, name, "must be a string");
		return false;
	}
	*out = value->text;
	return true;
}

void json_take_text(struct json_reader *r, const char *name, enum json_need need, size_t size_max,
	struct text *out)
{
	struct text t;

	assert(out != NULL);

	if (!json_take_string(r, name, need, &t)) {
		return;
	}
	if (t.size == 0 || t.size > size_max) {
		json_complain(r, JSON_WRONG, name, "must be 1 to %zu bytes long", size_max);
	} else if (json_has_controls(t)) {
		json_complain(r, JSON_WRONG, name, "must not contain control characters");
	} else {
		*out = t;
	}
}

void json_take_file(struct json_reader *r, const char *name, enum json_need need, size_t size_max,
	struct text *out)
{
	struct text t;

	assert(out != NULL);

	if (!json_take_string(r, name, need, &t)) {
		return;
	}
	if (t.size > size_max) {
		json_complain(r, JSON_WRONG, name, "must be at most %zu bytes long", size_max);
	} else {
		*out = t;
	}
}

void json_take_integer(struct json_reader *r, const char *name, enum json_need need, int64_t min,
	int64_t max, int64_t *out)
{
	const struct json_value *value = json_take(r, name, need);

	assert(min <= max);
	assert(out != NULL);

	if (value == NULL) {
		return;
	}
	if (value->kind != JSON_KIND_INTEGER) {
		json_complain(r, JSON_WRONG, name, "must be an integer");
	} else if (value->integer < min || value->integer > max) {
		json_complain(r, JSON_WRONG, name, "must be from %" PRId64 " to %" PRId64, min,
			max);
	} else {
		*out = value->integer;
	}
}

void json_take_boolean(struct json_reader *r, const char *name, enum json_need need, bool *out)
{
	const struct json_value *value = json_take(r, name, need);

	assert(out != NULL);

	if (value == NULL) {
		return;
	}
	if (value->kind != JSON_KIND_TRUE && value->kind != JSON_KIND_FALSE) {
		json_complain(r, JSON_WRONG, name, "must be true or false");
		return;
	}
	*out = value->kind == JSON_KIND_TRUE;
}

void json_take_date(struct json_reader *r, const char *name, enum json_need need, int32_t *out)
{
	struct text t;

	assert(out != NULL);

	if (json_take_string(r, name, need, &t) && !date_parse(t, out)) {
		json_complain(r, JSON_WRONG, name, "must be a date, YYYY-MM-DD");
	}
}

void json_take_time(struct json_reader *r, const char *name, enum json_need need, int64_t *out)
{
	struct text t;

	assert(out != NULL);

	if (json_take_string(r, name, need, &t) && !date_time_parse(t, out)) {
		json_complain(r, JSON_WRONG, name, "must be a time, YYYY-MM-DDThh:mm:ssZ");
	}
}

void json_take_money(struct json_reader *r, const char *name, enum json_need need,
	struct money *out)
{
	struct json_reader inner;
	struct text currency = TEXT("");
	int64_t minor = 0;
	char code[MONEY_CURRENCY_SIZE];

	assert(out != NULL);

	json_take_object(r, name, need, &inner);
	json_take_integer(&inner, "amount", JSON_REQUIRED, 0, MONEY_API_MAX, &minor);
	json_take_text(&inner, "currency", JSON_REQUIRED, MONEY_CURRENCY_SIZE - 1, &currency);
	if (inner.object == NULL || !json_reader_end(&inner)) {
		return;
	}
	if (!money_currency_is_known(currency) || !text_copy(currency, code, sizeof(code))) {
		json_complain(&inner, JSON_WRONG, "currency", "is not a currency of the tariff");
		return;
	}
	*out = money_of(minor, code);
}

void json_take_object(struct json_reader *r, const char *name, enum json_need need,
	struct json_reader *inner)
{
	const struct json_value *value = json_take(r, name, need);
	char path[JSON_PATH_SIZE];

	assert(inner != NULL);
	assert(inner != r);

	json_path_join(r->path, name, path);
	json_reader_init(inner, value, path, r->problem);
}

void json_take_array(struct json_reader *r, const char *name, enum json_need need, size_t count_max,
	const struct json_value **out)
{
	const struct json_value *value = json_take(r, name, need);

	assert(out != NULL);

	*out = NULL;
	if (value == NULL) {
		return;
	}
	if (value->kind != JSON_KIND_ARRAY) {
		json_complain(r, JSON_WRONG, name, "must be an array");
	} else if (value->count > count_max) {
		json_complain(r, JSON_WRONG, name, "must have at most %zu elements", count_max);
	} else {
		*out = value;
	}
}

void json_complain(struct json_reader *r, enum json_fault fault, const char *name,
	const char *format, ...)
{
	struct json_problem *problem;
	va_list args;

	assert(r != NULL);
	assert(fault != JSON_FINE);

	problem = r->problem;
	if (problem->fault != JSON_FINE) {
		return;
	}
	problem->fault = fault;
	json_path_join(r->path, name != NULL ? name : "", problem->path);
	va_start(args, format);
	(void)vsnprintf(problem->detail, sizeof(problem->detail), format, args);
	va_end(args);
}

bool json_reader_end(struct json_reader *r)
{
	const struct json_value *member;

	assert(r != NULL);

	if (r->object == NULL || r->problem->fault != JSON_FINE ||
		r->object->count == r->taken_count) {
		return r->problem->fault == JSON_FINE;
	}
	member = r->object->first;
	while (member != NULL && json_is_taken(r, member)) {
		member = member->next;
	}
	assert(member != NULL);
	json_complain(r, JSON_UNKNOWN, member->name.bytes, "is not known");
	return false;
}
