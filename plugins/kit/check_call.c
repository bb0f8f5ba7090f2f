/* SPDX-License-Identifier: Apache-2.0 */

/* What a bank says of its own accord: true words at all times, and how they are answered. */
#include <assert.h>
#include <string.h>

#include "plugins/kit/check.h"

enum { CHECK_CALLS = 50, CHECK_DAY_S = 86400 };

/* A true call must be taken for what it is. */
static void check_taken(struct lead *l)
{
	if (l->bank->call == NULL || lead_failed(l)) {
		return;
	}
	if (l->end.first == ALYM_ACTION_ANSWER) {
		lead_fail(l, "refuses a true call");
	} else if (l->end.first == ALYM_ACTION_CHECK && strcmp(l->end.about, l->number) != 0 &&
		   !text_is(l->drive.order.code, l->end.about)) {
		lead_fail(l, "asks about %s after a call about %s", l->end.about, l->number);
	} else if (l->bank->proves && l->end.first != ALYM_ACTION_VERDICT) {
		lead_fail(l, "does not believe a call that proves the outcome");
	}
}

/* Whether money comes in without STATUS. */
static bool check_is_told(const struct lead *l)
{
	return l->bank->call != NULL && l->bank->proves;
}

void check_approve(struct lead *l)
{
	int64_t amount;
	bool asks = check_asks(l);

	if (!asks && !check_is_told(l)) {
		lead_fail(l, "nothing can ever be paid: neither calls nor STATUS say so");
	}
	check_reach(l, ALYM_OPERATION_STATUS);
	amount = l->drive.order.amount.minor;
	check_credited(l, 0, "before the payer paid");
	if (l->bank->call != NULL) {
		lead_call(l, l->bank->call);
		check_taken(l);
	}
	lead_operate(l, ALYM_OPERATION_STATUS);
	check_credited(l, amount, "told and asked");
	check_reach(l, ALYM_OPERATION_STATUS);
	lead_operate(l, ALYM_OPERATION_STATUS);
	lead_operate(l, ALYM_OPERATION_STATUS);
	if (asks) {
		check_credited(l, amount, "asked twice");
	}
	check_tell(l);
	check_credited(l, amount, "asked, told and asked");
}

void check_decline(struct lead *l)
{
	check_reach(l, ALYM_OPERATION_PAY);
	lead_say(l, KIT_DECLINED);
	lead_operate(l, ALYM_OPERATION_PAY);
	if (l->end.sends > 0 && l->end.kind != ALYM_DECLINED && l->end.kind != ALYM_UNKNOWN) {
		lead_fail(l, "an order that the bank refuses is not declined");
	}
	check_reach(l, ALYM_OPERATION_STATUS);
	lead_say(l, KIT_DECLINED);
	if (l->bank->call != NULL) {
		lead_call(l, l->bank->call);
		if (l->end.first == ALYM_ACTION_VERDICT && l->end.kind != ALYM_DECLINED) {
			lead_fail(l, "a call that says declined is another verdict");
		}
	}
	lead_operate(l, ALYM_OPERATION_STATUS);
	if (l->end.sends > 0 && l->end.kind != ALYM_DECLINED) {
		lead_fail(l, "STATUS of what the bank declined is not declined");
	}
	check_credited(l, 0, "declined");
}

void check_duplicate(struct lead *l)
{
	struct buffer first;

	if (l->bank->call == NULL) {
		return;
	}
	buffer_init(&first, KIT_MESSAGE_MAX);
	check_reach(l, ALYM_OPERATION_STATUS);
	lead_call(l, l->bank->call);
	buffer_add(&first, buffer_text(&l->answer));
	for (int i = 1; i < CHECK_CALLS; i++) {
		lead_call(l, l->bank->call);
		if (!text_equal(buffer_text(&first), buffer_text(&l->answer))) {
			lead_fail(l, "answers call %d in another way than the first", i + 1);
		}
	}
	check_taken(l);
	lead_operate(l, ALYM_OPERATION_STATUS);
	check_credited(l, l->drive.order.amount.minor, "told fifty times");
	buffer_done(&first);
}

