/* SPDX-License-Identifier: Apache-2.0 */

/* What the gateway asks of its bank, and what it makes of true answers and of none. */
#include <assert.h>
#include <string.h>

#include "plugins/kit/check.h"

static bool check_moves(enum alym_operation operation)
{
	return operation != ALYM_OPERATION_STATUS;
}

static bool check_is_done(const struct lead *l)
{
	return l->end.kind == ALYM_DONE || l->end.kind == ALYM_PENDING;
}

static void check_operation(struct lead *l, enum alym_operation operation, bool again)
{
	const char *name = lead_operation_name(operation);

	check_reach(l, operation);
	l->drive.again = again;
	l->repeat = again;
	lead_operate(l, operation);
	if (!lead_can(l, operation)) {
		if (check_is_done(l) || l->end.moved) {
			lead_fail(l, "%s is not among its operations, but does something", name);
		}
		return;
	}
	if (operation == ALYM_OPERATION_STATUS && l->end.sends == 0) {
		return; /* nobody to ask: the bank calls */
	}
	if (!check_is_done(l) && !(again && l->end.kind == ALYM_UNKNOWN)) {
		lead_fail(l, "%s, answered well, is neither done nor pending", name);
	}
	if (check_moves(operation) && !again && l->end.sends > 0 && !l->end.moved) {
		lead_fail(l, "%s: no answer says which request moves something", name);
	}
}

void check_operations(struct lead *l)
{
	for (int i = ALYM_OPERATION_PAY; i <= ALYM_OPERATION_REFUND; i++) {
		check_operation(l, (enum alym_operation)i, false);
		check_operation(l, (enum alym_operation)i, true);
	}
}

/* All that there is, with memory written over by `fill`. */
static void check_remember(struct lead *l, unsigned char fill, struct buffer *trace)
{
	buffer_reset(&l->trace);
	l->drive.fill = fill;
	l->drive.hold = true;
	for (int i = ALYM_OPERATION_PAY; i <= ALYM_OPERATION_REFUND; i++) {
		check_reach(l, (enum alym_operation)i);
		lead_operate(l, (enum alym_operation)i);
	}
	if (l->bank->call != NULL) {
		check_reach(l, ALYM_OPERATION_STATUS);
		lead_call(l, l->bank->call);
	}
	if (l->bank->ask != NULL) {
		check_reach(l, ALYM_OPERATION_STATUS);
		lead_call(l, l->bank->ask);
	}
	l->drive.hold = false;
	buffer_add(trace, buffer_text(&l->trace));
}

void check_memory(struct lead *l)
{
	struct buffer one;
	struct buffer two;

	buffer_init(&one, KIT_MESSAGE_MAX);
	buffer_init(&two, KIT_MESSAGE_MAX);
	check_remember(l, 0xA5, &one);
	check_remember(l, 'z', &two);
	if (!text_equal(buffer_text(&one), buffer_text(&two))) {
		lead_fail(l, "says another thing when memory that was taken away is written over");
	}
	buffer_done(&one);
	buffer_done(&two);
}

static void check_expect(struct lead *l, enum alym_verdict_kind kind, const char *when)
{
	if (l->end.sends > 0 && l->end.kind != kind && l->end.kind != ALYM_UNKNOWN) {
		char end[256];

		lead_describe(l, end, sizeof(end));
		lead_fail(l, "%s: comes to %s", when, end);
	}
}

void check_waiting(struct lead *l)
{
	check_reach(l, ALYM_OPERATION_STATUS);
	lead_say(l, KIT_PENDING);
	lead_operate(l, ALYM_OPERATION_STATUS);
	check_expect(l, ALYM_PENDING, "the payer is at it, STATUS");
	if (l->end.authorized) {
		lead_fail(l, "the payer is at it, STATUS: comes to authorized");
	}
	if (lead_can(l, ALYM_OPERATION_CAPTURE)) {
		lead_say(l, KIT_HELD);
		lead_operate(l, ALYM_OPERATION_STATUS);
		if (l->end.kind != ALYM_PENDING || !l->end.authorized) {
			lead_fail(l, "held money is not authorized");
		}
	}
	lead_say(l, KIT_ABSENT);
	lead_operate(l, ALYM_OPERATION_STATUS);
	if (l->end.authorized) {
		lead_fail(l, "an order that the bank does not know is authorized");
	}
	check_credited(l, 0, "nobody paid");
}

