/* SPDX-License-Identifier: Apache-2.0 */

#include <arpa/inet.h>
#include <curl/curl.h>
#include <event2/event.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "base/mem.h"
#include "daemon/transport.h"
#include "tests/alym_test.h"
#include "tests/daemon/throwaway.h"

enum { ANSWER_MAX = 65536, PATIENCE_S = 90, TIMEOUT_MS = 30000, SHORT_MS = 400 };

/*
 * A bank of one thread and one connection at a time.  What it does is in the path:
 *
 *     /ok          200, and the request's body
 *     /silent      reads and says nothing more
 *     /close       reads and closes
 *     /half        half an answer, then closes
 *     /size?N      N bytes
 *     /headers?N   N headers
 *     /redirect    302 to /ok
 *     /continue    a 100 first
 *     /again       200 on a fresh connection; on a used one reads and closes
 */
struct bank {
	struct throwaway files;
	int listener;
	int port;
	pthread_t thread;
	SSL_CTX *context;
	bool mute; /* accepts, and does not shake hands */
	_Atomic int stopping;
	_Atomic int connections;
	_Atomic int requests;
	_Atomic int certified; /* connections with a certificate of the client's */
};

static void bank_say(SSL *ssl, const char *text)
{
	(void)SSL_write(ssl, text, (int)strlen(text));
}

