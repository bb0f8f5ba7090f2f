/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/https.h"

#include <arpa/inet.h>
#include <assert.h>
#include <errno.h>
#include <event2/bufferevent_ssl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/mem.h"
#include "daemon/file.h"

struct https {
	struct face *face;
	SSL_CTX *tls;
	int port;
};

static const unsigned char https_session_context[] = "alymd";
static const char https_callbacks[] = "/callbacks/";

/* Its address marks a connection whose client's certificate was no good. */
static const char https_bad_client[] = "bad client certificate";

/* ---- TLS ---- */

static bool https_failed(struct err *err, const char *doing, const char *path)
{
	unsigned long code = ERR_get_error();
	const char *reason = ERR_reason_error_string(code);

	ERR_clear_error();
	return err_set(err, ERR_CRYPTO, "%s %s: %s", doing, path,
		reason != NULL ? reason : "unknown");
}

/* Lets the handshake go on whatever the certificate is: the path decides whether one is needed. */
static int https_verify(int good, X509_STORE_CTX *store)
{
	SSL *ssl = X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx());

	if (good == 0) {
		(void)SSL_set_app_data(ssl, (char *)(uintptr_t)https_bad_client);
	}
	return 1;
}

static bool https_set_client_ca(SSL_CTX *tls, const char *path, struct err *err)
{
	STACK_OF(X509_NAME) *names = SSL_load_client_CA_file(path);

	if (names == NULL) {
		return https_failed(err, "read [https] client_ca", path);
	}
	SSL_CTX_set_client_CA_list(tls, names);
	if (SSL_CTX_load_verify_locations(tls, path, NULL) != 1) {
		return https_failed(err, "read [https] client_ca", path);
	}
	SSL_CTX_set_verify(tls, SSL_VERIFY_PEER, https_verify);
	/* A resumed session brings no certificate of its own to be judged. */
	(void)SSL_CTX_set_session_cache_mode(tls, SSL_SESS_CACHE_OFF);
	(void)SSL_CTX_set_options(tls, SSL_OP_NO_TICKET);
	(void)SSL_CTX_set_num_tickets(tls, 0);
	return true;
}

static bool https_set_up(SSL_CTX *tls, const struct config_https *config, struct err *err)
{
	if (SSL_CTX_set_min_proto_version(tls, TLS1_2_VERSION) != 1 ||
		SSL_CTX_set_session_id_context(tls, https_session_context,
			sizeof(https_session_context) - 1) != 1) {
		return https_failed(err, "set up", "TLS");
	}
	(void)SSL_CTX_set_options(tls,
		SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_CIPHER_SERVER_PREFERENCE);
	(void)SSL_CTX_set_mode(tls, SSL_MODE_RELEASE_BUFFERS);
	if (SSL_CTX_use_certificate_chain_file(tls, config->certificate) != 1) {
		return https_failed(err, "read [https] certificate", config->certificate);
	}
	if (!file_check_secret(config->private_key, err)) {
		return false;
	}
	if (SSL_CTX_use_PrivateKey_file(tls, config->private_key, SSL_FILETYPE_PEM) != 1) {
		return https_failed(err, "read [https] private_key", config->private_key);
	}
	if (SSL_CTX_check_private_key(tls) != 1) {
		return https_failed(err, "match [https] certificate with private_key",
			config->private_key);
	}
	return config->client_ca[0] == '\0' || https_set_client_ca(tls, config->client_ca, err);
}

bool https_load(const struct config_https *config, SSL_CTX **tls, struct err *err)
{
	SSL_CTX *fresh;

	assert(config != NULL);
	assert(tls != NULL);

	ERR_clear_error();
	fresh = SSL_CTX_new(TLS_server_method());
	if (fresh == NULL) {
		return https_failed(err, "set up", "TLS");
	}
	if (!https_set_up(fresh, config, err)) {
		SSL_CTX_free(fresh);
		return false;
	}
	*tls = fresh;
	return true;
}

/* ---- connections ---- */

static struct bufferevent *https_wrap(void *owner, struct event_base *base)
{
	struct https *h = owner;
	SSL *ssl = SSL_new(h->tls);
	struct bufferevent *bev;

	assert(ssl != NULL);

	/* Deferred: OpenSSL is not to be called again from inside its own callbacks. */
	bev = bufferevent_openssl_socket_new(base, -1, ssl, BUFFEREVENT_SSL_ACCEPTING,
		BEV_OPT_CLOSE_ON_FREE | BEV_OPT_DEFER_CALLBACKS);
	assert(bev != NULL);
	bufferevent_openssl_set_allow_dirty_shutdown(bev, 1);
	return bev;
}

static void https_part(struct bufferevent *transport)
{
	(void)SSL_shutdown(bufferevent_openssl_get_ssl(transport));
	ERR_clear_error();
}

