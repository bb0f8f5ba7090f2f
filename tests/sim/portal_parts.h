/* SPDX-License-Identifier: Apache-2.0 */

/*
 * portal_parts - what the files of the portal share: wish.c wants things done, look.c looks,
 * auditor.c asks for proofs.
 */
#ifndef ALYM_TESTS_SIM_PORTAL_PARTS_H
#define ALYM_TESTS_SIM_PORTAL_PARTS_H

#include "tests/sim/portal.h"
#include "tests/sim/process.h"

enum {
	PORTAL_WISHES_MAX = 400,
	PORTAL_EVENTS_MAX = 16384,
	PORTAL_BODY_SIZE = 512,
	PORTAL_ID_SIZE = 32,
	PORTAL_RECENT = 8,
	PORTAL_POLLS_MAX = 3, /* of one client, at once */
};

/* Something a client wants: one POST under one key, repeated until it was answered for good. */
struct wish {
	size_t client;
	char path[96];
	char key[24];
	char body[PORTAL_BODY_SIZE];
	char service[32];   /* of a creation */
	char reference[24]; /* of a creation */
	bool second;        /* somebody's reference again */
	int64_t expect;     /* the due it states; 0: none */
	bool answered;      /* acknowledged, or refused for good */
	bool again;         /* answered once more in the end */
	int status;
	char *answer; /* of an acknowledgement, to compare repeats with */
	int in_flight;
	char payment[PORTAL_ID_SIZE];
	char code[16];
	int64_t due;
	int state; /* of its payment, as it was seen last */
};

struct portal_client {
	const char *name;
	char *events[PORTAL_EVENTS_MAX]; /* type and subject of event n + 1, as first seen */
	int64_t event_count;
	int keys;       /* it has used */
	bool caught_up; /* the last poll gave nothing */
	int polls;
};

struct portal {
	struct world *world;
	struct random random;
	struct wish wishes[PORTAL_WISHES_MAX];
	size_t wish_count;
	size_t created[PORTAL_WISHES_MAX]; /* wishes whose payment is known */
	size_t created_count;
	struct portal_client clients[WORLD_CLIENTS];
	int64_t granted;
	int64_t creations;
	int looks; /* under way */
};

/* NULL: nothing was created yet. */
struct wish *portal_any_created(struct portal *p);

/* A request of that client; GET when `body` is NULL. */
void portal_get(struct portal *p, size_t client, const char *path, process_answer_fn *answer,
	void *context);

/* ---- wish.c ---- */
void wish_create(struct portal *p);
void wish_act(struct portal *p);
void wish_repeat(struct portal *p);
/* The key of an acknowledged request with another body: refused, and nothing changes. */
void wish_misuse_key(struct portal *p);

/* ---- look.c ---- */
/* As far as the client has seen, no money is wanted any more. */
bool look_is_settled(const struct wish *wish);
void look_at_payment(struct portal *p);
void look_at_list(struct portal *p);
void look_at_events(struct portal *p);

/* ---- auditor.c ---- */
void auditor_step(struct portal *p);

#endif
