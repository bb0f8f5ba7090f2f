/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/strict.h"

#include <assert.h>
#include <string.h>

enum { STRICT_LENGTH_DIGITS_MAX = 12, STRICT_CHUNK_DIGITS_MAX = 8 };

void strict_init(struct strict *s, strict_body_max_fn *body_max_of, void *context)
{
	assert(s != NULL);

	*s = (struct strict){
		.body_max_of = body_max_of,
		.context = context,
		.stage = STRICT_LINE,
		.wanted = 1,
		.body_max = CALL_BODY_MAX,
	};
}

bool strict_has_head(const struct strict *s)
{
	return s->stage > STRICT_HEADERS;
}

static enum strict_result strict_refuse(struct strict *s, int status, const char *why)
{
	s->status = status;
	s->why = why;
	return STRICT_REFUSED;
}

static enum strict_result strict_more(struct strict *s, size_t wanted)
{
	assert(wanted > 0);

	s->wanted = wanted;
	return STRICT_MORE;
}

static enum strict_result strict_whole(struct strict *s)
{
	s->size = s->at;
	return STRICT_WHOLE;
}

/* RFC 9110 section 5.6.2: what methods and header names are made of. */
static bool strict_is_token(struct text t)
{
	for (size_t i = 0; i < t.size; i++) {
		char c = t.bytes[i];
		bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
		bool digit = c >= '0' && c <= '9';

		if (!letter && !digit && (c == '\0' || strchr("!#$%&'*+-.^_`|~", c) == NULL)) {
			return false;
		}
	}
	return t.size > 0;
}

static struct text strict_trim(struct text t)
{
	while (t.size > 0 && (t.bytes[0] == ' ' || t.bytes[0] == '\t')) {
		t.bytes++;
		t.size--;
	}
	while (t.size > 0 && (t.bytes[t.size - 1] == ' ' || t.bytes[t.size - 1] == '\t')) {
		t.size--;
	}
	return t;
}

/* True when one of the words in a comma-separated list is `word`. */
static bool strict_list_has(struct text list, const char *word)
{
	while (list.size > 0) {
		const char *comma = memchr(list.bytes, ',', list.size);
		size_t size = comma != NULL ? (size_t)(comma - list.bytes) : list.size;

		if (text_is_any_case(strict_trim((struct text){ list.bytes, size }), word)) {
			return true;
		}
		size += comma != NULL ? 1 : 0;
		list.bytes += size;
		list.size -= size;
	}
	return false;
}

/* ---- the head ---- */

/* Where a part of the line just taken lies. */
static struct strict_span strict_span_of(const struct strict *s, struct text line, struct text part)
{
	size_t line_at = s->at - 2 - line.size;

	return (struct strict_span){ (uint16_t)(line_at + (size_t)(part.bytes - line.bytes)),
		(uint16_t)part.size };
}

/* In origin form, of visible ASCII; "//" would be read as a host by some. */
static bool strict_target_is_fine(struct text target)
{
	for (size_t i = 0; i < target.size; i++) {
		char c = target.bytes[i];

		if (c <= ' ' || c > '~' || strchr("\"#<>\\^`{|}", c) != NULL) {
			return false;
		}
	}
	return target.size > 0 && target.bytes[0] == '/' &&
	       !(target.size > 1 && target.bytes[1] == '/');
}

/* Chunks are gone through as they come, which is for small bodies only. */
static void strict_bound_body(struct strict *s, struct text target)
{
	const char *mark = memchr(target.bytes, '?', target.size);

	if (mark != NULL) {
		target.size = (size_t)(mark - target.bytes);
	}
	if (s->body_max_of != NULL) {
		s->body_max = s->body_max_of(s->context, target);
	}
}

static enum strict_result strict_method(struct strict *s, struct text method)
{
	if (!strict_is_token(method)) {
		return strict_refuse(s, 400, "the request line is not one");
	}
	s->head = text_is(method, "HEAD");
	s->get = text_is(method, "GET");
	if (!s->get && !text_is(method, "POST")) {
		return strict_refuse(s, 405, "only GET and POST are served");
	}
	return STRICT_MORE;
}

/* METHOD SP target SP HTTP/1.x, single spaces. */
static enum strict_result strict_line(struct strict *s, struct text line)
{
	const char *first = memchr(line.bytes, ' ', line.size);
	const char *last;
	struct text target;
	struct text version;

