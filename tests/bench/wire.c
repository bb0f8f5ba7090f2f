/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/bench/wire.h"

#include <arpa/inet.h>
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/mem.h"

enum {
	WIRE_READ_SIZE = 65536,
	WIRE_STATUS_OFFSET = 9,
	WIRE_STATUS_DIGITS = 3,
	WIRE_PORT_MAX = 65535
};

struct wire {
	int fd;
	SSL *ssl; /* NULL on a Unix socket */
	struct buffer out;
	size_t sent; /* of `out` */
	char *in;
	size_t in_capacity;
	size_t in_begin; /* of what was not taken yet */
	size_t in_end;
};

static bool wire_fail_tls(struct err *err, const char *what)
{
	char why[256];

	ERR_error_string_n(ERR_get_error(), why, sizeof(why));
	return err_set(err, ERR_CRYPTO, "%s: %s", what, why);
}

static bool wire_fail(struct err *err, const char *what)
{
	return err_set(err, ERR_SYSTEM, "%s: %s", what, strerror(errno));
}

bool wire_tls_new(const char *ca, SSL_CTX **tls, struct err *err)
{
	SSL_CTX *made = SSL_CTX_new(TLS_client_method());
	bool done = false;

	if (made == NULL || SSL_CTX_set_min_proto_version(made, TLS1_2_VERSION) != 1) {
		(void)wire_fail_tls(err, "prepare TLS");
		goto out;
	}
	if (SSL_CTX_load_verify_locations(made, ca, NULL) != 1) {
		(void)wire_fail_tls(err, "read the CA");
		goto out;
	}
	SSL_CTX_set_verify(made, SSL_VERIFY_PEER, NULL);
	SSL_CTX_set_read_ahead(made, 1);
	(void)SSL_CTX_set_mode(made,
		SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
	*tls = made;
	made = NULL;
	done = true;
out:
	SSL_CTX_free(made);
	return done;
}

static struct wire *wire_new(int domain)
{
	struct wire *wire = mem_new(1, sizeof(*wire));

	buffer_init(&wire->out, WIRE_REQUESTS_MAX);
	wire->fd = socket(domain, SOCK_STREAM | SOCK_CLOEXEC, 0);
	return wire;
}

static bool wire_unblock(struct wire *wire, struct err *err)
{
	int flags = fcntl(wire->fd, F_GETFL);

	if (flags < 0 || fcntl(wire->fd, F_SETFL, flags | O_NONBLOCK) != 0) {
		return wire_fail(err, "set O_NONBLOCK");
	}
	return true;
}

bool wire_open_socket(const char *path, struct wire **wire, struct err *err)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	struct wire *made = wire_new(AF_UNIX);
	bool done = false;

	if (!text_copy(text_of(path), address.sun_path, sizeof(address.sun_path))) {
		(void)err_set(err, ERR_INPUT, "%s: too long for a socket", path);
		goto out;
	}
	if (made->fd < 0 ||
		connect(made->fd, (const struct sockaddr *)&address, sizeof(address)) != 0) {
		(void)wire_fail(err, path);
		goto out;
	}
	if (!wire_unblock(made, err)) {
		goto out;
	}
	*wire = made;
	made = NULL;
	done = true;
out:
	wire_close(&made);
	return done;
}

static bool wire_parse_address(const char *text, struct sockaddr_in *address,
	char host[INET_ADDRSTRLEN])
{
	const char *colon = strrchr(text, ':');
	int64_t port;

	if (colon == NULL || !text_parse_integer(text_of(colon + 1), &port) || port < 1 ||
		port > WIRE_PORT_MAX ||
		!text_copy((struct text){ text, (size_t)(colon - text) }, host, INET_ADDRSTRLEN)) {
		return false;
	}
	address->sin_family = AF_INET;
	address->sin_port = htons((uint16_t)port);
	return inet_pton(AF_INET, host, &address->sin_addr) == 1;
}

