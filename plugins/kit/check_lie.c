/* SPDX-License-Identifier: Apache-2.0 */

/* What is not true, not whole or not meant for us. */
#include <assert.h>
#include <string.h>

#include "plugins/kit/check.h"

enum { CHECK_LESS = 100, CHECK_TIMES = 100 };

static const struct check_honest check_none = { .end = { .first = ALYM_ACTION_ANSWER } };

void check_unproven(struct lead *l)
{
	if (l->bank->call == NULL || l->bank->proves) {
		return;
	}
	check_reach(l, ALYM_OPERATION_STATUS);
	l->truth.outcome = KIT_PENDING; /* whoever wrote the call, nobody paid */
	lead_call(l, l->bank->call);
	l->word.outcome = KIT_PENDING;
	lead_operate(l, ALYM_OPERATION_STATUS);
	check_credited(l, 0, "told, but not paid");
}

/* ---- signatures ---- */

static void check_forge_call(struct lead *l)
{
	static const struct check_spoil seal = {
		.spoil = kit_spoil_seal,
		.how = LEAD_AFTER,
		.rule = CHECK_NOTHING,
		.what = "with a bit of its signature changed",
	};
	static const struct check_spoil bit = {
		.spoil = kit_spoil_bit,
		.how = LEAD_AFTER,
		.rule = CHECK_SAME,
		.what = "with a bit changed",
	};

	check_spoil_call(l, l->bank->call, &seal);
	check_spoil_call(l, l->bank->call, &bit);
	check_reach(l, ALYM_OPERATION_STATUS);
	l->meddle.how = LEAD_UNSIGNED;
	lead_call(l, l->bank->call);
	check_call_end(l, CHECK_NOTHING, &check_none, "not signed");
	check_reach(l, ALYM_OPERATION_STATUS);
	lead_write(l, l->bank->call, KIT_KEY_OURS);
	kit_message_replace(&l->message, text_of(l->number), text_of(l->other_number));
	kit_message_replace(&l->message, l->drive.order.code, TEXT("301234567891"));
	lead_deliver(l);
	check_call_end(l, CHECK_NOTHING, &check_none, "about one order, signed for another");
}

static void check_forge_answers(struct lead *l)
{
	static const struct check_spoil seal = {
		.spoil = kit_spoil_seal,
		.how = LEAD_AFTER,
		.rule = CHECK_NOTHING,
		.sealed = true,
		.what = "with a bit of its signature changed",
	};
	static const struct check_spoil bit = {
		.spoil = kit_spoil_bit,
		.how = LEAD_AFTER,
		.rule = CHECK_SAME,
		.sealed = true,
		.what = "with a bit changed",
	};

	check_spoil_answers(l, &seal);
	check_spoil_answers(l, &bit);
}

/* Whether calls are signed at all. */
static bool check_signs_calls(struct lead *l)
{
	if (l->bank->call == NULL) {
		return false;
	}
	check_reach(l, ALYM_OPERATION_STATUS);
	lead_call(l, l->bank->call);
	return l->end.sealed;
}

void check_forged(struct lead *l)
{
	if (check_signs_calls(l)) {
		check_forge_call(l);
	} else if (l->bank->call != NULL) {
		lead_fail(l, "its calls are not signed: say in a waiver what keeps others out");
	}
	check_forge_answers(l);
}

/* Every operation's SEND `at`, with a good answer that is signed in that way. */
static void check_sign_answers(struct lead *l, enum lead_how how, enum kit_key key,
	const char *what)
{
	for (int i = ALYM_OPERATION_PAY; i <= ALYM_OPERATION_REFUND; i++) {
		enum alym_operation operation = (enum alym_operation)i;
		int sends = lead_can(l, operation) ? 1 : 0;

		for (int at = 0; at < sends && !lead_failed(l); at++) {
			check_reach(l, operation);
			l->meddle.at = at;
			lead_operate(l, operation);
			sends = l->end.sends;
			if (!l->end.sealed) {
				continue;
			}
			check_reach(l, operation);
			l->meddle = (struct lead_meddle){ .how = how, .at = at, .key = key };
			lead_operate(l, operation);
			check_operation_end(l, operation, CHECK_NOTHING, &check_none, what);
		}
	}
}

void check_key(struct lead *l)
{
	if (check_signs_calls(l)) {
		check_reach(l, ALYM_OPERATION_STATUS);
		l->meddle = (struct lead_meddle){ .how = LEAD_AFTER, .key = KIT_KEY_ANOTHER };
		lead_call(l, l->bank->call);
		check_call_end(l, CHECK_NOTHING, &check_none, "signed with another key");
	}
	check_sign_answers(l, LEAD_AFTER, KIT_KEY_ANOTHER, "signed with another key");
	check_sign_answers(l, LEAD_UNSIGNED, KIT_KEY_OURS, "not signed");
}

/* ---- true words about something else ---- */

/* The bank's word as it now is, in a call and in an answer: nothing may come of it but what
 * l->truth allows. */
static void check_word(struct lead *l)
{
	if (l->bank->call != NULL) {
		lead_call(l, l->bank->call);
	}
	lead_operate(l, ALYM_OPERATION_STATUS);
}

/* What the bank said last, before it was signed. */
static void check_said(struct lead *l, struct buffer *out)
{
	size_t begin = 0;

	buffer_reset(out);
	buffer_add(out, buffer_text(kit_message_said(&l->plain, &begin)));
}

