/* SPDX-License-Identifier: Apache-2.0 */

/*
 * drive - leads a gateway through a session as alymd would, without a network or a book.
 *
 * Every action is judged by action_fault().  What a step was lent (event, message, scratch) is
 * memory of its own that goes away with the next step, so that sanitizers see a gateway that keeps
 * hold of it; with `hold` it is written over and stays until the next session, so that such a
 * gateway reads rubbish wherever it runs.  Session memory has exactly the size the gateway asked
 * for.
 */
#ifndef ALYM_PLUGINS_KIT_DRIVE_H
#define ALYM_PLUGINS_KIT_DRIVE_H

#include "plugins/gateway.h"

/* What a step was lent. */
struct drive_lent {
	struct alym_event *event;
	struct alym_order *order;
	struct alym_decision *decision;
	struct alym_message *message;
	struct alym_scratch *scratch;
};

struct drive {
	const struct alym_gateway *gateway;
	struct alym_gateway_state *state;
	int64_t now;             /* of the next event; the caller's to change */
	bool again;              /* of the next operation */
	struct alym_order order; /* of the next operation */
	bool hold;
	unsigned char fill; /* what memory is written over with */

	/* What the last step came to. */
	struct alym_action action;
	const char *fault; /* NULL: it keeps to the ABI */
	bool over;         /* the session has ended, by an action or by its limit */

	/* drive's own */
	const struct alym_order *about; /* NULL: the session is a message's */
	const struct alym_list *list;   /* of a LIST; NULL: another session */
	enum alym_operation operation;
	bool started_again;
	void *session;
	int steps;
	struct drive_lent lent;
	struct drive_lent held[ALYM_STEPS_MAX];
	size_t held_count;
};

/* `gateway` and `state` stay the caller's. */
void drive_init(struct drive *d, const struct alym_gateway *gateway,
	struct alym_gateway_state *state, int64_t now);
void drive_done(struct drive *d);

/* Each begins a session, ending the one before. */
void drive_start(struct drive *d, enum alym_operation operation);
void drive_callback(struct drive *d, const struct alym_message *message);
void drive_list(struct drive *d, const struct alym_list *list); /* which stays the caller's */

/* Each takes the session one step further. */
void drive_response(struct drive *d, const struct alym_message *message);
void drive_failure(struct drive *d, enum alym_failure failure);
void drive_decision(struct drive *d, const struct alym_decision *decision);
void drive_time(struct drive *d);

/* The value of a header of the request or the answer the last step came to, or empty. */
struct text drive_header(const struct drive *d, const char *name);

#endif
