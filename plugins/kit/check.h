/* SPDX-License-Identifier: Apache-2.0 */

/* check - the checks of kit.h, and what several of them say about a session. */
#ifndef ALYM_PLUGINS_KIT_CHECK_H
#define ALYM_PLUGINS_KIT_CHECK_H

#include "plugins/kit/lead.h"

/* What the gateway made of a message before anybody spoilt it. */
struct check_honest {
	struct lead_end end;
};

/* How far a session with a spoilt message may go. */
enum check_rule {
	CHECK_NOTHING, /* operation: unknown (or never attempted); call: refused */
	CHECK_SAME,    /* that, or just what the good message came to */
	CHECK_ALIKE,   /* that, but for the operation's name; an order may be refused */
	CHECK_REFUSED, /* nothing; an order may be refused, by a status that says so */
	CHECK_NEVER,   /* the bank's "no" in other words: not done and not held */
};

/* Brings an order to where `operation` makes sense, the bank saying what it takes; it then says
 * that the operation is done (PAY: pending, STATUS: paid). */
void check_reach(struct lead *l, enum alym_operation operation);

/* A call, if the bank makes any, then STATUS. */
void check_tell(struct lead *l);

/* Whether money can be found by that way at all. */
bool check_asks(struct lead *l);

void check_credited(struct lead *l, int64_t minor, const char *when);

/* The last session, an operation, came to no outcome: a failure, or nothing that can be read. */
bool check_came_to_nothing(const struct lead *l, enum alym_operation operation);

/* Judges the last session, led with the nth way of something called `what`. */
void check_operation_end(struct lead *l, enum alym_operation operation, enum check_rule rule,
	const struct check_honest *honest, const char *what);
void check_call_end(struct lead *l, enum check_rule rule, const struct check_honest *honest,
	const char *what);

/* Every answer and every call, spoilt in every way of `spoil`, signed before or after. */
struct check_spoil {
	kit_spoil *spoil;
	enum lead_how how;
	enum check_rule rule;
	bool sealed;  /* only what is signed */
	bool framed;  /* only what is signed, JSON or XML: anything less is cut without a trace */
	int64_t more; /* than the order's amount */
	const char *what;
};

void check_spoil_answers(struct lead *l, const struct check_spoil *spoil);
void check_spoil_call(struct lead *l, kit_call *call, const struct check_spoil *spoil);
void check_spoil_all(struct lead *l, const struct check_spoil *spoil);

typedef void check_make(struct lead *l);

check_make check_operations, check_memory, check_approve, check_decline, check_waiting, check_hold,
	check_refund, check_failure, check_lost, check_status, check_duplicate, check_reordered,
	check_late, check_decision, check_unproven, check_forged, check_key, check_replayed,
	check_merchant, check_amount, check_currency, check_order, check_cut, check_size,
	check_encoding, check_member;

#endif
