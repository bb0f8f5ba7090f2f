/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/transfer.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

enum {
	TRANSFER_LINE_MAX = 65536, /* of a header of the request */
	TRANSFER_CONNECT_MS_MAX = 10000,
	TRANSFER_IDLE_S = 30, /* a connection rests so long at most before it is used again */
};

_Static_assert(sizeof(((struct exchange *)0)->answer_headers) ==
		       TRANSFER_ANSWER_HEADERS_MAX * sizeof(struct alym_header),
	"an exchange takes as many headers as we keep");

/* ---- what libcurl calls ---- */

/* The types are libcurl's, and its pointers are not const. */
/* NOLINTBEGIN(readability-non-const-parameter) */

/* Just before the request is sent on a connection that stands.  libcurl comes here a second time
 * when the connection it had kept turned out dead: a GET may go out again, nothing else. */
static int transfer_on_send(void *context, char *ip, char *local_ip, int port, int local_port)
{
	struct transfer *t = context;

	assert(t->magic == TRANSFER_MAGIC);
	(void)ip;
	(void)local_ip;
	(void)port;
	(void)local_port;

	t->sends++;
	if (t->sends > 1 && !text_is(t->exchange->method, "GET")) {
		t->why = "the connection broke, perhaps after the request was read";
		return CURL_PREREQFUNC_ABORT;
	}
	return CURL_PREREQFUNC_OK;
}

static size_t transfer_on_body(char *bytes, size_t size, size_t count, void *context)
{
	struct transfer *t = context;

	assert(t->magic == TRANSFER_MAGIC);
	assert(size == 1);

	buffer_add(&t->body, (struct text){ bytes, count });
	if (t->body.overflowed) {
		t->why = "the answer is too large";
		return 0;
	}
	return count;
}

static struct text transfer_trim(struct text t)
{
	while (t.size > 0 && strchr(" \t\r\n", t.bytes[t.size - 1]) != NULL) {
		t.size--;
	}
	while (t.size > 0 && (t.bytes[0] == ' ' || t.bytes[0] == '\t')) {
		t.bytes++;
		t.size--;
	}
	return t;
}

/* False: more, or more bytes of them, than we take. */
static bool transfer_keep_header(struct transfer *t, struct text line)
{
	const char *colon = memchr(line.bytes, ':', line.size);
	struct transfer_header *h = &t->header[t->header_count];
	struct text name;
	struct text value;

	if (colon == NULL) {
		return true;
	}
	if (t->header_count == TRANSFER_ANSWER_HEADERS_MAX) {
		return false;
	}
	name = transfer_trim((struct text){ line.bytes, (size_t)(colon - line.bytes) });
	value = transfer_trim(
		(struct text){ colon + 1, line.size - (size_t)(colon - line.bytes) - 1 });
	h->name_at = t->head.size;
	h->name_size = name.size;
	buffer_add(&t->head, name);
	h->value_at = t->head.size;
	h->value_size = value.size;
	buffer_add(&t->head, value);
	t->header_count++;
	return !t->head.overflowed;
}

static size_t transfer_on_header(char *bytes, size_t size, size_t count, void *context)
{
	struct transfer *t = context;
	struct text line = { bytes, count };

	assert(t->magic == TRANSFER_MAGIC);
	assert(size == 1);

	if (text_starts(line, TEXT("HTTP/"))) { /* after a 100, or a second try: anew */
		t->header_count = 0;
		buffer_reset(&t->head);
		return count;
	}
	if (!transfer_keep_header(t, transfer_trim(line))) {
		t->why = "the answer has too many headers";
		return 0;
	}
	return count;
}
/* NOLINTEND(readability-non-const-parameter) */

/* ---- setting up ---- */

/* Adds "name: value"; false when it can not be a header. */
static bool transfer_add_header(struct transfer *t, struct text name, struct text value)
{
	struct curl_slist *longer = NULL;
	struct buffer line;

	buffer_init(&line, TRANSFER_LINE_MAX);
	buffer_add(&line, name);
	buffer_add_string(&line,
		value.size > 0 ? ": " : ";"); /* libcurl's way to write an empty one */
	buffer_add(&line, value);
	if (!line.overflowed && strpbrk(line.bytes, "\r\n") == NULL &&
		strlen(line.bytes) == line.size) {
		longer = curl_slist_append(t->headers, line.bytes);
	}
	buffer_done(&line);
	t->headers = longer != NULL ? longer : t->headers;
	return longer != NULL;
}

