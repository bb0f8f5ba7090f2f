/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/client.h"

#include <assert.h>
#include <curl/curl.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"

enum {
	CLIENT_CONNECT_TIMEOUT_S = 5,
	CLIENT_HEADER_MAX = 512,
	CLIENT_OK = 200,
};

/* The host is only a name for the Host header: the socket decides who is talked to. */
#define CLIENT_BASE "http://alymd"

struct client {
	CURL *curl;
	char *socket;
	char *language;
	char why[CURL_ERROR_SIZE];
};

void client_answer_init(struct client_answer *answer)
{
	*answer = (struct client_answer){ 0 };
	buffer_init(&answer->body, CLIENT_ANSWER_MAX);
}

void client_answer_done(struct client_answer *answer)
{
	buffer_done(&answer->body);
}

/* What curl hands back while it reads an answer. */
struct client_hearing {
	CURL *curl;
	const struct client_request *request;
	struct client_answer *answer;
	bool unwanted;
};

/* NOLINTNEXTLINE(readability-non-const-parameter): the type is curl's. */
static size_t client_take_body(char *bytes, size_t size, size_t count, void *context)
{
	struct client_hearing *hearing = context;
	const struct client_request *request = hearing->request;
	const struct text piece = { bytes, size * count };
	long status = 0;

	(void)curl_easy_getinfo(hearing->curl, CURLINFO_RESPONSE_CODE, &status);
	if (request->take != NULL && status == CLIENT_OK) {
		hearing->unwanted = !request->take(request->context, piece);
		return hearing->unwanted ? 0 : piece.size;
	}
	buffer_add(&hearing->answer->body, piece);
	return hearing->answer->body.overflowed ? 0 : piece.size;
}

/* The value of the header line, when it is that header; it ends before `stop`. */
static bool client_header_is(struct text line, const char *name, char stop, struct text *value)
{
	size_t size = strlen(name);
	size_t end = 0;

	if (line.size <= size || strncasecmp(line.bytes, name, size) != 0 ||
		line.bytes[size] != ':') {
		return false;
	}
	line.bytes += size + 1;
	line.size -= size + 1;
	while (line.size > 0 && *line.bytes == ' ') {
		line.bytes++;
		line.size--;
	}
	while (end < line.size && strchr("\r\n", line.bytes[end]) == NULL &&
		line.bytes[end] != stop) {
		end++;
	}
	*value = (struct text){ line.bytes, end };
	return true;
}

/* NOLINTNEXTLINE(readability-non-const-parameter): the type is curl's. */
static size_t client_take_header(char *bytes, size_t size, size_t count, void *context)
{
	struct client_answer *answer = context;
	struct text line = { bytes, size * count };
	struct text value;

	if (client_header_is(line, "Content-Type", ';', &value)) {
		if (!text_copy(value, answer->content_type, sizeof(answer->content_type))) {
			answer->content_type[0] = '\0';
		}
	} else if (client_header_is(line, "Idempotency-Replayed", ';', &value)) {
		answer->replayed = text_is(value, "true");
	}
	return size * count;
}

static int client_go_on(void *context, curl_off_t download_total, curl_off_t download,
	curl_off_t upload_total, curl_off_t upload)
{
	const struct client_request *request = context;

	(void)download_total;
	(void)download;
	(void)upload_total;
	(void)upload;
	return request->wanted(request->context) ? 0 : 1;
}

bool client_open(const char *socket, const char *language, struct client **client, struct err *err)
{
	struct client *new = mem_new(1, sizeof(*new));

	assert(socket != NULL);
	assert(language != NULL);

	new->socket = mem_copy(socket, strlen(socket) + 1);
	new->language = mem_copy(language, strlen(language) + 1);
	if (curl_global_init(CURL_GLOBAL_NOTHING) != CURLE_OK ||
		(new->curl = curl_easy_init()) == NULL) {
		client_close(&new);
		return err_set(err, ERR_SYSTEM, "start libcurl");
	}
	*client = new;
	return true;
}

void client_close(struct client **client)
{
	if (*client == NULL) {
		return;
	}
	if ((*client)->curl != NULL) {
		curl_easy_cleanup((*client)->curl);
	}
	curl_global_cleanup();
	free((*client)->socket);
	free((*client)->language);
	free(*client);
	*client = NULL;
}

/* Adds "name: value"; false when it is too long for a header. */
static bool client_add_header(struct curl_slist **headers, const char *name, const char *value)
{
	char line[CLIENT_HEADER_MAX];
	struct curl_slist *longer;
	int size = snprintf(line, sizeof(line), "%s: %s", name, value);

	if (size < 0 || (size_t)size >= sizeof(line)) {
		return false;
	}
	longer = curl_slist_append(*headers, line);
	if (longer == NULL) {
		return false;
	}
	*headers = longer;
	return true;
}

static bool client_headers(const struct client *client, const struct client_request *request,
	struct curl_slist **headers)
{
	return client_add_header(headers, "Accept",
		       "application/json, application/problem+json, text/plain, text/csv") &&
	       client_add_header(headers, "Accept-Language", client->language) &&
	       (request->body == NULL ||
		       client_add_header(headers, "Content-Type", "application/json")) &&
	       (request->key == NULL ||
		       client_add_header(headers, "Idempotency-Key", request->key));
}

