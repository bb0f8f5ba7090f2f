/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/reply.h"

#include <assert.h>
#include <stdint.h>

#define REPLY_LINE_END "\r\n"

/* RFC 9110, section 15, and RFC 6585: what alymd answers with. */
static struct text reply_reason(int status)
{
	switch (status) {
	case 200:
		return TEXT("200 OK");
	case 201:
		return TEXT("201 Created");
	case 303:
		return TEXT("303 See Other");
	case 400:
		return TEXT("400 Bad Request");
	case 403:
		return TEXT("403 Forbidden");
	case 404:
		return TEXT("404 Not Found");
	case 405:
		return TEXT("405 Method Not Allowed");
	case 409:
		return TEXT("409 Conflict");
	case 413:
		return TEXT("413 Content Too Large");
	case 414:
		return TEXT("414 URI Too Long");
	case 415:
		return TEXT("415 Unsupported Media Type");
	case 417:
		return TEXT("417 Expectation Failed");
	case 422:
		return TEXT("422 Unprocessable Content");
	case 429:
		return TEXT("429 Too Many Requests");
	case 431:
		return TEXT("431 Request Header Fields Too Large");
	case 500:
		return TEXT("500 Internal Server Error");
	case 503:
		return TEXT("503 Service Unavailable");
	case 505:
		return TEXT("505 HTTP Version Not Supported");
	default:
		return TEXT("");
	}
}

static void reply_write_status(int status, struct buffer *out)
{
	struct text reason = reply_reason(status);

	assert(status >= 100 && status <= 999);

	buffer_add(out, TEXT("HTTP/1.1 "));
	if (reason.size > 0) {
		buffer_add(out, reason);
	} else {
		buffer_printf(out, "%d ", status); /* a reason may be empty, its space may not */
	}
	buffer_add(out, TEXT(REPLY_LINE_END));
}

/* True when it neither ends the line nor is much too long. */
static bool reply_is_fine(struct text t)
{
	if (t.size > REPLY_TEXT_MAX) {
		return false;
	}
	for (size_t i = 0; i < t.size; i++) {
		if (t.bytes[i] == '\r' || t.bytes[i] == '\n' || t.bytes[i] == '\0') {
			return false;
		}
	}
	return true;
}

/* What says how the bytes are to be read is ours alone to say. */
static bool reply_is_own(struct text name)
{
	static const char *const own[] = { "Connection", "Content-Length", "Date",
		"Transfer-Encoding" };

	for (size_t i = 0; i < sizeof(own) / sizeof(*own); i++) {
		if (text_is_any_case(name, own[i])) {
			return true;
		}
	}
	return false;
}

static void reply_write_header(struct text name, struct text value, struct buffer *out)
{
	if (name.size > 0 && reply_is_fine(name) && reply_is_fine(value)) {
		buffer_add(out, name);
		buffer_add(out, TEXT(": "));
		buffer_add(out, value);
		buffer_add(out, TEXT(REPLY_LINE_END));
	}
}

static void reply_write_end(const struct reply *reply, struct buffer *out)
{
	if (reply->end == REPLY_SIZED && reply_has_body(reply->status)) {
		assert(reply->body_size <= INT64_MAX);
		buffer_add(out, TEXT("Content-Length: "));
		buffer_add_integer(out, (int64_t)reply->body_size);
		buffer_add(out, TEXT(REPLY_LINE_END));
	} else if (reply->end == REPLY_CHUNKED) {
		reply_write_header(TEXT("Transfer-Encoding"), TEXT("chunked"), out);
	}
}

bool reply_has_body(int status)
{
	return status >= 200 && status != 204 && status != 304;
}

void reply_write(const struct reply *reply, struct buffer *out)
{
	assert(reply != NULL);
	assert(reply->content_type != NULL && reply->date != NULL);
	assert(reply->header_count <= REPLY_HEADERS_MAX);
	assert(reply->end == REPLY_SIZED || reply_has_body(reply->status));

	reply_write_status(reply->status, out);
	if (reply->content_type[0] != '\0') {
		reply_write_header(TEXT("Content-Type"), text_of(reply->content_type), out);
	}
	for (size_t i = 0; i < reply->header_count; i++) {
		if (!reply_is_own(reply->headers[i].name)) {
			reply_write_header(reply->headers[i].name, reply->headers[i].value, out);
		}
	}
	reply_write_header(TEXT("Date"), text_of(reply->date), out);
	reply_write_end(reply, out);
	if (reply->close) {
		reply_write_header(TEXT("Connection"), TEXT("close"), out);
	}
	buffer_add(out, TEXT(REPLY_LINE_END));
}