	if (first == NULL) {
		return strict_refuse(s, 400, "the request line is not one");
	}
	target.bytes = first + 1;
	target.size = line.size - (size_t)(target.bytes - line.bytes);
	last = memchr(target.bytes, ' ', target.size);
	if (last == NULL) {
		return strict_refuse(s, 400, "the request line is not one");
	}
	version.bytes = last + 1;
	version.size = line.size - (size_t)(version.bytes - line.bytes);
	target.size = (size_t)(last - target.bytes);
	s->http10 = text_is(version, "HTTP/1.0");
	if (!s->http10 && !text_is(version, "HTTP/1.1")) {
		return strict_refuse(s, 505, "only HTTP/1.1 and HTTP/1.0 are served");
	}
	if (target.size > STRICT_TARGET_MAX) {
		return strict_refuse(s, 414, "the path and query are too long");
	}
	if (!strict_target_is_fine(target)) {
		return strict_refuse(s, 400, "the path is not one, or holds bytes to be encoded");
	}
	s->target = strict_span_of(s, line, target);
	strict_bound_body(s, target);
	return strict_method(s, (struct text){ line.bytes, (size_t)(first - line.bytes) });
}

/* A name, an address or nothing, and perhaps a port. */
static bool strict_host_is_fine(struct text host)
{
	for (size_t i = 0; i < host.size; i++) {
		char c = host.bytes[i];
		bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
		bool digit = c >= '0' && c <= '9';

		if (!letter && !digit && strchr(".-_:[]", c) == NULL) {
			return false;
		}
	}
	return true;
}

static enum strict_result strict_length(struct strict *s, struct text value)
{
	int64_t length = 0;

	s->length_count++;
	if (s->length_count > 1 || value.size > STRICT_LENGTH_DIGITS_MAX ||
		!text_parse_integer(value, &length)) {
		return strict_refuse(s, 400, "the Content-Length is not one number");
	}
	s->length = (size_t)length;
	return STRICT_MORE;
}

static enum strict_result strict_header_meant(struct strict *s, struct text name, struct text value)
{
	if (text_is_any_case(name, "Content-Length")) {
		return strict_length(s, value);
	}
	if (text_is_any_case(name, "Transfer-Encoding")) {
		s->coding_count++;
		s->chunked = true;
		if (s->coding_count > 1 || !text_is_any_case(value, "chunked")) {
			return strict_refuse(s, 400,
				"the Transfer-Encoding is not exactly chunked");
		}
	}
	if (text_is_any_case(name, "Host")) {
		s->host_count++;
		if (s->host_count > 1 || !strict_host_is_fine(value)) {
			return strict_refuse(s, 400, "there must be one Host");
		}
	}
	if (text_is_any_case(name, "Expect")) {
		s->expects = true;
		if (!text_is_any_case(value, "100-continue")) {
			return strict_refuse(s, 417, "only Expect: 100-continue is understood");
		}
	}
	if (text_is_any_case(name, "Connection") && strict_list_has(value, "close")) {
		s->close = true;
	}
	return STRICT_MORE;
}

static bool strict_begins_with_tab(struct text value)
{
	while (value.size > 0 && value.bytes[0] == ' ') {
		value.bytes++;
		value.size--;
	}
	return value.size > 0 && value.bytes[0] == '\t';
}

static enum strict_result strict_header(struct strict *s, struct text line)
{
	const char *colon = memchr(line.bytes, ':', line.size);
	struct text name;
	struct text value;

	s->header_count++;
	if (s->header_count > CALL_HEADERS_MAX) {
		return strict_refuse(s, 431, "there are too many headers");
	}
	if (colon == NULL) {
		return strict_refuse(s, 400, "a header has no colon");
	}
	name = (struct text){ line.bytes, (size_t)(colon - line.bytes) };
	value = (struct text){ colon + 1, line.size - name.size - 1 };
	if (strict_begins_with_tab(value)) { /* some take it for a part of the value */
		return strict_refuse(s, 400, "a header's value begins with a tab");
	}
	value = strict_trim(value);
	if (!strict_is_token(name)) { /* also a folded line, and a space before the colon */
		return strict_refuse(s, 400, "a header's name is not one");
	}
	s->headers[s->header_count - 1] = (struct strict_header){ strict_span_of(s, line, name),
		strict_span_of(s, line, value) };
	return strict_header_meant(s, name, value);
}

