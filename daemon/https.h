/* SPDX-License-Identifier: Apache-2.0 */

/*
 * https - the face to banks and payers: TLS 1.2 or later, nothing of the socket's API.
 *
 * Certificates are read into a fresh context; connections made before keep theirs, so that a reload
 * drops none.  With a client CA, /callbacks/ is answered only to who showed a certificate of it;
 * payers' browsers, which have none, still reach /pay/.
 */
#ifndef ALYM_DAEMON_HTTPS_H
#define ALYM_DAEMON_HTTPS_H

#include <openssl/ssl.h>
#include <stdbool.h>

#include "base/attr.h"
#include "base/err.h"
#include "daemon/config.h"
#include "daemon/face.h"

struct https;

/* The certificate, key and client CA of the configuration; to be given to https_start() or
 * https_use(), which take it over, or to SSL_CTX_free(). */
bool https_load(const struct config_https *config, SSL_CTX **tls, struct err *err) MUST_USE;

/* A bound, not yet listening descriptor, or -1: while we may still be root. */
int https_bind(const struct config_https *config, struct err *err) MUST_USE;

/* Takes fd and tls over, also when it fails. */
bool https_start(struct event_base *base, int fd, SSL_CTX *tls,
	const struct face_settings *settings, struct https **out, struct err *err) MUST_USE;

/* From the next connection on. */
void https_use(struct https *https, SSL_CTX *tls);

void https_drain(struct https *https);
void https_stop(struct https **https);

const struct face *https_face(const struct https *https);

/* The port it listens on. */
int https_port(const struct https *https);

#endif