/* ---- captures, releases, refunds ---- */

static int64_t check_booked(const struct lead *l, enum alym_operation operation)
{
	return operation == ALYM_OPERATION_REFUND ? l->book.refunded : l->book.credited;
}

/* Done at once, and asked for again. */
static void check_once(struct lead *l, enum alym_operation operation)
{
	const char *name = lead_operation_name(operation);
	int64_t booked;

	check_reach(l, operation);
	lead_operate(l, operation);
	if (l->end.kind != ALYM_DONE && l->end.kind != ALYM_PENDING) {
		lead_fail(l, "%s, done by the bank, is neither done nor pending", name);
	}
	booked = check_booked(l, operation);
	l->repeat = true;
	l->drive.again = true;
	lead_operate(l, operation);
	if (booked > 0 && check_booked(l, operation) != booked) {
		lead_fail(l, "%s asked for again is booked again", name);
	}
	if (l->moves > 1) {
		lead_fail(l, "%s asked for again is done again", name);
	}
}

/* SEND `at` fails, the bank having heard it or not, and it is asked for again. */
static void check_again(struct lead *l, enum alym_operation operation, int at,
	enum alym_failure failure)
{
	const char *name = lead_operation_name(operation);
	int64_t before;
	int moves;

	check_reach(l, operation);
	before = check_booked(l, operation);
	l->meddle = (struct lead_meddle){ .how = LEAD_FAIL, .at = at, .failure = failure };
	lead_operate(l, operation);
	if (check_booked(l, operation) != before) {
		lead_fail(l, "%s without an answer is booked", name);
	}
	moves = l->moves;
	l->meddle = (struct lead_meddle){ .how = LEAD_NOTHING };
	l->repeat = moves > 0;
	l->drive.again = true;
	lead_operate(l, operation);
	lead_operate(l, operation);
	if (l->moves > 1 && moves > 0) {
		lead_fail(l, "%s whose answer was lost is done twice", name);
	}
}

static void check_lost_movement(struct lead *l, enum alym_operation operation)
{
	int sends;

	check_reach(l, operation);
	lead_operate(l, operation);
	sends = l->end.sends;
	for (int at = 0; at < sends; at++) {
		check_again(l, operation, at, ALYM_FAILURE_PERHAPS_SENT);
		check_again(l, operation, at, ALYM_FAILURE_NOT_SENT);
	}
}

/* Of what the bank refuses for good. */
static void check_refused_movement(struct lead *l, enum alym_operation operation)
{
	int64_t before;

	check_reach(l, operation);
	before = check_booked(l, operation);
	lead_say(l, KIT_DECLINED);
	lead_operate(l, operation);
	check_expect(l, ALYM_DECLINED, lead_operation_name(operation));
	if (check_booked(l, operation) != before) {
		lead_fail(l, "%s that was refused is booked", lead_operation_name(operation));
	}
}

void check_hold(struct lead *l)
{
	if (lead_can(l, ALYM_OPERATION_CAPTURE)) {
		check_once(l, ALYM_OPERATION_CAPTURE);
		l->drive.again = false;
		lead_say(l, KIT_PAID);
		lead_operate(l, ALYM_OPERATION_STATUS);
		check_credited(l, l->drive.order.amount.minor, "captured, and asked about");
		check_lost_movement(l, ALYM_OPERATION_CAPTURE);
		check_refused_movement(l, ALYM_OPERATION_CAPTURE);
	}
	if (lead_can(l, ALYM_OPERATION_RELEASE)) {
		check_once(l, ALYM_OPERATION_RELEASE);
		check_credited(l, 0, "released");
		check_lost_movement(l, ALYM_OPERATION_RELEASE);
		check_refused_movement(l, ALYM_OPERATION_RELEASE);
	}
}