static bool transfer_set_headers(struct transfer *t)
{
	const struct exchange *e = t->exchange;
	struct curl_slist *silent = curl_slist_append(NULL, "Expect:"); /* no waiting for a 100 */
	bool typed = false;

	if (silent == NULL) {
		return false;
	}
	t->headers = silent;
	for (size_t i = 0; i < e->header_count; i++) {
		typed = typed || (e->headers[i].name.size == strlen("Content-Type") &&
					 curl_strnequal(e->headers[i].name.bytes, "Content-Type",
						 e->headers[i].name.size) != 0);
		if (!transfer_add_header(t, e->headers[i].name, e->headers[i].value)) {
			return false;
		}
	}
	if (!typed) { /* libcurl would call every body a form */
		struct curl_slist *longer = curl_slist_append(t->headers, "Content-Type:");

		if (longer == NULL) {
			return false;
		}
		t->headers = longer;
	}
	return curl_easy_setopt(t->handle, CURLOPT_HTTPHEADER, t->headers) == CURLE_OK;
}

/* libcurl wants the address as a string; it copies it. */
static bool transfer_set_url(struct transfer *t)
{
	struct buffer url;
	bool ok;

	buffer_init(&url, ALYM_URL_MAX);
	buffer_add(&url, t->exchange->url);
	ok = url.size > 0 && !url.overflowed && strlen(url.bytes) == url.size &&
	     curl_easy_setopt(t->handle, CURLOPT_URL, url.bytes) == CURLE_OK;
	buffer_done(&url);
	return ok;
}

static bool transfer_set_request(struct transfer *t)
{
	const struct exchange *e = t->exchange;
	CURL *h = t->handle;

	if (text_is(e->method, "GET")) {
		return e->body.size == 0 && curl_easy_setopt(h, CURLOPT_HTTPGET, 1L) == CURLE_OK;
	}
	return text_is(e->method, "POST") && curl_easy_setopt(h, CURLOPT_POST, 1L) == CURLE_OK &&
	       curl_easy_setopt(h, CURLOPT_POSTFIELDS, e->body.size > 0 ? e->body.bytes : "") ==
		       CURLE_OK &&
	       curl_easy_setopt(h, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)e->body.size) ==
		       CURLE_OK;
}

static bool transfer_set_tls(struct transfer *t, const struct transport_gateway *gateway)
{
	CURL *h = t->handle;
	bool ok =
		curl_easy_setopt(h, CURLOPT_PROTOCOLS_STR, "https") == CURLE_OK &&
		curl_easy_setopt(h, CURLOPT_SSL_VERIFYPEER, 1L) == CURLE_OK &&
		curl_easy_setopt(h, CURLOPT_SSL_VERIFYHOST, 2L) == CURLE_OK &&
		curl_easy_setopt(h, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2) == CURLE_OK;

	if (ok && gateway->ca[0] != '\0') {
		ok = curl_easy_setopt(h, CURLOPT_CAINFO, gateway->ca) == CURLE_OK &&
		     curl_easy_setopt(h, CURLOPT_CAPATH, NULL) == CURLE_OK;
	}
	if (ok && gateway->certificate[0] != '\0') {
		ok = curl_easy_setopt(h, CURLOPT_SSLCERT, gateway->certificate) == CURLE_OK &&
		     curl_easy_setopt(h, CURLOPT_SSLKEY, gateway->key) == CURLE_OK;
	}
	return ok;
}

static bool transfer_set_bounds(struct transfer *t)
{
	CURL *h = t->handle;
	int64_t timeout_ms = t->exchange->timeout_ms;
	int64_t connect_ms =
		timeout_ms < TRANSFER_CONNECT_MS_MAX ? timeout_ms : TRANSFER_CONNECT_MS_MAX;

	return curl_easy_setopt(h, CURLOPT_TIMEOUT_MS, (long)timeout_ms) == CURLE_OK &&
	       curl_easy_setopt(h, CURLOPT_CONNECTTIMEOUT_MS, (long)connect_ms) == CURLE_OK &&
	       curl_easy_setopt(h, CURLOPT_MAXAGE_CONN, (long)TRANSFER_IDLE_S) == CURLE_OK &&
	       curl_easy_setopt(h, CURLOPT_FOLLOWLOCATION, 0L) == CURLE_OK &&
	       curl_easy_setopt(h, CURLOPT_PROXY, "") == CURLE_OK &&
	       curl_easy_setopt(h, CURLOPT_NOSIGNAL, 1L) == CURLE_OK &&
	       curl_easy_setopt(h, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1) == CURLE_OK &&
	       curl_easy_setopt(h, CURLOPT_USERAGENT, "alymd") == CURLE_OK &&
	       curl_easy_setopt(h, CURLOPT_ERRORBUFFER, t->said) == CURLE_OK;
}

