/* SPDX-License-Identifier: Apache-2.0 */

/*
 * lead - whole sessions of a gateway with a bank that says what it is told to, and a book.
 *
 * The one rule that holds in every session is here: what is booked is what the bank really did
 * (`truth`), and a call that proves nothing is never believed.  The first thing that goes against
 * it is kept as the fault.
 */
#ifndef ALYM_PLUGINS_KIT_LEAD_H
#define ALYM_PLUGINS_KIT_LEAD_H

#include "base/attr.h"
#include "plugins/kit/book.h"
#include "plugins/kit/drive.h"
#include "plugins/kit/kit.h"
#include "plugins/kit/spoil.h"
#include "plugins/loader.h"

enum { LEAD_FAULT_SIZE = 640, LEAD_NUMBER_SIZE = 16, LEAD_FOREVER = -1 };

enum lead_how {
	LEAD_NOTHING,
	LEAD_FAIL,   /* SEND `at` and all after it fail */
	LEAD_BEFORE, /* what is said to SEND `at`, or called, is spoilt, then signed */
	LEAD_AFTER,  /* the other way round; spoil NULL: it is only signed with `key` */
	LEAD_UNSIGNED,
};

/* What goes wrong in the sessions that are led. */
struct lead_meddle {
	enum lead_how how;
	int at;
	bool on; /* what is said later, too */
	enum alym_failure failure;
	kit_spoil *spoil;
	size_t n;
	bool over; /* set by a session: there is no nth way */
	enum kit_key key;
};

/* What a session came to; what it held is copied. */
struct lead_end {
	int sends;
	bool sealed; /* what was said to SEND `at`, or called, is signed, */
	bool framed; /* or is JSON or XML, which shows when it is cut */
	bool moved;  /* the bank heard a request that moves something */
	enum alym_action_kind first;
	enum alym_verdict_kind kind; /* when there was a verdict */
	bool authorized;
	bool refusable;
	bool way; /* the payer is sent somewhere */
	struct money amount;
	char whose[LEAD_NUMBER_SIZE]; /* the verdict's order or code, as it named one */
	char operation[ALYM_OPERATION_MAX + 1];
	char about[LEAD_NUMBER_SIZE];   /* whom a CHECK or an ASK is about */
	enum alym_answer_kind decision; /* of a call */
};

struct lead {
	const struct kit_bank *bank;
	struct loader_plugin plugin;
	struct alym_gateway_state *state;
	struct drive drive;
	struct kit_book book;
	struct kit_word word;  /* what the bank says */
	struct kit_word truth; /* what it did */
	struct lead_meddle meddle;
	const struct alym_decision *decision; /* of the next calls; NULL: the book's */
	bool repeat; /* CAPTURE, RELEASE, REFUND: the bank has done it already */
	int moves;   /* how often the bank did what such an operation asked for */
	struct lead_end end;
	struct buffer answer; /* to the last call, as text */
	struct buffer trace;  /* all that the gateway made of everything, as text */
	struct kit_message message;
	struct kit_message plain;
	struct kit_message other;
	char number[LEAD_NUMBER_SIZE];
	char other_number[LEAD_NUMBER_SIZE];
	char handle[ALYM_HANDLE_MAX + 1];
	char fault[LEAD_FAULT_SIZE]; /* empty: nothing was wrong */
};

/* False, with the fault set, when the gateway can not be opened.  Afterwards lead_close() in any
 * case. */
bool lead_open(struct lead *l, const struct kit_bank *bank) MUST_USE;
void lead_close(struct lead *l);

/* A new order and an empty book; the bank says and did `outcome`, nothing meddles. */
void lead_begin(struct lead *l, enum kit_outcome outcome);

/* The bank says and did this from now on. */
void lead_say(struct lead *l, enum kit_outcome outcome);

/* Leads an operation on the order to its end, and books its verdict. */
void lead_operate(struct lead *l, enum alym_operation operation);

/* Has the bank call, and does what the gateway makes of it; `call` is the bank's call or ask. */
void lead_call(struct lead *l, kit_call *call);

/* The same with what l->message holds, as it stands. */
void lead_deliver(struct lead *l);

/* Writes what `call` makes of l->word to l->message, signed with `key`. */
void lead_write(struct lead *l, kit_call *call, enum kit_key key);

bool lead_failed(const struct lead *l);

/* Keeps the first fault only. */
void lead_fail(struct lead *l, const char *format, ...) PRINTF_LIKE(2, 3);

bool lead_can(const struct lead *l, enum alym_operation operation);

const char *lead_operation_name(enum alym_operation operation);

/* "done 129750.00 KZT of 12345678 by op-1": what the last session came to. */
void lead_describe(const struct lead *l, char *out, size_t out_size);

#endif