void check_refund(struct lead *l)
{
	if (lead_can(l, ALYM_OPERATION_REFUND)) {
		check_once(l, ALYM_OPERATION_REFUND);
		check_lost_movement(l, ALYM_OPERATION_REFUND);
		check_refused_movement(l, ALYM_OPERATION_REFUND);
	}
}

/* ---- failures ---- */

static void check_fail_at(struct lead *l, enum alym_operation operation, int at,
	enum alym_failure failure, bool again)
{
	check_reach(l, operation);
	l->drive.again = again;
	l->meddle = (struct lead_meddle){ .how = LEAD_FAIL, .at = at, .failure = failure };
	lead_operate(l, operation);
	if (!check_came_to_nothing(l, operation)) {
		char end[256];

		lead_describe(l, end, sizeof(end));
		lead_fail(l, "%s%s, SEND %d %s: comes to %s", lead_operation_name(operation),
			again ? " again" : "", at + 1,
			failure == ALYM_FAILURE_NOT_SENT ? "not sent" : "perhaps sent", end);
	}
}

void check_failure(struct lead *l)
{
	for (int i = ALYM_OPERATION_PAY; i <= ALYM_OPERATION_REFUND; i++) {
		enum alym_operation operation = (enum alym_operation)i;
		int sends;

		if (!lead_can(l, operation)) {
			continue;
		}
		check_reach(l, operation);
		lead_operate(l, operation);
		sends = l->end.sends;
		for (int at = 0; at < sends; at++) {
			check_fail_at(l, operation, at, ALYM_FAILURE_NOT_SENT, false);
			check_fail_at(l, operation, at, ALYM_FAILURE_NOT_SENT, true);
			check_fail_at(l, operation, at, ALYM_FAILURE_PERHAPS_SENT, false);
			check_fail_at(l, operation, at, ALYM_FAILURE_PERHAPS_SENT, true);
		}
	}
}

/* PAY's SEND `at` fails; then the bank knows nothing of it, or the payer paid. */
static void check_lost_at(struct lead *l, int at)
{
	check_reach(l, ALYM_OPERATION_PAY);
	l->meddle = (struct lead_meddle){ .how = LEAD_FAIL,
		.at = at,
		.failure = ALYM_FAILURE_PERHAPS_SENT };
	lead_operate(l, ALYM_OPERATION_PAY);
	l->meddle = (struct lead_meddle){ .how = LEAD_NOTHING };
	lead_say(l, KIT_ABSENT);
	lead_operate(l, ALYM_OPERATION_STATUS);
	check_credited(l, 0, "PAY lost before the bank heard it");
	lead_say(l, KIT_PAID);
	lead_operate(l, ALYM_OPERATION_STATUS);
	lead_operate(l, ALYM_OPERATION_STATUS);
	check_credited(l, l->drive.order.amount.minor, "PAY's answer lost, the payer paid");
}

void check_lost(struct lead *l)
{
	int sends;

	if (!check_asks(l)) {
		return;
	}
	check_reach(l, ALYM_OPERATION_PAY);
	lead_operate(l, ALYM_OPERATION_PAY);
	sends = l->end.sends;
	for (int at = 0; at < sends; at++) {
		check_lost_at(l, at);
	}
}

void check_status(struct lead *l)
{
	static const struct check_spoil rubbish = {
		.spoil = kit_spoil_rubbish,
		.how = LEAD_AFTER,
		.rule = CHECK_REFUSED,
		.what = "rubbish",
	};
	static const struct check_spoil failure = {
		.spoil = kit_spoil_status,
		.how = LEAD_BEFORE,
		.rule = CHECK_NEVER,
		.what = "a status that is no success",
	};

	check_spoil_answers(l, &rubbish);
	check_spoil_answers(l, &failure);
}
