/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/transport.h"

#include <assert.h>
#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "daemon/transfer.h"

enum { TRANSPORT_MAGIC = 0x7472616e };

struct transport {
	uint32_t magic;
	struct event_base *base;
	CURLM *multi;
	struct event *timer;
	struct event *refused_wake; /* exchanges that never began are told so from here */
	struct exchange *refused;
	struct transport_gateway gateways[TRANSPORT_GATEWAYS_MAX];
	size_t gateway_count;
	struct transfer *first;
	size_t under_way;
};

/* ---- finished ---- */

static void transport_unlink(struct transport *t, struct transfer *transfer)
{
	if (transfer->previous != NULL) {
		transfer->previous->next = transfer->next;
	} else {
		t->first = transfer->next;
	}
	if (transfer->next != NULL) {
		transfer->next->previous = transfer->previous;
	}
	(void)curl_multi_remove_handle(t->multi, transfer->handle);
}

/* Hands back what libcurl has done with; done() may send again. */
static void transport_collect(struct transport *t)
{
	const CURLMsg *message;
	int left;

	while ((message = curl_multi_info_read(t->multi, &left)) != NULL) {
		struct transfer *transfer = NULL;
		CURLcode code = message->data.result;
		struct exchange *exchange;

		if (message->msg != CURLMSG_DONE) {
			continue;
		}
		(void)curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &transfer);
		assert(transfer != NULL && transfer->magic == TRANSFER_MAGIC);
		exchange = transfer->exchange;
		transfer_finish(transfer, code);
		transport_unlink(t, transfer);
		t->under_way--;
		exchange->done(exchange);
		transfer_free(&transfer);
	}
}

/* ---- libcurl and the loop ---- */

static void transport_act(struct transport *t, curl_socket_t fd, int what)
{
	int running;
	CURLMcode rc = curl_multi_socket_action(t->multi, fd, what, &running);

	assert(rc == CURLM_OK);
	(void)rc;
	transport_collect(t);
}

static void transport_on_socket(evutil_socket_t fd, short what, void *context)
{
	struct transport *t = context;
	int actions = 0;

	assert(t->magic == TRANSPORT_MAGIC);

	actions |= (what & EV_READ) != 0 ? CURL_CSELECT_IN : 0;
	actions |= (what & EV_WRITE) != 0 ? CURL_CSELECT_OUT : 0;
	transport_act(t, fd, actions);
}

static void transport_on_timer(evutil_socket_t fd, short what, void *context)
{
	struct transport *t = context;

	assert(t->magic == TRANSPORT_MAGIC);
	(void)fd;
	(void)what;

	transport_act(t, CURL_SOCKET_TIMEOUT, 0);
}

/* libcurl: watch this socket so, or no more. */
static int transport_watch(CURL *handle, curl_socket_t fd, int what, void *context, void *watched)
{
	struct transport *t = context;
	struct event *event = watched;
	short kind = EV_PERSIST;

	assert(t->magic == TRANSPORT_MAGIC);
	(void)handle;

	if (event != NULL) {
		event_free(event);
		(void)curl_multi_assign(t->multi, fd, NULL);
	}
	if (what == CURL_POLL_REMOVE) {
		return 0;
	}
	kind |= (what & CURL_POLL_IN) != 0 ? EV_READ : 0;
	kind |= (what & CURL_POLL_OUT) != 0 ? EV_WRITE : 0;
	event = event_new(t->base, fd, kind, transport_on_socket, t);
	assert(event != NULL);
	(void)event_add(event, NULL);
	(void)curl_multi_assign(t->multi, fd, event);
	return 0;
}

/* libcurl: call after so many milliseconds, or never. */
static int transport_time(CURLM *multi, long timeout_ms, void *context)
{
	struct transport *t = context;
	struct timeval after = { .tv_sec = timeout_ms / 1000, .tv_usec = timeout_ms % 1000 * 1000 };

	assert(t->magic == TRANSPORT_MAGIC);
	(void)multi;

	if (timeout_ms < 0) {
		(void)event_del(t->timer);
	} else {
		(void)event_add(t->timer, &after);
	}
	return 0;
}

/* ---- exchanges ---- */

static void transport_return_refused(struct transport *t)
{
	struct exchange *next = t->refused;

	t->refused = NULL;
	while (next != NULL) {
		struct exchange *exchange = next;

		next = exchange->next;
		exchange->next = NULL;
		t->under_way--;
		exchange->done(exchange);
	}
}

