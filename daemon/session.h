/* SPDX-License-Identifier: Apache-2.0 */

/*
 * session - one gateway's step machine, driven: about one operation on an order, or one message.
 *
 * It lends the gateway memory, scratch, time and randomness, judges each action before it is
 * obeyed, and sends and waits on the gateway's behalf.  Verdicts, questions and answers are its
 * owner's business; it knows neither the book nor who waits for the answer.
 */
#ifndef ALYM_DAEMON_SESSION_H
#define ALYM_DAEMON_SESSION_H

#include <stdbool.h>
#include <stdint.h>

#include "base/text.h"
#include "daemon/engine_parts.h"
#include "plugins/gateway.h"

enum { SESSION_ANSWER_MAX = JOB_EVIDENCE_MAX }; /* bytes of an answer's body */

struct session;

/*
 * An action for the owner.  An operation brings exactly one VERDICT: a gateway that breaks the
 * rules has said "unknown".  A message brings VERDICT, ASK, CHECK, KEEP or ANSWER, and after
 * session_decide() ANSWER; NULL instead of any of them: the gateway broke the rules and is done.
 * The action's texts live until the function returns.  It is the last the session does, so that the
 * owner may free it there.
 */
typedef void session_act_fn(struct session *session, const struct alym_action *action,
	void *context);

struct session_plan {
	struct engine_gateway *gateway;
	const struct alym_order *order; /* of an operation (copied); NULL: a message */
	const struct alym_list *list;   /* of a LIST (copied), which brings LISTED, or NULL or a
					   VERDICT   where there is none to be had */
	enum alym_operation operation;
	bool again;
	const struct alym_message *message; /* the owner's, as long as the session lives */
	int64_t now; /* of a message: when it arrived, which is the time it is judged by */
	session_act_fn *act;
	void *context;
};

struct session *session_new(struct engine *engine, const struct session_plan *plan);

/* Not while it is sending or waiting. */
void session_free(struct session **session);

/* Takes the first step; the session may be gone afterwards. */
void session_start(struct session *session);

/* What the book made of a message. */
void session_decide(struct session *session, const struct alym_decision *decision);

/* Inside `act`: the answer that led to it as it came, status line, headers and body; false when no
 * answer did. */
bool session_evidence(const struct session *session, struct buffer *out);

#endif
