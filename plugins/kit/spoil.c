/* SPDX-License-Identifier: Apache-2.0 */
#include "plugins/kit/spoil.h"

#include <assert.h>
#include <string.h>

#include "plugins/kit/member.h"

enum { SPOIL_BIT = 0x01, SPOIL_LARGE = 200 * 1024, SPOIL_COPY_MAX = 1 << 20 };

#define SPOIL_COUNT(array) (sizeof(array) / sizeof(*(array)))

/* ---- bytes ---- */

bool kit_spoil_cut(struct kit_message *m, const struct kit_spoil_with *with, size_t n)
{
	size_t begin = 0;
	struct buffer *said = kit_message_said(m, &begin);

	(void)with;
	if (begin + n >= said->size) {
		return false;
	}
	kit_message_splice(said, begin + n, said->size - begin - n, TEXT(""));
	return true;
}

/* The nth byte of path, values of headers and body; NULL past the last. */
static char *spoil_byte(struct kit_message *m, size_t n)
{
	if (n < m->path.size) {
		return &m->path.bytes[n];
	}
	n -= m->path.size;
	for (size_t i = 0; i < m->header_count; i++) {
		size_t size = strlen(m->headers[i].value);

		if (n < size) {
			return &m->headers[i].value[n];
		}
		n -= size;
	}
	return n < m->body.size ? &m->body.bytes[n] : NULL;
}

bool kit_spoil_bit(struct kit_message *m, const struct kit_spoil_with *with, size_t n)
{
	char *byte = spoil_byte(m, n);

	(void)with;
	if (byte == NULL) {
		return false;
	}
	*byte = (char)((unsigned char)*byte ^ SPOIL_BIT);
	return true;
}

/* What `b` has more than `plain`, when both are alike before and after it. */
static struct text spoil_added(struct text plain, struct text b)
{
	size_t begin = 0;
	size_t end = 0;

	if (plain.size == 0 || b.size == 0) {
		return b;
	}
	while (begin < plain.size && begin < b.size && plain.bytes[begin] == b.bytes[begin]) {
		begin++;
	}
	while (end < plain.size - begin && end + begin < b.size &&
		plain.bytes[plain.size - 1 - end] == b.bytes[b.size - 1 - end]) {
		end++;
	}
	return (struct text){ b.bytes + begin, b.size - begin - end };
}

/* The last digit of padded base64 has bits that stand for nothing. */
static bool spoil_is_idle(struct text t, size_t at)
{
	return at + 1 < t.size && t.bytes[at + 1] == '=';
}

/* The nth byte of `t` that says something, taken from `n` as far as there are any. */
static const char *spoil_counting(struct text t, size_t *n)
{
	for (size_t i = 0; i < t.size; i++) {
		if (spoil_is_idle(t, i)) {
			continue;
		}
		if (*n == 0) {
			return t.bytes + i;
		}
		--*n;
	}
	return NULL;
}

bool kit_spoil_seal(struct kit_message *m, const struct kit_spoil_with *with, size_t n)
{
	const struct kit_message *plain = with->plain;
	const char *byte =
		spoil_counting(spoil_added(buffer_text(&plain->path), buffer_text(&m->path)), &n);

	for (size_t i = plain->header_count; byte == NULL && i < m->header_count; i++) {
		byte = spoil_counting(text_of(m->headers[i].value), &n);
	}
	if (byte == NULL) {
		byte = spoil_counting(spoil_added(buffer_text(&plain->body), buffer_text(&m->body)),
			&n);
	}
	if (byte == NULL) {
		return false;
	}
	*(char *)(uintptr_t)byte = (char)((unsigned char)*byte ^ SPOIL_BIT);
	return true;
}

bool kit_spoil_utf8(struct kit_message *m, const struct kit_spoil_with *with, size_t n)
{
	size_t begin = 0;
	struct buffer *said = kit_message_said(m, &begin);
	struct text bad = n % 2 == 0 ? TEXT("\xFF") : TEXT("\xC0\x80");
	size_t at = begin + n / 2;

	(void)with;
	if (at >= said->size) {
		return false;
	}
	kit_message_splice(said, at, 1, bad);
	return true;
}

