/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/daemon/face_stage.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "base/mem.h"

enum { FACE_STAGE_PATIENCE_S = 5, FACE_STAGE_LATER_MS = 20, FACE_STAGE_NAP_MS = 200 };

/* ---- the engine ---- */

struct face_stage_later {
	struct call *call;
	struct event *event;
};

static void face_stage_echo(struct call *call)
{
	const struct call_header header = { TEXT("X-Headers"), TEXT("one") };
	struct buffer out;

	buffer_init(&out, CALL_ANSWER_MAX);
	buffer_printf(&out, "%.*s|%.*s|%.*s|", TEXT_ARGS(call->method), TEXT_ARGS(call->path),
		TEXT_ARGS(call->query));
	buffer_add(&out, call->body);
	buffer_printf(&out, "|%.*s|%u|%.*s", TEXT_ARGS(call->client), call->roles,
		TEXT_ARGS(call->peer));
	call_answer_with(call, 200, "text/plain", &header, 1, buffer_text(&out));
	buffer_done(&out);
}

static void face_stage_on_later(evutil_socket_t fd, short what, void *context)
{
	struct face_stage_later *later = context;

	(void)fd;
	(void)what;
	face_stage_echo(later->call);
	event_free(later->event);
	free(later);
}

static void face_stage_release(struct face_stage *s, struct call *call)
{
	char text[32];
	int gone = 0;

	for (size_t i = 0; i < s->held_count; i++) {
		gone += s->held[i]->gone;
		call_answer(s->held[i], 200, "text/plain", TEXT("released"));
	}
	s->held_count = 0;
	(void)snprintf(text, sizeof(text), "gone=%d", gone);
	call_answer(call, 200, "text/plain", text_of(text));
}

static void face_stage_size(struct call *call)
{
	int64_t size = 0;
	char *bytes;

	if (!text_parse_integer(call->query, &size) || size > CALL_ANSWER_MAX) {
		call_answer(call, 400, "text/plain", TEXT("size"));
		return;
	}
	bytes = mem_new(1, (size_t)size + 1);
	memset(bytes, 'x', (size_t)size);
	call_answer(call, 200, "text/plain", (struct text){ bytes, (size_t)size });
	free(bytes);
}

/* Bytes behind a status that has no body are left out, or they begin the next answer. */
static void face_stage_status(struct call *call)
{
	int64_t status = 0;

	if (!text_parse_integer(call->query, &status) || status < 200 || status > 599) {
		abort();
	}
	call_answer(call, (int)status, "text/plain", TEXT("words"));
}

/* What comes meanwhile is there at once for the loop's next turn. */
static void face_stage_nap(struct call *call)
{
	const struct timespec nap = { .tv_nsec = FACE_STAGE_NAP_MS * 1000000L };

	(void)nanosleep(&nap, NULL);
	face_stage_echo(call);
}

/* ---- in pieces ---- */

struct face_stage_pieces {
	struct face_stage *stage;
	int64_t left;
	bool breaks;
};

static void face_stage_ready(struct call *call)
{
	static char piece[FACE_STAGE_PIECE];
	struct face_stage_pieces *p = call->held;

	if (call->gone || p->left == 0) {
		p->stage->pieces_open--;
		call->pieces->end(call, !call->gone && !p->breaks);
		free(p);
		return;
	}
	p->left--;
	p->stage->pieces_made++;
	memset(piece, 'x', sizeof(piece));
	call->pieces->piece(call, (struct text){ piece, sizeof(piece) });
}

static void face_stage_pieces(struct face_stage *s, struct call *call, bool breaks)
{
	const struct call_header header = { TEXT("X-Headers"), TEXT("one") };
	struct face_stage_pieces *p = mem_new(1, sizeof(*p));

	p->stage = s;
	p->breaks = breaks;
	if (!text_parse_integer(call->query, &p->left)) {
		abort();
	}
	s->pieces_open++;
	call->held = p;
	call->ready = face_stage_ready;
	call->pieces->begin(call, 200, "text/plain", &header, 1);
	call->pieces->piece(call, TEXT("")); /* an empty one is no end */
}

static void face_stage_made(const struct face_stage *s, struct call *call)
{
	char text[64];

	(void)snprintf(text, sizeof(text), "made=%d open=%d", s->pieces_made, s->pieces_open);
	call_answer(call, 200, "text/plain", text_of(text));
}

