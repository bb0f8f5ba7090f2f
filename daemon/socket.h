/* SPDX-License-Identifier: Apache-2.0 */

/*
 * socket - the face on the Unix socket: who calls is known by the kernel (SO_PEERCRED).
 *
 * The socket's file has mode 0660 and appears under its name only once it listens; one that nobody
 * answers on is of an earlier daemon and is taken away, any other is left alone.
 */
#ifndef ALYM_DAEMON_SOCKET_H
#define ALYM_DAEMON_SOCKET_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/err.h"
#include "daemon/config.h"
#include "daemon/face.h"

struct socket;

/* `config` is borrowed until socket_use() gives another; `owner` is who has all roles when there
 * are no clients. */
bool socket_start(struct event_base *base, const struct config *config, int64_t owner,
	const struct face_settings *settings, struct socket **out, struct err *err) MUST_USE;

/* From the next request on, who is who is looked up there. */
void socket_use(struct socket *socket, const struct config *config);

/* Takes the file away, if it is still ours, and the face's listener with it. */
void socket_drain(struct socket *socket);
void socket_stop(struct socket **socket);

const struct face *socket_face(const struct socket *socket);

/* Finds the client a user with these groups is.  False: nobody we know. */
bool socket_identify(const struct config *config, int64_t owner, struct face_guest *guest);

#endif