static bool wire_shake_hands(struct wire *wire, SSL_CTX *tls, const char *host, struct err *err)
{
	wire->ssl = SSL_new(tls);
	if (wire->ssl == NULL ||
		X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(wire->ssl), host) != 1 ||
		SSL_set_fd(wire->ssl, wire->fd) != 1 || SSL_connect(wire->ssl) != 1) {
		return wire_fail_tls(err, "shake hands");
	}
	return true;
}

bool wire_open_tls(SSL_CTX *tls, const char *address, struct wire **wire, struct err *err)
{
	struct sockaddr_in socket_address = { 0 };
	struct wire *made = wire_new(AF_INET);
	char host[INET_ADDRSTRLEN];
	int on = 1;
	bool done = false;

	if (!wire_parse_address(address, &socket_address, host)) {
		(void)err_set(err, ERR_INPUT, "%s: is not an IPv4 address and a port", address);
		goto out;
	}
	if (made->fd < 0 ||
		connect(made->fd, (const struct sockaddr *)&socket_address,
			sizeof(socket_address)) != 0 ||
		setsockopt(made->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)) != 0) {
		(void)wire_fail(err, address);
		goto out;
	}
	if (!wire_shake_hands(made, tls, host, err) || !wire_unblock(made, err)) {
		goto out;
	}
	*wire = made;
	made = NULL;
	done = true;
out:
	wire_close(&made);
	return done;
}

void wire_close(struct wire **wire)
{
	struct wire *w = *wire;

	*wire = NULL;
	if (w == NULL) {
		return;
	}
	SSL_free(w->ssl);
	if (w->fd >= 0) {
		(void)close(w->fd);
	}
	buffer_done(&w->out);
	free(w->in);
	free(w);
}

int wire_fd(const struct wire *wire)
{
	return wire->fd;
}

struct buffer *wire_requests(struct wire *wire)
{
	return &wire->out;
}

bool wire_is_blocked(const struct wire *wire)
{
	return wire->sent < wire->out.size;
}

/* Bytes sent; 0: none go now; -1: failed. */
static ssize_t wire_send(struct wire *wire, const char *bytes, size_t size, struct err *err)
{
	ssize_t sent;
	int why;

	if (wire->ssl == NULL) {
		sent = send(wire->fd, bytes, size, MSG_NOSIGNAL);
		if (sent < 0 && (errno == EAGAIN || errno == EINTR)) {
			return 0;
		}
		if (sent < 0) {
			(void)wire_fail(err, "send");
		}
		return sent;
	}
	ERR_clear_error();
	sent = SSL_write(wire->ssl, bytes, (int)size);
	why = SSL_get_error(wire->ssl, (int)sent);
	if (sent > 0) {
		return sent;
	}
	if (why == SSL_ERROR_WANT_WRITE || why == SSL_ERROR_WANT_READ) {
		return 0;
	}
	(void)wire_fail_tls(err, "send over TLS");
	return -1;
}

bool wire_write(struct wire *wire, struct err *err)
{
	ssize_t sent = 1;

	assert(!wire->out.overflowed);

	while (sent > 0 && wire->sent < wire->out.size) {
		sent = wire_send(wire, wire->out.bytes + wire->sent, wire->out.size - wire->sent,
			err);
		if (sent > 0) {
			wire->sent += (size_t)sent;
		}
	}
	if (wire->sent == wire->out.size) {
		buffer_reset(&wire->out);
		wire->sent = 0;
	}
	return sent >= 0;
}