bool kit_spoil_size(struct kit_message *m, const struct kit_spoil_with *with, size_t n)
{
	static const char *const more[] = { " ", "a", "&a=1", "[", "<a>", "{\"a\":", "%20" };
	size_t begin = 0;
	struct buffer *said = kit_message_said(m, &begin);
	size_t grown = said->size + SPOIL_LARGE;
	bool instead = n % 2 == 1;

	(void)with;
	if (n / 2 >= SPOIL_COUNT(more)) {
		return false;
	}
	if (instead) {
		kit_message_splice(said, begin, said->size - begin, TEXT(""));
	}
	while (said->size < grown) {
		buffer_add_string(said, more[n / 2]);
	}
	return true;
}

/* ---- answers ---- */

static const int spoil_statuses[] = { 200, 201, 202, 204, 206, 301, 302, 304, 307, 400, 401, 402,
	403, 404, 405, 406, 409, 410, 413, 415, 418, 422, 499, 408, 425, 429, 500, 501, 502, 503,
	504, 599 };

static const char *const spoil_bodies[] = { "", "{}", "[]", "null", "ok",
	"<html>Bad gateway</html>", "<response/>", "{\"status\":", "\xFF\xFE\x00", "a=b&c",
	"errorCode=0", "0" };

bool kit_spoil_rubbish(struct kit_message *m, const struct kit_spoil_with *with, size_t n)
{
	size_t status = n / SPOIL_COUNT(spoil_bodies);

	(void)with;
	if (status >= SPOIL_COUNT(spoil_statuses)) {
		return false;
	}
	kit_message_reset(m);
	m->status = spoil_statuses[status];
	buffer_add_string(&m->body, spoil_bodies[n % SPOIL_COUNT(spoil_bodies)]);
	return true;
}

bool kit_spoil_status(struct kit_message *m, const struct kit_spoil_with *with, size_t n)
{
	static const int failures[] = { 301, 302, 400, 401, 403, 404, 408, 429, 500, 502, 503,
		504 };

	(void)with;
	if (n >= SPOIL_COUNT(failures)) {
		return false;
	}
	m->status = failures[n];
	return true;
}

/* ---- members ---- */

/* A value like `value` and not the same. */
static void spoil_change(struct text value, struct buffer *out)
{
	buffer_add(out, value);
	for (size_t i = out->size; i > 0; i--) {
		char *c = &out->bytes[i - 1];
		bool letter = (*c >= 'A' && *c <= 'Z') || (*c >= 'a' && *c <= 'z');

		if ((*c >= '0' && *c <= '9') || letter) {
			*c = (char)(*c == '9' || *c == 'z' || *c == 'Z' ? *c - 1 : *c + 1);
			return;
		}
	}
}

/* The member again, with `value`. */
static void spoil_write(const struct kit_member *member, struct text value, struct buffer *out)
{
	size_t before = (size_t)(member->value.bytes - member->whole.bytes);
	size_t after = before + member->value.size;

	buffer_add(out, (struct text){ member->whole.bytes, before });
	buffer_add(out, value);
	buffer_add(out, (struct text){ member->whole.bytes + after, member->whole.size - after });
}

/* The member's value in the message with the other outcome, if it is another there; else a change.
 */
static void spoil_contradict(const struct kit_member *member, const struct kit_spoil_with *with,
	struct buffer *out)
{
	struct kit_members others = { .count = 0 };
	struct text value = TEXT("");

	if (with->other != NULL) {
		const struct buffer *said =
			with->other->body.size > 0 ? &with->other->body : &with->other->path;
		const char *query = said->size > 0 ? memchr(said->bytes, '?', said->size) : NULL;
		struct text t = buffer_text(said);

		if (said == &with->other->path && query != NULL) {
			t = (struct text){ query + 1,
				said->size - (size_t)(query + 1 - said->bytes) };
		}
		kit_members_find(t, &others);
		value = kit_members_value(&others, member->name);
	}
	if (value.size > 0 && !text_equal(value, member->value)) {
		buffer_add(out, value);
	} else {
		spoil_change(member->value, out);
	}
}

static const char *spoil_separator(const struct kit_member *member)
{
	return member->form == KIT_FORM_JSON ? "," : member->form == KIT_FORM_XML ? "" : "&";
}

/* Takes the member out, with the separator beside it. */
static void spoil_drop(struct buffer *said, const struct kit_member *member)
{
	const char *separator = spoil_separator(member);
	size_t at = (size_t)(member->whole.bytes - said->bytes);
	size_t count = member->whole.size;

	if (separator[0] != '\0' && at + count < said->size &&
		said->bytes[at + count] == separator[0]) {
		count++;
	} else if (separator[0] != '\0' && at > 0 && said->bytes[at - 1] == separator[0]) {
		at--;
		count++;
	}
	kit_message_splice(said, at, count, TEXT(""));
}