static void face_stage_call(void *context, struct call *call)
{
	struct face_stage *s = context;

	if (text_is(call->path, "/later")) {
		const struct timeval after = { .tv_usec = FACE_STAGE_LATER_MS * 1000L };
		struct face_stage_later *later = mem_new(1, sizeof(*later));

		later->call = call;
		later->event = event_new(s->base, -1, 0, face_stage_on_later, later);
		event_add(later->event, &after);
	} else if (text_is(call->path, "/hold")) {
		assert(s->held_count < FACE_STAGE_HELD_MAX);
		s->held[s->held_count++] = call;
	} else if (text_is(call->path, "/release")) {
		face_stage_release(s, call);
	} else if (text_is(call->path, "/size")) {
		face_stage_size(call);
	} else if (text_is(call->path, "/status")) {
		face_stage_status(call);
	} else if (text_is(call->path, "/nap")) {
		face_stage_nap(call);
	} else if (text_is(call->path, "/pieces") || text_is(call->path, "/broken")) {
		face_stage_pieces(s, call, text_is(call->path, "/broken"));
	} else if (text_is(call->path, "/made")) {
		face_stage_made(s, call);
	} else {
		face_stage_echo(call);
	}
}

/* ---- the thread ---- */

static void face_stage_on_command(evutil_socket_t fd, short what, void *context)
{
	struct face_stage *s = context;
	SSL_CTX *tls = NULL;
	struct err err = { 0 };
	char command = '\0';

	(void)what;
	if (read(fd, &command, 1) != 1) {
		return;
	}
	switch (command) {
	case 'd':
		socket_drain(s->socket);
		break;
	case 'r':
		if (https_load(&s->config->https, &tls, &err)) {
			https_use(s->https, tls);
		}
		break;
	default:
		event_base_loopbreak(s->base);
	}
	if (write(fd, &command, 1) != 1) {
		abort();
	}
}

static void face_stage_command(const struct face_stage *s, char command)
{
	if (write(s->commands[1], &command, 1) != 1 || read(s->commands[1], &command, 1) != 1) {
		abort();
	}
}

static void *face_stage_run(void *context)
{
	struct face_stage *s = context;

	(void)event_base_dispatch(s->base);
	return NULL;
}

void face_stage_open(struct face_stage *stage, size_t connections_max)
{
	int size;

	*stage = (struct face_stage){ .log = { .fd = STDERR_FILENO, .level = PORTS_ERROR } };
	(void)snprintf(stage->folder, sizeof(stage->folder), "/tmp/alym_stage_XXXXXX");
	if (mkdtemp(stage->folder) == NULL ||
		socketpair(AF_UNIX, SOCK_STREAM, 0, stage->commands) != 0) {
		abort();
	}
	stage->config = config_new();
	size = snprintf(stage->config->daemon.socket, sizeof(stage->config->daemon.socket), "%s/s",
		stage->folder);
	assert(size > 0);
	stage->settings = (struct face_settings){
		.connections_max = connections_max,
		.idle_ms = 1000,
		.request_ms = 600,
		.write_ms = 1500,
		.linger_ms = 300,
		.log = &stage->log,
		.context = stage,
		.call = face_stage_call,
	};
	stage->base = event_base_new();
	stage->command = event_new(stage->base, stage->commands[0], EV_READ | EV_PERSIST,
		face_stage_on_command, stage);
	event_add(stage->command, NULL);
}

void face_stage_add_https(struct face_stage *stage, const char *certificate, const char *key,
	const char *client_ca)
{
	struct config_https *https = &stage->config->https;
	struct err err = { 0 };
	SSL_CTX *tls = NULL;
	struct sockaddr_in address = { .sin_family = AF_INET };
	int fd;

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	memcpy(&https->listen.socket, &address, sizeof(address));
	https->listen.size = sizeof(address);
	(void)snprintf(https->certificate, sizeof(https->certificate), "%s", certificate);
	(void)snprintf(https->private_key, sizeof(https->private_key), "%s", key);
	(void)snprintf(https->client_ca, sizeof(https->client_ca), "%s", client_ca);
	if (!https_load(https, &tls, &err)) {
		(void)fprintf(stderr, "%s\n", err.message);
		abort();
	}
	fd = https_bind(https, &err);
	if (fd < 0 || !https_start(stage->base, fd, tls, &stage->settings, &stage->https, &err)) {
		(void)fprintf(stderr, "%s\n", err.message);
		abort();
	}
}