/* What is not too long to be read and dropped is, unless it was not sent yet. */
static enum strict_result strict_refuse_length(struct strict *s)
{
	bool short_enough = s->length <= STRICT_SKIP_MAX || s->length <= 2 * s->body_max;

	s->skip = !s->expects && short_enough ? s->length : 0;
	return strict_refuse(s, 413, "the body is too large");
}

/* The empty line behind the headers: do they make sense together? */
static enum strict_result strict_head_end(struct strict *s)
{
	if (s->host_count == 0 && !s->http10) {
		return strict_refuse(s, 400, "there must be one Host");
	}
	if (s->chunked && (s->length_count > 0 || s->http10)) {
		return strict_refuse(s, 400, "Transfer-Encoding and another length");
	}
	if (s->get && (s->chunked || s->length > 0)) {
		return strict_refuse(s, 400, "a GET has no body");
	}
	s->expects = s->expects && !s->http10;
	s->close = s->close || s->http10;
	s->body_at = s->at;
	if (s->length > s->body_max) {
		return strict_refuse_length(s);
	}
	s->body_size = s->length;
	s->stage = s->chunked ? STRICT_CHUNK_SIZE : STRICT_BODY;
	return STRICT_MORE;
}

/* Bytes of a line of the head: text and tabs, nothing that ends or hides something. */
static bool strict_line_is_clean(struct text line)
{
	for (size_t i = 0; i < line.size; i++) {
		unsigned char c = (unsigned char)line.bytes[i];

		if ((c < ' ' && c != '\t') || c == 0x7F) {
			return false;
		}
	}
	return text_is_utf8(line);
}

/*
 * Takes the next line out of `bytes`, without its CRLF.  MORE with an untouched line: it is not
 * whole yet.  REFUSED: bare CR or LF, or it has gone on for too long.
 */
static enum strict_result strict_take_line(struct strict *s, struct text bytes, size_t end_max,
	struct text *line)
{
	struct text rest = { bytes.bytes + s->at, bytes.size - s->at };
	const char *end = rest.size > 0 ? memchr(rest.bytes, '\n', rest.size) : NULL;

	if (end == NULL && bytes.size >= end_max) {
		return strict_refuse(s, s->stage < STRICT_BODY ? 431 : 400, "a line is too long");
	}
	if (end == NULL) {
		return strict_more(s, bytes.size + 1);
	}
	rest.size = (size_t)(end - rest.bytes) + 1;
	if (s->at + rest.size > end_max) {
		return strict_refuse(s, s->stage < STRICT_BODY ? 431 : 400, "a line is too long");
	}
	if (rest.size < 2 || rest.bytes[rest.size - 2] != '\r') {
		return strict_refuse(s, 400, "a line does not end with CR LF");
	}
	s->at += rest.size;
	*line = (struct text){ rest.bytes, rest.size - 2 };
	if (!strict_line_is_clean(*line)) {
		return strict_refuse(s, 400, "a line holds control characters or is no UTF-8");
	}
	return STRICT_WHOLE;
}

/* One line of the head. */
static enum strict_result strict_judge_head(struct strict *s, struct text bytes)
{
	struct text line;
	enum strict_result result = strict_take_line(s, bytes, STRICT_HEAD_MAX, &line);

	if (result != STRICT_WHOLE) {
		return result;
	}
	s->wanted = 0;
	if (s->stage == STRICT_LINE) {
		s->stage = STRICT_HEADERS;
		return strict_line(s, line);
	}
	return line.size > 0 ? strict_header(s, line) : strict_head_end(s);
}

/* ---- the body ---- */