static bool transfer_set_callbacks(struct transfer *t)
{
	CURL *h = t->handle;

	return curl_easy_setopt(h, CURLOPT_PRIVATE, t) == CURLE_OK &&
	       curl_easy_setopt(h, CURLOPT_PREREQFUNCTION, transfer_on_send) == CURLE_OK &&
	       curl_easy_setopt(h, CURLOPT_PREREQDATA, t) == CURLE_OK &&
	       curl_easy_setopt(h, CURLOPT_WRITEFUNCTION, transfer_on_body) == CURLE_OK &&
	       curl_easy_setopt(h, CURLOPT_WRITEDATA, t) == CURLE_OK &&
	       curl_easy_setopt(h, CURLOPT_HEADERFUNCTION, transfer_on_header) == CURLE_OK &&
	       curl_easy_setopt(h, CURLOPT_HEADERDATA, t) == CURLE_OK;
}

static void transfer_explain(struct exchange *e, const char *why)
{
	(void)snprintf(e->why, sizeof(e->why), "%.*s", (int)sizeof(e->why) - 1, why);
}

struct transfer *transfer_new(struct exchange *exchange, const struct transport_gateway *gateway)
{
	struct transfer *t = mem_new(1, sizeof(*t));
	bool ok;

	assert(exchange != NULL);
	assert(exchange->timeout_ms > 0);
	assert(gateway != NULL);

	t->magic = TRANSFER_MAGIC;
	t->exchange = exchange;
	buffer_init(&t->head, TRANSPORT_HEADERS_MAX);
	buffer_init(&t->body, exchange->answer_max);
	t->handle = curl_easy_init();
	ok = t->handle != NULL && transfer_set_url(t) && transfer_set_request(t) &&
	     transfer_set_headers(t) && transfer_set_tls(t, gateway) && transfer_set_bounds(t) &&
	     transfer_set_callbacks(t);
	if (!ok) {
		exchange->result = EXCHANGE_NOT_SENT;
		transfer_explain(exchange, "the request can not be made");
		transfer_free(&t);
	}
	return t;
}

void transfer_free(struct transfer **transfer)
{
	struct transfer *t = *transfer;

	*transfer = NULL;
	if (t == NULL) {
		return;
	}
	assert(t->magic == TRANSFER_MAGIC);
	curl_easy_cleanup(t->handle);
	curl_slist_free_all(t->headers);
	buffer_done(&t->head);
	buffer_done(&t->body);
	t->magic = 0;
	free(t);
}

/* ---- the answer ---- */

static void transfer_give_answer(struct transfer *t)
{
	struct exchange *e = t->exchange;
	long status = 0;

	(void)curl_easy_getinfo(t->handle, CURLINFO_RESPONSE_CODE, &status);
	e->result = EXCHANGE_ANSWERED;
	e->status = (int)status;
	e->answer_header_count = t->header_count;
	for (size_t i = 0; i < t->header_count; i++) {
		const struct transfer_header *h = &t->header[i];

		e->answer_headers[i].name =
			(struct text){ t->head.bytes + h->name_at, h->name_size };
		e->answer_headers[i].value =
			(struct text){ t->head.bytes + h->value_at, h->value_size };
	}
	e->answer = buffer_text(&t->body);
}

void transfer_finish(struct transfer *transfer, CURLcode code)
{
	struct exchange *e = transfer->exchange;

	assert(transfer->magic == TRANSFER_MAGIC);

	if (code == CURLE_OK && transfer->why == NULL) {
		transfer_give_answer(transfer);
		return;
	}
	/* Before transfer_on_send() there is no connection that a byte of ours could have taken. */
	e->result = transfer->sends == 0 ? EXCHANGE_NOT_SENT : EXCHANGE_PERHAPS_SENT;
	if (transfer->why != NULL) {
		transfer_explain(e, transfer->why);
	} else if (transfer->said[0] != '\0') {
		transfer_explain(e, transfer->said);
	} else {
		transfer_explain(e, curl_easy_strerror(code));
	}
}
