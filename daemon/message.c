/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/message.h"

#include <assert.h>
#include <string.h>

static bool message_is_line(struct text t)
{
	for (size_t i = 0; i < t.size; i++) {
		if (t.bytes[i] == '\n' || t.bytes[i] == '\r' || t.bytes[i] == '\0') {
			return false;
		}
	}
	return true;
}

static bool message_is_name(struct text t)
{
	return t.size > 0 && message_is_line(t) && memchr(t.bytes, ':', t.size) == NULL;
}

bool message_write_head(const struct call *call, struct buffer *head)
{
	assert(call != NULL);
	assert(head->size == 0);

	if (call->header_count > CALL_HEADERS_MAX || !message_is_line(call->method) ||
		memchr(call->method.bytes, ' ', call->method.size) != NULL ||
		!message_is_line(call->path) || !message_is_line(call->query)) {
		return false;
	}
	buffer_add(head, call->method);
	buffer_add_char(head, ' ');
	buffer_add(head, call->path);
	if (call->query.size > 0) {
		buffer_add_char(head, '?');
		buffer_add(head, call->query);
	}
	buffer_add_char(head, '\n');
	for (size_t i = 0; i < call->header_count; i++) {
		if (!message_is_name(call->headers[i].name) ||
			!message_is_line(call->headers[i].value)) {
			return false;
		}
		buffer_add(head, call->headers[i].name);
		buffer_add_string(head, ": ");
		buffer_add(head, call->headers[i].value);
		buffer_add_char(head, '\n');
	}
	return !head->overflowed;
}

/* Takes the text before `mark` and `mark` itself off the front of *rest. */
static bool message_take(struct text *rest, struct text mark, struct text *before)
{
	for (size_t i = 0; i + mark.size <= rest->size; i++) {
		if (memcmp(rest->bytes + i, mark.bytes, mark.size) == 0) {
			*before = (struct text){ rest->bytes, i };
			rest->bytes += i + mark.size;
			rest->size -= i + mark.size;
			return true;
		}
	}
	return false;
}

bool message_read(struct text head, struct text body, struct text peer, struct message *out)
{
	struct text rest = head;
	struct text line;

	assert(out != NULL);

	*out = (struct message){ 0 };
	if (!message_take(&rest, TEXT("\n"), &line) ||
		!message_take(&line, TEXT(" "), &out->message.method)) {
		return false;
	}
	out->message.path = line;
	while (rest.size > 0) {
		struct alym_header *header = &out->headers[out->message.header_count];

		if (out->message.header_count == CALL_HEADERS_MAX ||
			!message_take(&rest, TEXT("\n"), &line) ||
			!message_take(&line, TEXT(": "), &header->name)) {
			return false;
		}
		header->value = line;
		out->message.header_count++;
	}
	out->message.headers = out->headers;
	out->message.body = body;
	out->message.peer = peer;
	return true;
}