static bool strict_chunk_size(struct text line, size_t *size)
{
	size_t total = 0;

	for (size_t i = 0; i < line.size; i++) {
		char c = line.bytes[i];
		size_t digit = 16;

		if (c >= '0' && c <= '9') {
			digit = (size_t)(c - '0');
		} else if ((c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F')) {
			digit = (size_t)((c | 0x20) - 'a') + 10;
		}
		if (digit == 16) { /* a sign, 0x, an extension */
			return false;
		}
		total = total * 16 + digit;
	}
	*size = total;
	return line.size > 0 && line.size <= STRICT_CHUNK_DIGITS_MAX;
}

static enum strict_result strict_judge_chunk_size(struct strict *s, struct text bytes)
{
	struct text line;
	size_t size = 0;
	enum strict_result result =
		strict_take_line(s, bytes, s->at + STRICT_CHUNK_LINE_MAX, &line);

	if (result != STRICT_WHOLE) {
		return result;
	}
	s->wanted = 0;
	if (!strict_chunk_size(line, &size)) {
		return strict_refuse(s, 400, "a chunk's size is not one");
	}
	if (size > CALL_BODY_MAX - s->body_size || s->at - s->body_at > STRICT_RAW_MAX) {
		return strict_refuse(s, 413, "the body is too large");
	}
	s->body_size += size;
	s->chunk_end = s->at + size;
	s->stage = size > 0 ? STRICT_CHUNK : STRICT_END;
	return STRICT_MORE;
}

static enum strict_result strict_judge_chunk(struct strict *s, struct text bytes)
{
	if (bytes.size < s->chunk_end + 2) {
		return strict_more(s, s->chunk_end + 2);
	}
	if (memcmp(bytes.bytes + s->chunk_end, "\r\n", 2) != 0) {
		return strict_refuse(s, 400, "a chunk does not end where it should");
	}
	s->at = s->chunk_end + 2;
	s->stage = STRICT_CHUNK_SIZE;
	s->wanted = 0;
	return STRICT_MORE;
}

/* Behind the last chunk: trailers are refused, whoever reads them may take them for headers. */
static enum strict_result strict_judge_end(struct strict *s, struct text bytes)
{
	if (bytes.size < s->at + 2) {
		return strict_more(s, s->at + 2);
	}
	if (memcmp(bytes.bytes + s->at, "\r\n", 2) != 0) {
		return strict_refuse(s, 400, "trailers are not served");
	}
	s->at += 2;
	return strict_whole(s);
}

static enum strict_result strict_judge_body(struct strict *s, struct text bytes)
{
	if (bytes.size < s->body_at + s->length) {
		return strict_more(s, s->body_at + s->length);
	}
	s->at = s->body_at + s->length;
	return strict_whole(s);
}

static enum strict_result strict_judge_piece(struct strict *s, struct text bytes)
{
	switch (s->stage) {
	case STRICT_LINE:
	case STRICT_HEADERS:
		return strict_judge_head(s, bytes);
	case STRICT_BODY:
		return strict_judge_body(s, bytes);
	case STRICT_CHUNK_SIZE:
		return strict_judge_chunk_size(s, bytes);
	case STRICT_CHUNK:
		return strict_judge_chunk(s, bytes);
	case STRICT_END:
		return strict_judge_end(s, bytes);
	}
	assert(false);
	return STRICT_REFUSED;
}

enum strict_result strict_judge(struct strict *s, struct text bytes)
{
	enum strict_result result;

	assert(s != NULL);
	assert(s->status == 0);
	assert(bytes.size >= s->at);

	/* Each piece either asks for more bytes or has moved `at` on: this ends. */
	do {
		s->wanted = 0;
		result = strict_judge_piece(s, bytes);
	} while (result == STRICT_MORE && s->wanted == 0);
	return result;
}

struct text strict_text(struct text bytes, struct strict_span span)
{
	assert((size_t)span.at + span.size <= bytes.size);

	return (struct text){ bytes.bytes + span.at, span.size };
}

struct text strict_body(const struct strict *s, char *bytes)
{
	size_t at = s->body_at;
	size_t end = s->body_at;
	size_t size = 1;

	assert(s->size > 0);
	assert(bytes != NULL);

	while (s->chunked && size > 0) {
		char *line = bytes + at;
		const char *line_end = memchr(line, '\r', s->size - at);
		struct text number = { line, line_end != NULL ? (size_t)(line_end - line) : 0 };
		bool judged = strict_chunk_size(number, &size);

		assert(judged);
		at += number.size + 2;
		memmove(bytes + end, bytes + at, size);
		end += size;
		at += size + 2;
	}
	assert(!s->chunked || end - s->body_at == s->body_size);
	return (struct text){ bytes + s->body_at, s->body_size };
}