/* Puts `t` before the member or after it. */
static void spoil_insert(struct buffer *said, const struct kit_member *member, bool before,
	struct text t)
{
	size_t at = (size_t)(member->whole.bytes - said->bytes) + (before ? 0 : member->whole.size);
	struct text separator = text_of(spoil_separator(member));

	kit_message_splice(said, at, 0, before ? separator : t);
	kit_message_splice(said, at, 0, before ? t : separator);
}

static struct text spoil_unknown(const struct kit_member *member)
{
	bool attribute = member->form == KIT_FORM_XML && member->whole.bytes[0] != '<';

	if (member->form == KIT_FORM_URLENCODED) {
		return TEXT("unheard_of=1");
	}
	if (member->form == KIT_FORM_JSON) {
		return TEXT("\"unheard_of\":\"1\"");
	}
	return attribute ? TEXT(" unheard_of=\"1\"") : TEXT("<unheard_of>1</unheard_of>");
}

/* Writes the member once more, before itself or after. */
static void spoil_double(struct buffer *said, const struct kit_member *member, bool before,
	struct text value)
{
	struct buffer copy;

	buffer_init(&copy, SPOIL_COPY_MAX);
	spoil_write(member, value, &copy);
	spoil_insert(said, member, before, buffer_text(&copy));
	buffer_done(&copy);
}

/* The nth member of `m`, of `ways` ways each; NULL past the last. */
static const struct kit_member *spoil_find(struct kit_message *m, struct kit_members *members,
	size_t nth)
{
	size_t begin = 0;
	struct buffer *said = kit_message_said(m, &begin);

	kit_members_find((struct text){ said->bytes + begin, said->size - begin }, members);
	return nth < members->count ? &members->member[nth] : NULL;
}

bool kit_spoil_member(struct kit_message *m, const struct kit_spoil_with *with, size_t n)
{
	enum { DROP, BEFORE, AFTER, TWICE, UNKNOWN, WAYS };
	struct kit_members members;
	size_t begin = 0;
	struct buffer *said;
	const struct kit_member *member;
	struct buffer changed;

	if (kit_message_said(m, &begin)->size == begin) {
		return false;
	}
	member = spoil_find(m, &members, n / WAYS);
	if (member == NULL) {
		return false;
	}
	said = kit_message_said(m, &begin);
	buffer_init(&changed, SPOIL_COPY_MAX);
	spoil_contradict(member, with, &changed);
	if (n % WAYS == DROP) {
		spoil_drop(said, member);
	} else if (n % WAYS == UNKNOWN) {
		spoil_insert(said, member, false, spoil_unknown(member));
	} else {
		spoil_double(said, member, n % WAYS == BEFORE,
			n % WAYS == TWICE ? member->value : buffer_text(&changed));
	}
	buffer_done(&changed);
	return true;
}

static const char *const spoil_values[][10] = {
	[KIT_FORM_JSON] = { "null", "true", "{}", "[]", "\"\"", "-1", "\"two\\nlines\"", "\"-1\"",
		"99999999999999999999", "1e999" },
	[KIT_FORM_URLENCODED] = { "", "-1", "0x10", "1e3", "99999999999999999999", "%00", "%FF",
		"%", "1%0A2", "+1" },
	[KIT_FORM_XML] = { "", "-1", "0x10", "1e3", "99999999999999999999", "&#1;", "&bogus;",
		"<a/>", "1\n2", " 1" },
};

bool kit_spoil_value(struct kit_message *m, const struct kit_spoil_with *with, size_t n)
{
	enum { WAYS = SPOIL_COUNT(spoil_values[0]) };
	struct kit_members members;
	const struct kit_member *member;
	size_t begin = 0;
	struct buffer *said;

	(void)with;
	if (kit_message_said(m, &begin)->size == begin) {
		return false;
	}
	member = spoil_find(m, &members, n / WAYS);
	if (member == NULL) {
		return false;
	}
	said = kit_message_said(m, &begin);
	kit_message_splice(said, (size_t)(member->value.bytes - said->bytes), member->value.size,
		text_of(spoil_values[member->form][n % WAYS]));
	return true;
}
