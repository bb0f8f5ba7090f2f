/* SPDX-License-Identifier: Apache-2.0 */
#include "plugins/kit/check.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

void check_tell(struct lead *l)
{
	if (l->bank->call != NULL) {
		lead_call(l, l->bank->call);
	}
	lead_operate(l, ALYM_OPERATION_STATUS);
}

void check_reach(struct lead *l, enum alym_operation operation)
{
	lead_begin(l, KIT_PENDING);
	if (operation == ALYM_OPERATION_PAY) {
		return;
	}
	lead_operate(l, ALYM_OPERATION_PAY);
	if (operation == ALYM_OPERATION_REFUND) {
		lead_say(l, KIT_PAID);
		check_tell(l);
	} else if (operation != ALYM_OPERATION_STATUS) {
		lead_say(l, KIT_HELD);
		lead_operate(l, ALYM_OPERATION_STATUS);
	}
	lead_say(l, KIT_PAID);
}

bool check_asks(struct lead *l)
{
	check_reach(l, ALYM_OPERATION_STATUS);
	lead_operate(l, ALYM_OPERATION_STATUS);
	return l->end.sends > 0;
}

void check_credited(struct lead *l, int64_t minor, const char *when)
{
	if (l->book.credited != minor) {
		lead_fail(l, "%s: %" PRId64 " is booked instead of %" PRId64, when,
			l->book.credited, minor);
	}
}

bool check_came_to_nothing(const struct lead *l, enum alym_operation operation)
{
	if (l->end.kind == ALYM_NOT_ATTEMPTED) {
		return operation != ALYM_OPERATION_STATUS && !l->drive.again && !l->end.moved;
	}
	return l->end.kind == ALYM_UNKNOWN;
}

static bool check_is_same(const struct lead_end *a, const struct lead_end *b, enum check_rule rule)
{
	return (rule == CHECK_SAME || rule == CHECK_ALIKE) && a->first == b->first &&
	       a->kind == b->kind && a->authorized == b->authorized && a->way == b->way &&
	       a->amount.minor == b->amount.minor &&
	       memcmp(a->amount.currency, b->amount.currency, sizeof(a->amount.currency)) == 0 &&
	       strcmp(a->whose, b->whose) == 0 &&
	       (rule == CHECK_ALIKE || strcmp(a->operation, b->operation) == 0);
}

/* A status that says no, and not only "later". */
static bool check_refuses(int status)
{
	return status >= 400 && status <= 499 && status != 408 && status != 425 && status != 429;
}

/* What else the rule lets an operation come to. */
static bool check_allows(const struct lead *l, enum alym_operation operation, enum check_rule rule)
{
	bool refused =
		operation == ALYM_OPERATION_PAY && !l->drive.again && l->end.kind == ALYM_DECLINED;
	bool no = l->end.kind != ALYM_DONE && !l->end.authorized;
	int status = l->message.status;
	bool meant = check_refuses(status) || (l->end.sealed && status >= 400 && status <= 499);

	return (rule == CHECK_ALIKE && refused) ||
	       (rule == CHECK_REFUSED && refused && check_refuses(status)) ||
	       (rule == CHECK_NEVER && no && meant);
}

/* What was said, shortened, for the fault's text. */
static void check_complain(struct lead *l, const char *where, const char *what)
{
	size_t begin = 0;
	const struct buffer *said = kit_message_said(&l->message, &begin);
	int size = said->size - begin > 200 ? 200 : (int)(said->size - begin);
	char end[256];

	lead_describe(l, end, sizeof(end));
	lead_fail(l, "%s, %s (%zu) comes to: %s; HTTP %d '%.*s'", where, what, l->meddle.n, end,
		l->message.status, size, size > 0 ? said->bytes + begin : "");
}