static void client_prepare(struct client *client, const struct client_request *request,
	const char *url, const struct curl_slist *headers, struct client_hearing *hearing)
{
	CURL *curl = client->curl;

	curl_easy_reset(curl);
	(void)curl_easy_setopt(curl, CURLOPT_URL, url);
	(void)curl_easy_setopt(curl, CURLOPT_PATH_AS_IS, 1L); /* ".." is a name like any other */
	(void)curl_easy_setopt(curl, CURLOPT_UNIX_SOCKET_PATH, client->socket);
	(void)curl_easy_setopt(curl, CURLOPT_PROXY, ""); /* whatever the environment says */
	(void)curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http");
	(void)curl_easy_setopt(curl, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	(void)curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	(void)curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, (long)CLIENT_CONNECT_TIMEOUT_S);
	if (request->take == NULL) {
		(void)curl_easy_setopt(curl, CURLOPT_TIMEOUT,
			request->patience_s > 0 ? request->patience_s : (long)CLIENT_TIMEOUT_S);
	} else {
		(void)curl_easy_setopt(curl, CURLOPT_LOW_SPEED_LIMIT, 1L);
		(void)curl_easy_setopt(curl, CURLOPT_LOW_SPEED_TIME, (long)CLIENT_TIMEOUT_S);
	}
	(void)curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, client->why);
	(void)curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
	(void)curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, client_take_body);
	(void)curl_easy_setopt(curl, CURLOPT_WRITEDATA, hearing);
	(void)curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, client_take_header);
	(void)curl_easy_setopt(curl, CURLOPT_HEADERDATA, hearing->answer);
	if (request->wanted != NULL) {
		(void)curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
		(void)curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, client_go_on);
		(void)curl_easy_setopt(curl, CURLOPT_XFERINFODATA, request);
	}
	if (request->body != NULL) {
		(void)curl_easy_setopt(curl, CURLOPT_POSTFIELDS, request->body);
	}
}

static enum client_result client_failed(struct client *client, CURLcode code,
	const struct client_answer *answer, struct err *err)
{
	long reason = 0;

	if (code == CURLE_ABORTED_BY_CALLBACK) {
		return CLIENT_UNWANTED;
	}
	if (code == CURLE_COULDNT_CONNECT) {
		(void)curl_easy_getinfo(client->curl, CURLINFO_OS_ERRNO, &reason);
		(void)err_set(err, ERR_SYSTEM, "%s: %s", client->socket,
			reason != 0 ? strerror((int)reason) : client->why);
		return CLIENT_NOT_SENT;
	}
	if (answer->body.overflowed) {
		(void)err_set(err, ERR_LIMIT, "%s: the answer is longer than %d bytes",
			client->socket, CLIENT_ANSWER_MAX);
	} else {
		(void)err_set(err, ERR_SYSTEM, "%s: %s", client->socket,
			client->why[0] != '\0' ? client->why : curl_easy_strerror(code));
	}
	return CLIENT_PERHAPS_SENT;
}

enum client_result client_call(struct client *client, const struct client_request *request,
	struct client_answer *answer, struct err *err)
{
	enum client_result result = CLIENT_NOT_SENT;
	struct curl_slist *headers = NULL;
	struct buffer url;
	struct client_hearing hearing = { client->curl, request, answer, false };
	CURLcode code;
	long status = 0;

	assert(client != NULL);
	assert(request->path[0] == '/');
	assert(request->key == NULL || request->body != NULL);

	answer->status = 0;
	answer->content_type[0] = '\0';
	answer->replayed = false;
	buffer_reset(&answer->body);
	client->why[0] = '\0';
	buffer_init(&url, sizeof(CLIENT_BASE) + CLIENT_PATH_MAX);
	buffer_add_string(&url, CLIENT_BASE);
	buffer_add_string(&url, request->path);
	if (url.overflowed || !client_headers(client, request, &headers)) {
		(void)err_set(err, ERR_LIMIT, "the request is too long");
		goto out;
	}

	client_prepare(client, request, url.bytes, headers, &hearing);
	code = curl_easy_perform(client->curl);
	if (code != CURLE_OK) {
		result = hearing.unwanted ? CLIENT_UNWANTED
					  : client_failed(client, code, answer, err);
		goto out;
	}
	(void)curl_easy_getinfo(client->curl, CURLINFO_RESPONSE_CODE, &status);
	answer->status = (int)status;
	result = CLIENT_ANSWERED;
out:
	curl_slist_free_all(headers);
	buffer_done(&url);
	return result;
}

void client_escape(struct buffer *path, struct text t)
{
	char *escaped;

	assert(path != NULL);

	if (t.size == 0 || t.size > CLIENT_PATH_MAX) { /* 0 is "measure it yourself" to curl */
		path->overflowed = path->overflowed || t.size > 0;
		return;
	}
	escaped = curl_easy_escape(NULL, t.bytes, (int)t.size);
	assert(escaped != NULL);
	buffer_add_string(path, escaped);
	curl_free(escaped);
}