void face_stage_begin(struct face_stage *stage)
{
	struct err err = { 0 };

	if (!socket_start(stage->base, stage->config, (int64_t)getuid(), &stage->settings,
		    &stage->socket, &err) ||
		pthread_create(&stage->thread, NULL, face_stage_run, stage) != 0) {
		(void)fprintf(stderr, "%s\n", err.message);
		abort();
	}
}

void face_stage_close(struct face_stage *stage)
{
	face_stage_command(stage, 'q');
	(void)pthread_join(stage->thread, NULL);
	event_free(stage->command);
	socket_stop(&stage->socket);
	https_stop(&stage->https);
	face_settle(stage->base);
	event_base_free(stage->base);
	(void)unlink(stage->config->daemon.socket);
	config_free(&stage->config);
	(void)rmdir(stage->folder);
	(void)close(stage->commands[0]);
	(void)close(stage->commands[1]);
}

void face_stage_drain(struct face_stage *stage)
{
	face_stage_command(stage, 'd');
}

void face_stage_reload(struct face_stage *stage, const char *certificate, const char *key)
{
	struct config_https *https = &stage->config->https;

	(void)snprintf(https->certificate, sizeof(https->certificate), "%s", certificate);
	(void)snprintf(https->private_key, sizeof(https->private_key), "%s", key);
	face_stage_command(stage, 'r');
}

/* ---- a client ---- */

int face_stage_connect(const struct face_stage *stage)
{
	const struct timeval patience = { .tv_sec = FACE_STAGE_PATIENCE_S };
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	(void)snprintf(address.sun_path, sizeof(address.sun_path), "%s/s", stage->folder);
	if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof(address)) != 0 ||
		setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)) != 0) {
		perror("connect");
		abort();
	}
	return fd;
}

void face_stage_say_bytes(int fd, const void *bytes, size_t size)
{
	const char *at = bytes;

	while (size > 0) {
		ssize_t sent = send(fd, at, size, MSG_NOSIGNAL);

		if (sent < 0) {
			return; /* the server has closed: the test sees that it did */
		}
		at += sent;
		size -= (size_t)sent;
	}
}

void face_stage_say(int fd, const char *bytes)
{
	face_stage_say_bytes(fd, bytes, strlen(bytes));
}

static size_t face_stage_content_length(const struct buffer *head)
{
	const char *at = strstr(head->bytes, "Content-Length: ");

	return at != NULL ? strtoul(at + strlen("Content-Length: "), NULL, 10) : 0;
}

int face_stage_hear(int fd, struct buffer *head, struct buffer *body)
{
	struct buffer mine;
	int status = 0;
	size_t length;
	char c;

	buffer_init(&mine, 65536);
	while (recv(fd, &c, 1, 0) == 1) {
		buffer_add_char(&mine, c);
		if (mine.size >= 4 && memcmp(mine.bytes + mine.size - 4, "\r\n\r\n", 4) == 0) {
			break;
		}
	}
	if (mine.size > 12 && memcmp(mine.bytes, "HTTP/1.1 ", 9) == 0) {
		status = (int)strtol(mine.bytes + 9, NULL, 10);
	}
	length = status >= 200 ? face_stage_content_length(&mine) : 0;
	while (length > 0) {
		char piece[4096];
		ssize_t size = recv(fd, piece, length < sizeof(piece) ? length : sizeof(piece), 0);

		if (size <= 0) {
			status = 0;
			break;
		}
		if (body != NULL) {
			buffer_add(body, (struct text){ piece, (size_t)size });
		}
		length -= (size_t)size;
	}
	if (head != NULL) {
		buffer_add(head, buffer_text(&mine));
	}
	buffer_done(&mine);
	return status;
}

bool face_stage_is_closed(int fd)
{
	char c;
	ssize_t size = recv(fd, &c, 1, 0);

	return size == 0 || (size < 0 && errno == ECONNRESET);
}