static void transport_on_refused(evutil_socket_t fd, short what, void *context)
{
	struct transport *t = context;

	assert(t->magic == TRANSPORT_MAGIC);
	(void)fd;
	(void)what;

	transport_return_refused(t);
}

static void transport_refuse(struct transport *t, struct exchange *exchange)
{
	exchange->result = EXCHANGE_NOT_SENT;
	exchange->next = t->refused;
	t->refused = exchange;
	event_active(t->refused_wake, EV_TIMEOUT, 0);
}

void transport_send(struct transport *transport, struct exchange *exchange)
{
	struct transfer *transfer;

	assert(transport != NULL);
	assert(exchange != NULL);
	assert(exchange->done != NULL);
	assert(exchange->gateway < transport->gateway_count);

	transport->under_way++;
	if (transport->under_way > TRANSPORT_EXCHANGES_MAX) {
		(void)snprintf(exchange->why, sizeof(exchange->why), "%s",
			"too many requests are under way");
		transport_refuse(transport, exchange);
		return;
	}
	transfer = transfer_new(exchange, &transport->gateways[exchange->gateway]);
	if (transfer == NULL) {
		transport_refuse(transport, exchange);
		return;
	}
	transfer->next = transport->first;
	if (transport->first != NULL) {
		transport->first->previous = transfer;
	}
	transport->first = transfer;
	if (curl_multi_add_handle(transport->multi, transfer->handle) != CURLM_OK) {
		(void)snprintf(exchange->why, sizeof(exchange->why), "%s", "libcurl took no more");
		transport_unlink(transport, transfer);
		transfer_free(&transfer);
		transport_refuse(transport, exchange);
	}
}

struct transport *transport_start(struct event_base *base, const struct transport_gateway *gateways,
	size_t count)
{
	struct transport *t = mem_new(1, sizeof(*t));
	bool ok;

	assert(base != NULL);
	assert(count <= TRANSPORT_GATEWAYS_MAX);
	assert(gateways != NULL || count == 0);

	t->magic = TRANSPORT_MAGIC;
	t->base = base;
	t->gateway_count = count;
	for (size_t i = 0; i < count; i++) {
		t->gateways[i] = gateways[i];
	}
	t->multi = curl_multi_init();
	t->timer = event_new(base, -1, 0, transport_on_timer, t);
	t->refused_wake = event_new(base, -1, 0, transport_on_refused, t);
	assert(t->multi != NULL && t->timer != NULL && t->refused_wake != NULL);
	ok = curl_multi_setopt(t->multi, CURLMOPT_SOCKETFUNCTION, transport_watch) == CURLM_OK &&
	     curl_multi_setopt(t->multi, CURLMOPT_SOCKETDATA, t) == CURLM_OK &&
	     curl_multi_setopt(t->multi, CURLMOPT_TIMERFUNCTION, transport_time) == CURLM_OK &&
	     curl_multi_setopt(t->multi, CURLMOPT_TIMERDATA, t) == CURLM_OK &&
	     curl_multi_setopt(t->multi, CURLMOPT_MAX_TOTAL_CONNECTIONS,
		     (long)TRANSPORT_CONNECTIONS_MAX) == CURLM_OK &&
	     curl_multi_setopt(t->multi, CURLMOPT_MAXCONNECTS, (long)TRANSPORT_CONNECTIONS_MAX) ==
		     CURLM_OK;
	assert(ok);
	(void)ok;
	return t;
}

void transport_stop(struct transport **transport)
{
	struct transport *t = *transport;

	*transport = NULL;
	if (t == NULL) {
		return;
	}
	assert(t->magic == TRANSPORT_MAGIC);
	while (t->first != NULL) {
		struct transfer *transfer = t->first;
		struct exchange *exchange = transfer->exchange;

		transport_unlink(t, transfer);
		exchange->result = EXCHANGE_PERHAPS_SENT;
		(void)snprintf(exchange->why, sizeof(exchange->why), "alymd stops");
		exchange->done(exchange);
		transfer_free(&transfer);
	}
	transport_return_refused(t);
	(void)curl_multi_cleanup(t->multi); /* closes its sockets: transport_watch() is called */
	event_free(t->timer);
	event_free(t->refused_wake);
	t->magic = 0;
	free(t);
}