void check_operation_end(struct lead *l, enum alym_operation operation, enum check_rule rule,
	const struct check_honest *honest, const char *what)
{
	if (!lead_failed(l) && !check_came_to_nothing(l, operation) &&
		!check_allows(l, operation, rule) && !check_is_same(&l->end, &honest->end, rule)) {
		check_complain(l, lead_operation_name(operation), what);
	}
}

void check_call_end(struct lead *l, enum check_rule rule, const struct check_honest *honest,
	const char *what)
{
	bool refused = l->end.first == ALYM_ACTION_ANSWER ||
		       (rule != CHECK_NOTHING && l->end.first != ALYM_ACTION_VERDICT);

	if (!lead_failed(l) && !refused && !check_is_same(&l->end, &honest->end, rule)) {
		check_complain(l, "a call", what);
	}
}

/* ---- every message, spoilt ---- */

/* Whether that way means anything for the message that was last said. */
static bool check_fits(const struct lead *l, const struct check_spoil *spoil)
{
	const struct lead_end *end = &l->end;

	if (spoil->framed && !end->framed && (!end->sealed || spoil->how == LEAD_BEFORE)) {
		return false;
	}
	return !spoil->sealed || end->sealed;
}

static void check_offset(struct lead *l, int64_t more)
{
	l->word.amount.minor += more;
	l->truth.amount.minor += more;
}

static struct lead_meddle check_meddle(const struct check_spoil *spoil, int at, size_t n)
{
	return (struct lead_meddle){
		.how = spoil->how,
		.at = at,
		.on = spoil->spoil == kit_spoil_rubbish || spoil->spoil == kit_spoil_status,
		.spoil = spoil->spoil,
		.n = n,
	};
}

/* Every way at SEND `at`; the number of SENDs there are when all goes well. */
static int check_spoil_send(struct lead *l, enum alym_operation operation, int at,
	const struct check_spoil *spoil)
{
	struct check_honest honest;
	struct kit_book book;

	check_reach(l, operation);
	check_offset(l, operation == ALYM_OPERATION_STATUS ? spoil->more : 0);
	book = l->book;
	l->meddle.at = at;
	lead_operate(l, operation);
	honest.end = l->end;
	if (l->end.sends <= at || !check_fits(l, spoil)) {
		return l->end.sends;
	}
	for (size_t n = 0; !lead_failed(l); n++) {
		l->book = book;
		l->meddle = check_meddle(spoil, at, n);
		lead_operate(l, operation);
		if (l->meddle.over) {
			break;
		}
		check_operation_end(l, operation, spoil->rule, &honest, spoil->what);
	}
	return honest.end.sends;
}

void check_spoil_answers(struct lead *l, const struct check_spoil *spoil)
{
	for (int i = ALYM_OPERATION_PAY; i <= ALYM_OPERATION_REFUND; i++) {
		enum alym_operation operation = (enum alym_operation)i;

		if (lead_can(l, operation) && l->bank->answer != NULL) {
			int sends = 1;

			for (int at = 0; at < sends && !lead_failed(l); at++) {
				sends = check_spoil_send(l, operation, at, spoil);
			}
		}
	}
}

void check_spoil_call(struct lead *l, kit_call *call, const struct check_spoil *spoil)
{
	struct check_honest honest;

	if (call == NULL) {
		return;
	}
	check_reach(l, ALYM_OPERATION_STATUS);
	check_offset(l, spoil->more);
	lead_call(l, call);
	honest.end = l->end;
	if (!check_fits(l, spoil)) {
		return;
	}
	for (size_t n = 0; !lead_failed(l); n++) {
		kit_book_init(&l->book, &l->drive.order);
		l->meddle = check_meddle(spoil, 0, n);
		lead_call(l, call);
		if (l->meddle.over) {
			break;
		}
		check_call_end(l, spoil->rule, &honest, spoil->what);
	}
}

void check_spoil_all(struct lead *l, const struct check_spoil *spoil)
{
	check_spoil_answers(l, spoil);
	check_spoil_call(l, l->bank->call, spoil);
	check_spoil_call(l, l->bank->ask, spoil);
}
