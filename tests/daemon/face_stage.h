/* SPDX-License-Identifier: Apache-2.0 */

/*
 * face_stage - a face on a loop of its own thread, with an engine of a few lines behind it, for
 * tests.
 *
 *     /echo...            at once: "METHOD path query body client roles peer"
 *     /later              after 20 ms
 *     /hold               until somebody asks for /release, which tells how many were gone
 *     /size?N             N bytes of 'x'
 *     /status?N           that status, with a body
 *     /nap                as /echo, but the loop stands still for 200 ms first
 *     /pieces?N           N pieces of FACE_STAGE_PIECE bytes; /broken?N breaks off after them
 *     /made               how many pieces were made in all, and how many such answers are not over
 */
#ifndef ALYM_TESTS_DAEMON_FACE_STAGE_H
#define ALYM_TESTS_DAEMON_FACE_STAGE_H

#include <event2/event.h>
#include <pthread.h>
#include <stddef.h>

#include "base/text.h"
#include "daemon/config.h"
#include "daemon/https.h"
#include "daemon/log.h"
#include "daemon/socket.h"

enum { FACE_STAGE_HELD_MAX = 256, FACE_STAGE_ANSWER_MAX = 5 << 20, FACE_STAGE_PIECE = 100000 };

struct face_stage {
	char folder[64];
	struct config *config;
	struct log log;
	struct event_base *base;
	struct event *command;
	int commands[2];
	pthread_t thread;
	struct socket *socket;
	struct https *https;
	struct face_settings settings;
	struct call *held[FACE_STAGE_HELD_MAX];
	size_t held_count;
	int pieces_made;
	int pieces_open;
};

/* Times short enough for tests; `connections_max` of both faces. */
void face_stage_open(struct face_stage *stage, size_t connections_max);
/* Before face_stage_begin(): a TLS face with these files too. */
void face_stage_add_https(struct face_stage *stage, const char *certificate, const char *key,
	const char *client_ca);
void face_stage_begin(struct face_stage *stage);
void face_stage_close(struct face_stage *stage);

/* Runs on the stage's thread. */
void face_stage_drain(struct face_stage *stage);
void face_stage_reload(struct face_stage *stage, const char *certificate, const char *key);

/* A client's blocking connection to the socket, with a time limit on each read. */
int face_stage_connect(const struct face_stage *stage);
void face_stage_say(int fd, const char *bytes);
void face_stage_say_bytes(int fd, const void *bytes, size_t size);

/* Reads one answer; gives its status, 0 at the end of the connection.  `head` and `body` get what
 * they have room for, or are NULL. */
int face_stage_hear(int fd, struct buffer *head, struct buffer *body);

/* True when the server closes without another byte. */
bool face_stage_is_closed(int fd);

#endif