static void https_read_peer(int fd, char peer[FACE_PEER_SIZE])
{
	static const uint8_t v4[] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF };
	struct sockaddr_storage address;
	socklen_t size = sizeof(address);
	const char *text = NULL;

	memset(&address, 0, sizeof(address));
	if (getpeername(fd, (struct sockaddr *)&address, &size) != 0) {
		peer[0] = '\0';
		return;
	}
	if (address.ss_family == AF_INET) {
		struct sockaddr_in in;

		memcpy(&in, &address, sizeof(in));
		text = inet_ntop(AF_INET, &in.sin_addr, peer, FACE_PEER_SIZE);
	} else if (address.ss_family == AF_INET6) {
		struct sockaddr_in6 in6;
		const uint8_t *bytes;

		memcpy(&in6, &address, sizeof(in6));
		bytes = in6.sin6_addr.s6_addr;
		if (memcmp(bytes, v4, sizeof(v4)) == 0) {
			text = inet_ntop(AF_INET, bytes + sizeof(v4), peer, FACE_PEER_SIZE);
		} else {
			text = inet_ntop(AF_INET6, bytes, peer, FACE_PEER_SIZE);
		}
	}
	if (text == NULL) {
		peer[0] = '\0';
	}
}

/* True when the client showed a certificate and it is of the client CA. */
static bool https_client_is_known(const SSL *ssl)
{
	return SSL_get0_peer_certificate(ssl) != NULL && SSL_get_verify_result(ssl) == X509_V_OK &&
	       SSL_get_app_data(ssl) == NULL;
}

static const char *https_greet(void *owner, struct bufferevent *transport, struct text path,
	struct face_guest *guest)
{
	const SSL *ssl = bufferevent_openssl_get_ssl(transport);

	(void)owner;
	if (!guest->known) {
		guest->known = true;
		https_read_peer(bufferevent_getfd(transport), guest->peer);
	}
	if (SSL_get_verify_mode(ssl) != SSL_VERIFY_NONE &&
		text_starts(path, text_of(https_callbacks)) && !https_client_is_known(ssl)) {
		return "a client certificate is needed here";
	}
	return NULL;
}

/* ---- the listener ---- */

static int https_bind_failed(const struct config_https *config, int fd, struct err *err)
{
	(void)err_set(err, ERR_SYSTEM, "listen on %s: %s", config->listen.text, strerror(errno));
	if (fd >= 0) {
		(void)close(fd);
	}
	return -1;
}

int https_bind(const struct config_https *config, struct err *err)
{
	const int on = 1;
	int fd;

	assert(config != NULL);
	assert(config->listen.size > 0);

	fd = socket(config->listen.socket.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0) {
		return https_bind_failed(config, fd, err);
	}
	if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) != 0 ||
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)) != 0 ||
		bind(fd, (const struct sockaddr *)&config->listen.socket, config->listen.size) !=
			0) {
		return https_bind_failed(config, fd, err);
	}
	return fd;
}

static int https_read_port(int fd)
{
	struct sockaddr_storage address;
	socklen_t size = sizeof(address);
	struct sockaddr_in in; /* the port lies at the same place in both kinds */

	memset(&address, 0, sizeof(address));
	if (getsockname(fd, (struct sockaddr *)&address, &size) != 0) {
		return 0;
	}
	memcpy(&in, &address, sizeof(in));
	return ntohs(in.sin_port);
}

bool https_start(struct event_base *base, int fd, SSL_CTX *tls,
	const struct face_settings *settings, struct https **out, struct err *err)
{
	struct face_settings mine = *settings;
	struct evconnlistener *listener;
	struct https *h;

	assert(fd >= 0);
	assert(tls != NULL);
	assert(out != NULL);

	if (listen(fd, FACE_BACKLOG) != 0) {
		(void)err_set(err, ERR_SYSTEM, "listen for https: %s", strerror(errno));
		(void)close(fd);
		SSL_CTX_free(tls);
		return false;
	}
	h = mem_new(1, sizeof(*h));
	h->tls = tls;
	h->port = https_read_port(fd);
	listener = evconnlistener_new(base, NULL, NULL,
		LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC, 0, fd);
	assert(listener != NULL);
	mine.kind = CALL_HTTPS;
	mine.owner = h;
	mine.wrap = https_wrap;
	mine.greet = https_greet;
	mine.part = https_part;
	h->face = face_start(base, listener, &mine);
	*out = h;
	return true;
}

void https_use(struct https *https, SSL_CTX *tls)
{
	assert(https != NULL);
	assert(tls != NULL);

	SSL_CTX_free(https->tls); /* its connections hold it themselves */
	https->tls = tls;
}

void https_drain(struct https *https)
{
	assert(https != NULL);

	face_drain(https->face);
}

void https_stop(struct https **https)
{
	struct https *h = *https;

	*https = NULL;
	if (h == NULL) {
		return;
	}
	face_stop(&h->face);
	SSL_CTX_free(h->tls);
	free(h);
}

const struct face *https_face(const struct https *https)
{
	assert(https != NULL);

	return https->face;
}

int https_port(const struct https *https)
{
	assert(https != NULL);

	return https->port;
}