static void bank_say_many(SSL *ssl, const char *path)
{
	long count = strtol(strchr(path, '?') + 1, NULL, 10);
	struct buffer out;

	buffer_init(&out, 1 << 20);
	if (strncmp(path, "/size", 5) == 0) {
		buffer_printf(&out, "HTTP/1.1 200 OK\r\nContent-Length: %ld\r\n\r\n", count);
		for (long i = 0; i < count; i++) {
			buffer_add_char(&out, 'x');
		}
	} else {
		buffer_add_string(&out, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n");
		for (long i = 1; i < count; i++) {
			buffer_printf(&out, "X-%ld: %ld\r\n", i, i);
		}
		buffer_add_string(&out, "\r\n");
	}
	(void)SSL_write(ssl, out.bytes, (int)out.size);
	buffer_done(&out);
}

/* False: the connection is to be closed. */
static bool bank_answer(struct bank *b, SSL *ssl, const char *path, const char *body, int nth)
{
	char out[1024];

	b->requests++;
	if (strcmp(path, "/silent") == 0) {
		while (!b->stopping && recv(SSL_get_fd(ssl), out, 1, MSG_PEEK) < 0) {
			continue; /* until the peer has had enough */
		}
		return false;
	}
	if (strcmp(path, "/close") == 0 || (strcmp(path, "/again") == 0 && nth > 1)) {
		return false;
	}
	if (strcmp(path, "/half") == 0) {
		bank_say(ssl, "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf");
		return false;
	}
	if (strchr(path, '?') != NULL) {
		bank_say_many(ssl, path);
		return true;
	}
	if (strcmp(path, "/redirect") == 0) {
		bank_say(ssl, "HTTP/1.1 302 Found\r\nLocation: /ok\r\nContent-Length: 0\r\n\r\n");
		return true;
	}
	if (strcmp(path, "/continue") == 0) {
		bank_say(ssl, "HTTP/1.1 100 Continue\r\nX-Early: 1\r\n\r\n");
	}
	(void)snprintf(out, sizeof(out),
		"HTTP/1.1 200 OK\r\nX-Sandbox-Signature:  abc \r\nX-Empty:\r\nContent-Length: %zu\r\n\r\n%s",
		strlen(body), body);
	bank_say(ssl, out);
	return true;
}

/* Reads one request; false at the end. */
static bool bank_read(SSL *ssl, struct buffer *request)
{
	char piece[4096];

	buffer_reset(request);
	for (;;) {
		const char *end = request->size > 0 ? strstr(request->bytes, "\r\n\r\n") : NULL;
		const char *length =
			request->size > 0 ? strstr(request->bytes, "Content-Length: ") : NULL;
		int size;

		if (end != NULL &&
			(length == NULL || (size_t)(end + 4 - request->bytes) +
							   strtoul(length + 16, NULL, 10) <=
						   request->size)) {
			return true;
		}
		size = SSL_read(ssl, piece, sizeof(piece));
		if (size <= 0) {
			return false;
		}
		buffer_add(request, (struct text){ piece, (size_t)size });
	}
}

static void bank_serve(struct bank *b, SSL *ssl)
{
	struct buffer request;
	bool goes_on = true;
	char path[256];

	buffer_init(&request, 1 << 20);
	for (int nth = 1; goes_on && bank_read(ssl, &request); nth++) {
		if (sscanf(request.bytes, "%*s %255s", path) != 1) {
			break;
		}
		goes_on = bank_answer(b, ssl, path, strstr(request.bytes, "\r\n\r\n") + 4, nth);
	}
	buffer_done(&request);
}

static void *bank_run(void *context)
{
	struct bank *b = context;

	while (!b->stopping) {
		const struct timeval patience = { .tv_sec = 1 };
		int fd = accept(b->listener, NULL, NULL);
		SSL *ssl;

		if (fd < 0) {
			continue;
		}
		(void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
		b->connections++;
		while (b->mute && !b->stopping) {
			const struct timespec pause = { .tv_nsec = 20000000 };

			(void)nanosleep(&pause, NULL);
		}
		ssl = SSL_new(b->context);
		SSL_set_mode(ssl, SSL_MODE_AUTO_RETRY);
		SSL_set_fd(ssl, fd);
		if (SSL_accept(ssl) == 1) {
			b->certified += SSL_get0_peer_certificate(ssl) != NULL;
			bank_serve(b, ssl);
		}
		SSL_free(ssl);
		(void)close(fd);
		ERR_clear_error();
	}
	return NULL;
}

/* Anybody's certificate will do. */
static int bank_trust(int good, X509_STORE_CTX *store)
{
	(void)good;
	(void)store;
	return 1;
}

static void bank_open(struct bank *b, const char *certificate)
{
	struct sockaddr_in address = { .sin_family = AF_INET };
	socklen_t size = sizeof(address);
	const struct timeval patience = { .tv_usec = 100000 };
	char file[48];
	char path[THROWAWAY_PATH_SIZE];

	b->listener = socket(AF_INET, SOCK_STREAM, 0);
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_int_equal(bind(b->listener, (struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(listen(b->listener, 16), 0);
	assert_int_equal(getsockname(b->listener, (struct sockaddr *)&address, &size), 0);
	(void)setsockopt(b->listener, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	b->port = ntohs(address.sin_port);
	b->context = SSL_CTX_new(TLS_server_method());
	SSL_CTX_set_verify(b->context, SSL_VERIFY_PEER, bank_trust);
	(void)snprintf(file, sizeof(file), "%s.pem", certificate);
	assert_int_equal(SSL_CTX_use_certificate_chain_file(b->context,
				 throwaway_path(&b->files, file, path)),
		1);
	(void)snprintf(file, sizeof(file), "%s.key", certificate);
	assert_int_equal(SSL_CTX_use_PrivateKey_file(b->context,
				 throwaway_path(&b->files, file, path), SSL_FILETYPE_PEM),
		1);
	assert_int_equal(pthread_create(&b->thread, NULL, bank_run, b), 0);
}

static void bank_close(struct bank *b)
{
	b->stopping = 1;
	(void)pthread_join(b->thread, NULL);
	(void)close(b->listener);
	SSL_CTX_free(b->context);
}

/* ---- our side ---- */

struct scene {
	struct bank bank;
	struct event_base *base;
	struct transport *transport;
	int done;
};

static struct scene *scene_new(const char *certificate)
{
	struct scene *s = calloc(1, sizeof(*s));
	struct transport_gateway gateways[2] = { { .ca = "" } };

	throwaway_open(&s->bank.files);
	bank_open(&s->bank, certificate);
	(void)throwaway_path(&s->bank.files, "ca.pem", gateways[0].ca);
	(void)throwaway_path(&s->bank.files, "ca.pem", gateways[1].ca);
	(void)throwaway_path(&s->bank.files, "server.pem", gateways[1].certificate);
	(void)throwaway_path(&s->bank.files, "server.key", gateways[1].key);
	s->base = event_base_new();
	s->transport = transport_start(s->base, gateways, COUNT(gateways));
	return s;
}

static void scene_free(struct scene *s)
{
	transport_stop(&s->transport);
	event_base_free(s->base);
	bank_close(&s->bank);
	throwaway_close(&s->bank.files);
	free(s);
}

static int set_up(void **state)
{
	*state = scene_new("server");
	return 0;
}

static int tear_down(void **state)
{
	scene_free(*state);
	return 0;
}

/* An exchange of a test, with what must be remembered of its answer. */
struct trial {
	struct exchange exchange;
	struct scene *scene;
	char url[256];
	bool done;
	struct buffer answer;
	char signature[32];
	bool empty_header;
};

static void trial_done(struct exchange *exchange)
{
	struct trial *t = exchange->context;

	t->done = true;
	t->scene->done++;
	for (size_t i = 0; i < exchange->answer_header_count; i++) {
		const struct alym_header *h = &exchange->answer_headers[i];

		if (text_is(h->name, "X-Sandbox-Signature")) {
			(void)snprintf(t->signature, sizeof(t->signature), "%.*s",
				TEXT_ARGS(h->value));
		}
		t->empty_header =
			t->empty_header || (text_is(h->name, "X-Empty") && h->value.size == 0);
	}
	if (exchange->result == EXCHANGE_ANSWERED) {
		buffer_add(&t->answer, exchange->answer);
	}
	(void)event_base_loopbreak(t->scene->base);
}

static void trial_begin(struct scene *s, struct trial *t, const char *method, const char *path)
{
	*t = (struct trial){ .scene = s };
	buffer_init(&t->answer, 1 << 20);
	(void)snprintf(t->url, sizeof(t->url), "https://127.0.0.1:%d%s", s->bank.port, path);
	t->exchange.method = text_of(method);
	t->exchange.url = text_of(t->url);
	t->exchange.timeout_ms = TIMEOUT_MS;
	t->exchange.answer_max = ANSWER_MAX;
	t->exchange.done = trial_done;
	t->exchange.context = t;
	if (strcmp(method, "POST") == 0) {
		t->exchange.body = TEXT("body");
	}
}

static void trial_wait(struct trial *t)
{
	const struct timeval patience = { .tv_sec = PATIENCE_S };

	assert_false(t->done);
	(void)event_base_loopexit(t->scene->base, &patience);
	while (!t->done && !event_base_got_exit(t->scene->base)) {
		(void)event_base_dispatch(t->scene->base);
	}
	assert_true(t->done);
}

/* One exchange from begin to end; gives its result. */
static enum exchange_result try(struct scene *s, struct trial *t, const char *method,
	const char *path)
{
	trial_begin(s, t, method, path);
	transport_send(s->transport, &t->exchange);
	trial_wait(t);
	return t->exchange.result;
}

static void trial_end(struct trial *t)
{
	buffer_done(&t->answer);
}

static void an_answer_comes_back_whole(void **state)
{
	struct trial t;

	/* A program's first handshake brings in all of OpenSSL: under valgrind, on a busy machine,
	 * that takes longer than a connection may. */
	(void)try(*state, &t, "GET", "/ok");
	trial_end(&t);
	assert_int_equal(try(*state, &t, "POST", "/ok"), EXCHANGE_ANSWERED);
	assert_int_equal(t.exchange.status, 200);
	assert_string_equal(t.answer.bytes, "body");
	assert_string_equal(t.signature, "abc");
	assert_true(t.empty_header);
	assert_int_equal(t.exchange.answer_header_count, 3);
	trial_end(&t);
	assert_int_equal(try(*state, &t, "POST", "/continue"), EXCHANGE_ANSWERED);
	assert_int_equal(t.exchange.answer_header_count, 3); /* those of the 100 are forgotten */
	trial_end(&t);
}

static void a_redirect_is_an_answer(void **state)
{
	struct trial t;

	assert_int_equal(try(*state, &t, "GET", "/redirect"), EXCHANGE_ANSWERED);
	assert_int_equal(t.exchange.status, 302);
	trial_end(&t);
	assert_int_equal(((struct scene *)*state)->bank.requests, 1);
}

static void a_connection_is_used_again(void **state)
{
	struct scene *s = *state;

	for (int i = 0; i < 5; i++) {
		struct trial t;

		assert_int_equal(try(s, &t, i % 2 == 0 ? "GET" : "POST", "/ok"), EXCHANGE_ANSWERED);
		trial_end(&t);
	}
	assert_int_equal(s->bank.connections, 1);
	assert_int_equal(s->bank.requests, 5);
}

static void each_gateway_shows_its_own_certificate(void **state)
{
	struct scene *s = *state;
	struct trial t;

	assert_int_equal(try(s, &t, "GET", "/ok"), EXCHANGE_ANSWERED);
	trial_end(&t);
	assert_int_equal(s->bank.certified, 0);
	trial_begin(s, &t, "GET", "/ok");
	t.exchange.gateway = 1;
	transport_send(s->transport, &t.exchange);
	trial_wait(&t);
	assert_int_equal(t.exchange.result, EXCHANGE_ANSWERED);
	trial_end(&t);
	assert_int_equal(s->bank.certified, 1);
	assert_int_equal(s->bank.connections, 2); /* the first one's is not used for it */
}

static void what_was_read_by_the_bank_was_perhaps_sent(void **state)
{
	static const char *const paths[] = { "/close", "/half", "/size?65537", "/headers?33" };
	struct scene *s = *state;

	for (size_t i = 0; i < COUNT(paths); i++) {
		struct trial t;

		assert_int_equal(try(s, &t, "POST", paths[i]), EXCHANGE_PERHAPS_SENT);
		assert_int_not_equal(t.exchange.why[0], '\0');
		trial_end(&t);
	}
	assert_int_equal(s->bank.requests, COUNT(paths));
}

static void answers_at_the_limits_are_taken(void **state)
{
	struct scene *s = *state;
	struct trial t;

	assert_int_equal(try(s, &t, "GET", "/size?65536"), EXCHANGE_ANSWERED);
	assert_int_equal(t.answer.size, ANSWER_MAX);
	trial_end(&t);
	assert_int_equal(try(s, &t, "GET", "/headers?32"), EXCHANGE_ANSWERED);
	assert_int_equal(t.exchange.answer_header_count, 32);
	trial_end(&t);
}

static void silence_after_the_request_is_perhaps_sent(void **state)
{
	struct trial t;

	trial_begin(*state, &t, "POST", "/silent");
	t.exchange.timeout_ms = SHORT_MS;
	transport_send(((struct scene *)*state)->transport, &t.exchange);
	trial_wait(&t);
	assert_int_equal(t.exchange.result, EXCHANGE_PERHAPS_SENT);
	assert_non_null(strstr(t.exchange.why, "timed out"));
	trial_end(&t);
}

static void a_request_that_may_have_been_read_is_not_repeated(void **state)
{
	struct scene *s = *state;
	struct trial t;

	assert_int_equal(try(s, &t, "POST", "/ok"), EXCHANGE_ANSWERED);
	trial_end(&t);
	assert_int_equal(try(s, &t, "POST", "/again"), EXCHANGE_PERHAPS_SENT);
	trial_end(&t);
	assert_int_equal(s->bank.requests, 2);
	/* A GET is safe to repeat, and is. */
	assert_int_equal(try(s, &t, "GET", "/ok"), EXCHANGE_ANSWERED);
	trial_end(&t);
	assert_int_equal(try(s, &t, "GET", "/again"), EXCHANGE_ANSWERED);
	trial_end(&t);
	assert_int_equal(s->bank.requests, 5);
}

static void without_a_handshake_nothing_was_sent(void **state)
{
	struct scene *s = *state;
	struct trial t;
	char url[64];

	s->bank.mute = true;
	trial_begin(s, &t, "POST", "/ok");
	t.exchange.timeout_ms = SHORT_MS;
	transport_send(s->transport, &t.exchange);
	trial_wait(&t);
	assert_int_equal(t.exchange.result, EXCHANGE_NOT_SENT);
	trial_end(&t);
	/* A port where nobody listens, and a name that nobody has. */
	trial_begin(s, &t, "POST", "/ok");
	t.exchange.url = TEXT("https://127.0.0.1:1/ok");
	transport_send(s->transport, &t.exchange);
	trial_wait(&t);
	assert_int_equal(t.exchange.result, EXCHANGE_NOT_SENT);
	trial_end(&t);
	trial_begin(s, &t, "POST", "/ok");
	t.exchange.url = TEXT("https://nobody.invalid/ok");
	transport_send(s->transport, &t.exchange);
	trial_wait(&t);
	assert_int_equal(t.exchange.result, EXCHANGE_NOT_SENT);
	trial_end(&t);
	/* In the clear: not at all. */
	trial_begin(s, &t, "POST", "/ok");
	(void)snprintf(url, sizeof(url), "http://127.0.0.1:%d/ok", s->bank.port);
	t.exchange.url = text_of(url);
	transport_send(s->transport, &t.exchange);
	trial_wait(&t);
	assert_int_equal(t.exchange.result, EXCHANGE_NOT_SENT);
	trial_end(&t);
	assert_int_equal(s->bank.requests, 0);
}

static void a_certificate_that_is_not_the_banks_gets_nothing(void **state)
{
	static const char *const certificates[] = { "other", "expired", "stranger" };

	(void)state;
	for (size_t i = 0; i < COUNT(certificates); i++) {
		struct scene *s = scene_new(certificates[i]);
		struct trial t;

		assert_int_equal(try(s, &t, "POST", "/ok"), EXCHANGE_NOT_SENT);
		assert_int_equal(s->bank.requests, 0);
		trial_end(&t);
		scene_free(s);
	}
}

static void what_can_not_be_a_request_is_refused_later(void **state)
{
	const struct alym_header bad[] = {
		{ TEXT("X"), TEXT("a\r\nY: b") },
		{ TEXT("X"), { "a\0b", 3 } },
	};
	struct scene *s = *state;

	for (size_t i = 0; i < COUNT(bad); i++) {
		struct trial t;

		trial_begin(s, &t, "POST", "/ok");
		t.exchange.headers = &bad[i];
		t.exchange.header_count = 1;
		transport_send(s->transport, &t.exchange);
		assert_false(t.done);
		trial_wait(&t);
		assert_int_equal(t.exchange.result, EXCHANGE_NOT_SENT);
		trial_end(&t);
	}
	for (size_t i = 0; i < 2; i++) {
		struct trial t;

		trial_begin(s, &t, i == 0 ? "DELETE" : "GET", "/ok");
		t.exchange.body = TEXT("a body");
		transport_send(s->transport, &t.exchange);
		trial_wait(&t);
		assert_int_equal(t.exchange.result, EXCHANGE_NOT_SENT);
		trial_end(&t);
	}
	assert_int_equal(s->bank.requests, 0);
}

static void what_is_under_way_comes_back_at_the_end(void **state)
{
	struct scene *s = *state;
	struct trial t;

	trial_begin(s, &t, "POST", "/silent");
	transport_send(s->transport, &t.exchange);
	(void)event_base_loop(s->base, EVLOOP_ONCE);
	transport_stop(&s->transport);
	assert_true(t.done);
	assert_int_equal(t.exchange.result, EXCHANGE_PERHAPS_SENT);
	trial_end(&t);
}

#define SCENE_TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		SCENE_TEST(an_answer_comes_back_whole),
		SCENE_TEST(a_redirect_is_an_answer),
		SCENE_TEST(a_connection_is_used_again),
		SCENE_TEST(each_gateway_shows_its_own_certificate),
		SCENE_TEST(what_was_read_by_the_bank_was_perhaps_sent),
		SCENE_TEST(answers_at_the_limits_are_taken),
		SCENE_TEST(silence_after_the_request_is_perhaps_sent),
		SCENE_TEST(a_request_that_may_have_been_read_is_not_repeated),
		SCENE_TEST(without_a_handshake_nothing_was_sent),
		cmocka_unit_test(a_certificate_that_is_not_the_banks_gets_nothing),
		SCENE_TEST(what_can_not_be_a_request_is_refused_later),
		SCENE_TEST(what_is_under_way_comes_back_at_the_end),
	};

	(void)signal(SIGPIPE, SIG_IGN);
	(void)curl_global_init(CURL_GLOBAL_DEFAULT);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