static void check_merchant_of_call(struct lead *l, struct buffer *ours, struct buffer *theirs)
{
	check_reach(l, ALYM_OPERATION_STATUS);
	lead_call(l, l->bank->call);
	check_said(l, ours);
	check_reach(l, ALYM_OPERATION_STATUS);
	l->word.another_merchant = true;
	l->truth.another_merchant = true;
	lead_call(l, l->bank->call);
	check_said(l, theirs);
	if (text_equal(buffer_text(ours), buffer_text(theirs))) {
		lead_fail(l, "its calls name no merchant: say in a waiver why they are ours");
	} else if (l->end.first == ALYM_ACTION_VERDICT) {
		lead_fail(l, "gives a verdict about another merchant's order");
	}
}

/* An answer that names no merchant is ours by the request that it answers. */
static void check_merchant_of_answer(struct lead *l, struct buffer *ours, struct buffer *theirs)
{
	check_reach(l, ALYM_OPERATION_STATUS);
	lead_operate(l, ALYM_OPERATION_STATUS);
	check_said(l, ours);
	check_reach(l, ALYM_OPERATION_STATUS);
	l->word.another_merchant = true;
	lead_operate(l, ALYM_OPERATION_STATUS);
	check_said(l, theirs);
	if (!text_equal(buffer_text(ours), buffer_text(theirs)) && l->end.kind != ALYM_UNKNOWN) {
		lead_fail(l, "takes an answer about another merchant's order for its own");
	}
}

void check_merchant(struct lead *l)
{
	struct buffer ours;
	struct buffer theirs;

	buffer_init(&ours, KIT_MESSAGE_MAX);
	buffer_init(&theirs, KIT_MESSAGE_MAX);
	if (l->bank->call != NULL) {
		check_merchant_of_call(l, &ours, &theirs);
	}
	if (check_asks(l)) {
		check_merchant_of_answer(l, &ours, &theirs);
	}
	buffer_done(&ours);
	buffer_done(&theirs);
}

void check_amount(struct lead *l)
{
	for (int i = 0; i < 3; i++) {
		struct money *said = &l->word.amount;

		check_reach(l, ALYM_OPERATION_STATUS);
		said->minor = i == 0   ? said->minor - CHECK_LESS
			      : i == 1 ? said->minor + CHECK_LESS
				       : said->minor * CHECK_TIMES;
		l->truth.amount = *said;
		check_word(l);
		if (l->book.credited != 0) {
			check_credited(l, said->minor, "another amount");
		}
	}
}

void check_currency(struct lead *l)
{
	static const char currencies[][MONEY_CURRENCY_SIZE] = { "USD", "RUB", "XXX" };

	for (size_t i = 0; i < sizeof(currencies) / sizeof(*currencies); i++) {
		check_reach(l, ALYM_OPERATION_STATUS);
		memcpy(l->word.amount.currency, currencies[i], MONEY_CURRENCY_SIZE);
		l->truth.amount = l->word.amount;
		check_word(l);
	}
}

void check_order(struct lead *l)
{
	static const enum kit_outcome outcomes[] = { KIT_PAID, KIT_DECLINED, KIT_HELD };

	for (size_t i = 0; i < sizeof(outcomes) / sizeof(*outcomes); i++) {
		check_reach(l, ALYM_OPERATION_STATUS);
		lead_say(l, outcomes[i]);
		if (outcomes[i] == KIT_HELD && !lead_can(l, ALYM_OPERATION_CAPTURE)) {
			continue;
		}
		l->word.number = text_of(l->other_number);
		l->word.code = TEXT("301234567891");
		l->truth = l->word;
		lead_operate(l, ALYM_OPERATION_STATUS);
		if (l->end.sends > 0) {
			check_operation_end(l, ALYM_OPERATION_STATUS, CHECK_NOTHING, &check_none,
				"about another order");
		}
		check_credited(l, 0, "another order was paid");
	}
}

/* ---- not whole, too much, not text ---- */

void check_cut(struct lead *l)
{
	static const struct check_spoil after = {
		.spoil = kit_spoil_cut,
		.how = LEAD_AFTER,
		.rule = CHECK_SAME,
		.framed = true,
		.what = "cut short",
	};
	static const struct check_spoil before = {
		.spoil = kit_spoil_cut,
		.how = LEAD_BEFORE,
		.rule = CHECK_SAME,
		.framed = true,
		.what = "cut short, then signed",
	};

	check_spoil_all(l, &after);
	check_spoil_all(l, &before);
}

void check_size(struct lead *l)
{
	static const struct check_spoil after = { .spoil = kit_spoil_size,
		.how = LEAD_AFTER,
		.rule = CHECK_SAME,
		.what = "grown" };
	static const struct check_spoil before = {
		.spoil = kit_spoil_size,
		.how = LEAD_BEFORE,
		.rule = CHECK_SAME,
		.what = "grown, then signed",
	};

	check_spoil_all(l, &after);
	check_spoil_all(l, &before);
}

void check_encoding(struct lead *l)
{
	static const struct check_spoil bytes = {
		.spoil = kit_spoil_utf8,
		.how = LEAD_BEFORE,
		.rule = CHECK_SAME,
		.what = "not UTF-8",
	};

	check_spoil_all(l, &bytes);
}

void check_member(struct lead *l)
{
	struct check_spoil member = {
		.spoil = kit_spoil_member,
		.how = LEAD_BEFORE,
		.rule = CHECK_SAME,
		.what = "a member missing, doubled or unknown",
	};
	struct check_spoil value = {
		.spoil = kit_spoil_value,
		.how = LEAD_BEFORE,
		.rule = CHECK_ALIKE,
		.what = "a member of another type",
	};

	check_spoil_all(l, &member);
	check_spoil_all(l, &value);
	member.more = -CHECK_LESS;
	check_spoil_all(l, &member);
}