/* Bytes read; 0: there are none now; -1: failed. */
static ssize_t wire_receive(struct wire *wire, char *bytes, size_t size, struct err *err)
{
	ssize_t got;
	int why;

	if (wire->ssl == NULL) {
		got = recv(wire->fd, bytes, size, 0);
		if (got < 0 && (errno == EAGAIN || errno == EINTR)) {
			return 0;
		}
		if (got == 0) {
			(void)err_set(err, ERR_PEER, "alymd closed a connection");
			return -1;
		}
		if (got < 0) {
			(void)wire_fail(err, "receive");
		}
		return got;
	}
	ERR_clear_error();
	got = SSL_read(wire->ssl, bytes, (int)size);
	if (got > 0) {
		return got;
	}
	why = SSL_get_error(wire->ssl, (int)got);
	if (why == SSL_ERROR_WANT_READ || why == SSL_ERROR_WANT_WRITE) {
		return 0;
	}
	(void)err_set(err, ERR_PEER, "alymd closed a TLS connection (%d)", why);
	return -1;
}

/* Room for at least WIRE_READ_SIZE bytes behind what is there. */
static void wire_make_room(struct wire *wire)
{
	size_t kept = wire->in_end - wire->in_begin;

	if (wire->in_begin > 0) {
		memmove(wire->in, wire->in + wire->in_begin, kept);
		wire->in_begin = 0;
		wire->in_end = kept;
	}
	if (wire->in_capacity - kept < WIRE_READ_SIZE) {
		wire->in_capacity = kept + (size_t)2 * WIRE_READ_SIZE;
		wire->in = mem_grow(wire->in, wire->in_capacity, 1);
	}
}

bool wire_read(struct wire *wire, struct err *err)
{
	ssize_t got;
	size_t room;
	bool more;

	do {
		wire_make_room(wire);
		room = wire->in_capacity - wire->in_end;
		got = wire_receive(wire, wire->in + wire->in_end, room, err);
		if (got < 0) {
			return false;
		}
		wire->in_end += (size_t)got;
		more = wire->ssl != NULL ? got > 0 && SSL_has_pending(wire->ssl) == 1
					 : (size_t)got == room;
	} while (more && wire->in_end < WIRE_ANSWER_MAX);
	return true;
}

/* The number in "Content-Length: 123" among the header lines. */
static bool wire_body_size(struct text head, int64_t *size)
{
	static const char name[] = "Content-Length:";
	const char *line = head.bytes;
	const char *end = head.bytes + head.size;

	while (line < end) {
		const char *next = memchr(line, '\n', (size_t)(end - line));

		next = next == NULL ? end : next + 1;
		if ((size_t)(next - line) > sizeof(name) &&
			strncasecmp(line, name, sizeof(name) - 1) == 0) {
			const char *digits = line + sizeof(name) - 1;
			const char *stop = next;

			while (digits < stop && *digits == ' ') {
				digits++;
			}
			while (stop > digits && (stop[-1] == '\n' || stop[-1] == '\r')) {
				stop--;
			}
			return text_parse_integer((struct text){ digits, (size_t)(stop - digits) },
				size);
		}
		line = next;
	}
	return false;
}

enum wire_taken wire_take(struct wire *wire, struct wire_answer *answer)
{
	static const char end[] = "\r\n\r\n";
	struct text left = { wire->in + wire->in_begin, wire->in_end - wire->in_begin };
	const char *stop = left.size == 0 ? NULL : memmem(left.bytes, left.size, end, 4);
	struct text head = left;
	int64_t body_size;
	int64_t status;

	if (stop == NULL) {
		return left.size < WIRE_ANSWER_MAX ? WIRE_NOTHING : WIRE_BROKEN;
	}
	head.size = (size_t)(stop - left.bytes) + sizeof(end) - 1;
	if (!text_starts(left, TEXT("HTTP/1.1 ")) ||
		!text_parse_integer((struct text){ left.bytes + WIRE_STATUS_OFFSET,
					    WIRE_STATUS_DIGITS },
			&status) ||
		!wire_body_size(head, &body_size) || body_size > WIRE_ANSWER_MAX) {
		return WIRE_BROKEN;
	}
	if (left.size < head.size + (size_t)body_size) {
		return WIRE_NOTHING;
	}
	answer->status = (int)status;
	answer->body = (struct text){ left.bytes + head.size, (size_t)body_size };
	wire->in_begin += head.size + (size_t)body_size;
	return WIRE_ANSWER;
}