void check_reordered(struct lead *l)
{
	int64_t amount;

	if (l->bank->call == NULL) {
		return;
	}
	lead_begin(l, KIT_PAID); /* before PAY */
	amount = l->drive.order.amount.minor;
	lead_call(l, l->bank->call);
	l->word.outcome = KIT_PENDING;
	lead_operate(l, ALYM_OPERATION_PAY);
	lead_say(l, KIT_PAID);
	check_tell(l);
	check_credited(l, amount, "told before the order was made");

	check_reach(l, ALYM_OPERATION_STATUS); /* an old refusal comes last */
	lead_call(l, l->bank->call);
	l->word.outcome = KIT_DECLINED;
	lead_call(l, l->bank->call);
	l->word.outcome = KIT_PAID;
	lead_operate(l, ALYM_OPERATION_STATUS);
	check_credited(l, amount, "told paid, then declined");

	check_reach(l, ALYM_OPERATION_STATUS);
	l->word.outcome = KIT_DECLINED;
	lead_call(l, l->bank->call);
	l->word.outcome = KIT_PAID;
	check_tell(l);
	check_credited(l, amount, "told declined, then paid");
}

void check_late(struct lead *l)
{
	bool refused;

	check_reach(l, ALYM_OPERATION_STATUS);
	l->drive.now = l->drive.order.expires_at + CHECK_DAY_S;
	lead_say(l, KIT_PAID);
	l->word.paid_at = l->drive.now;
	l->truth = l->word;
	if (l->bank->call != NULL) {
		lead_call(l, l->bank->call);
		check_taken(l);
	}
	refused = l->end.first == ALYM_ACTION_VERDICT && l->end.decision == ALYM_ANSWER_CLOSED;
	lead_operate(l, ALYM_OPERATION_STATUS);
	check_credited(l, refused ? 0 : l->drive.order.amount.minor, "paid a day late");
}

void check_replayed(struct lead *l)
{
	if (l->bank->call == NULL) {
		return;
	}
	check_reach(l, ALYM_OPERATION_STATUS);
	check_tell(l);
	check_credited(l, l->drive.order.amount.minor, "told");
	lead_write(l, l->bank->call, KIT_KEY_OURS);
	for (int i = 0; i < 3; i++) {
		l->drive.now += CHECK_DAY_S;
		lead_deliver(l);
	}
	lead_operate(l, ALYM_OPERATION_STATUS);
	check_credited(l, l->drive.order.amount.minor, "the same call for days");
}

/* ---- decisions ---- */

/* The answer to `kind` goes to `answer`. */
static void check_decide(struct lead *l, kit_call *call, enum alym_answer_kind kind,
	struct buffer *answer)
{
	struct alym_decision decision = {
		.kind = kind,
		.record = kind == ALYM_ANSWER_BOOKED ? KIT_BOOK_RECORD_FIRST : 0,
		.booked_at = l->drive.now,
		.due = l->drive.order.amount,
		.service = TEXT("visa.multiple"),
	};

	check_reach(l, ALYM_OPERATION_STATUS);
	l->decision = &decision;
	lead_call(l, call);
	l->decision = NULL;
	buffer_reset(answer);
	buffer_add(answer, buffer_text(&l->answer));
}

static const enum alym_answer_kind check_noes[] = { ALYM_ANSWER_BUSY, ALYM_ANSWER_UNKNOWN,
	ALYM_ANSWER_PAID, ALYM_ANSWER_CLOSED, ALYM_ANSWER_WRONG_AMOUNT };
enum { CHECK_NOES = sizeof(check_noes) / sizeof(*check_noes) };

/* Each "no" that may come is answered otherwise than the "yes". */
static void check_decisions(struct lead *l, kit_call *call)
{
	struct buffer yes;
	struct buffer no;
	size_t count = 1;
	enum alym_answer_kind good = ALYM_ANSWER_NOTED;

	check_reach(l, ALYM_OPERATION_STATUS);
	lead_call(l, call);
	if (l->end.first == ALYM_ACTION_VERDICT) {
		good = ALYM_ANSWER_BOOKED;
		count = l->end.refusable ? CHECK_NOES : 1;
	} else if (l->end.first == ALYM_ACTION_ASK) {
		good = ALYM_ANSWER_PAYABLE;
		count = CHECK_NOES - 1;
	}
	buffer_init(&yes, KIT_MESSAGE_MAX);
	buffer_init(&no, KIT_MESSAGE_MAX);
	check_decide(l, call, ALYM_ANSWER_NOTED, &yes);
	check_decide(l, call, ALYM_ANSWER_UNKNOWN, &yes);
	check_decide(l, call, good, &yes);
	for (size_t i = 0; i < count && !lead_failed(l); i++) {
		check_decide(l, call, check_noes[i], &no);
		if (text_equal(buffer_text(&yes), buffer_text(&no))) {
			lead_fail(l, "answers decision %d as if it were yes", (int)check_noes[i]);
		}
	}
	buffer_done(&yes);
	buffer_done(&no);
}

void check_decision(struct lead *l)
{
	if (l->bank->call != NULL) {
		check_decisions(l, l->bank->call);
	}
	if (l->bank->ask != NULL) {
		check_decisions(l, l->bank->ask);
	}
}
