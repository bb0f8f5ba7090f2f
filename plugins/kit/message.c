/* SPDX-License-Identifier: Apache-2.0 */
#include "plugins/kit/message.h"

#include <assert.h>
#include <string.h>

void kit_message_init(struct kit_message *m)
{
	assert(m != NULL);

	*m = (struct kit_message){ .status = 200, .method = "POST" };
	buffer_init(&m->path, KIT_MESSAGE_MAX);
	buffer_init(&m->body, KIT_MESSAGE_MAX);
}

void kit_message_done(struct kit_message *m)
{
	assert(m != NULL);

	buffer_done(&m->path);
	buffer_done(&m->body);
}

void kit_message_reset(struct kit_message *m)
{
	kit_message_done(m);
	kit_message_init(m);
}

void kit_message_copy(struct kit_message *to, const struct kit_message *from)
{
	assert(to != NULL);
	assert(from != NULL);

	kit_message_reset(to);
	to->status = from->status;
	to->method = from->method;
	to->moves = from->moves;
	buffer_add(&to->path, buffer_text(&from->path));
	buffer_add(&to->body, buffer_text(&from->body));
	memcpy(to->headers, from->headers, sizeof(to->headers));
	to->header_count = from->header_count;
}

void kit_message_header(struct kit_message *m, const char *name, struct text value)
{
	struct kit_header *header;
	bool fits;

	assert(m != NULL);
	assert(m->header_count < KIT_MESSAGE_HEADERS_MAX);

	header = &m->headers[m->header_count++];
	fits = text_copy(text_of(name), header->name, sizeof(header->name)) &&
	       text_copy(value, header->value, sizeof(header->value));
	assert(fits);
}

struct alym_message kit_message_lend(const struct kit_message *m,
	struct alym_header headers[KIT_MESSAGE_HEADERS_MAX])
{
	assert(m != NULL);
	assert(!m->path.overflowed && !m->body.overflowed);

	for (size_t i = 0; i < m->header_count; i++) {
		headers[i] = (struct alym_header){ text_of(m->headers[i].name),
			text_of(m->headers[i].value) };
	}
	return (struct alym_message){
		.status = m->status,
		.method = text_of(m->method),
		.path = buffer_text(&m->path),
		.headers = headers,
		.header_count = m->header_count,
		.body = buffer_text(&m->body),
		.peer = TEXT("127.0.0.1"),
	};
}

void kit_message_splice(struct buffer *b, size_t at, size_t count, struct text t)
{
	struct buffer whole;

	assert(b != NULL);
	assert(at <= b->size && count <= b->size - at);

	buffer_init(&whole, b->max);
	buffer_add(&whole, (struct text){ b->bytes, at });
	buffer_add(&whole, t);
	if (b->size > at + count) {
		buffer_add(&whole, (struct text){ b->bytes + at + count, b->size - at - count });
	}
	buffer_done(b);
	*b = whole;
}

static void message_replace(struct buffer *b, struct text from, struct text to)
{
	size_t at = 0;

	while (at + from.size <= b->size) {
		if (memcmp(b->bytes + at, from.bytes, from.size) == 0) {
			kit_message_splice(b, at, from.size, to);
			at += to.size;
		} else {
			at++;
		}
	}
}

void kit_message_replace(struct kit_message *m, struct text from, struct text to)
{
	assert(m != NULL);
	assert(from.size > 0);

	message_replace(&m->path, from, to);
	message_replace(&m->body, from, to);
	for (size_t i = 0; i < m->header_count; i++) {
		struct buffer value;
		bool fits;

		buffer_init(&value, KIT_MESSAGE_VALUE_SIZE);
		buffer_add_string(&value, m->headers[i].value);
		message_replace(&value, from, to);
		fits = text_copy(buffer_text(&value), m->headers[i].value,
			sizeof(m->headers[i].value));
		assert(fits);
		buffer_done(&value);
	}
}

struct buffer *kit_message_said(struct kit_message *m, size_t *begin)
{
	const char *query;

	assert(m != NULL);
	assert(begin != NULL);

	*begin = 0;
	if (m->body.size > 0 || m->path.size == 0) {
		return &m->body;
	}
	query = memchr(m->path.bytes, '?', m->path.size);
	*begin = query != NULL ? (size_t)(query - m->path.bytes) + 1 : m->path.size;
	return &m->path;
}

void kit_message_print(const struct alym_reply *reply, struct buffer *out)
{
	assert(reply != NULL);
	assert(out != NULL);

	buffer_printf(out, "%d\n", reply->status);
	for (size_t i = 0; i < reply->header_count; i++) {
		buffer_printf(out, "%.*s: %.*s\n", TEXT_ARGS(reply->headers[i].name),
			TEXT_ARGS(reply->headers[i].value));
	}
	buffer_add_char(out, '\n');
	buffer_add(out, reply->body);
}
