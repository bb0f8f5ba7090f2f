/* SPDX-License-Identifier: Apache-2.0 */

/*
 * kit - one battery of checks that every gateway passes, with its own bank's messages.
 *
 * A gateway's test supplies a `struct kit_bank`: how its bank says "paid", "declined" and so on, in
 * answers and in calls, and how it signs.  The kit says these things in order and out of order,
 * twice, late, cut short, forged, about somebody else, and keeps a small book of what came of it.
 * What it holds the gateway to is what may be booked: each movement once, never other than the bank
 * itself said, nothing on the word of a message that proves nothing, and no failure as a refusal.
 * Nothing of a session is left in memory when its next step begins, so that a gateway that holds on
 * to something is seen.
 *
 * It knows no protocol, and of the real book only what `struct kit_book` needs to decide.
 */
#ifndef ALYM_PLUGINS_KIT_KIT_H
#define ALYM_PLUGINS_KIT_KIT_H

#include "plugins/gateway.h"
#include "plugins/kit/message.h"

enum kit_check {
	KIT_OPERATIONS, /* each operation ends within the ABI's limits; what the bank does not have
			   moves nothing */
	KIT_MEMORY,     /* nothing of a step is used in the next */
	KIT_APPROVE,    /* paid: booked once, whether told, asked, or both */
	KIT_DECLINE,    /* declined: nothing booked, and said so */
	KIT_WAITING,    /* pending, held, or not known to the bank: nothing booked */
	KIT_HOLD,       /* held money: taken once, given up without a trace */
	KIT_REFUND,     /* given back once, also when the first answer was lost */
	KIT_FAILURE,    /* NOT_SENT and PERHAPS_SENT at every SEND: never done, never declined */
	KIT_LOST,       /* PAY's answer lost, before the bank did it and after: found by STATUS */
	KIT_STATUS,     /* every kind of HTTP status, with nothing, rubbish and the true body */
	KIT_DUPLICATE,  /* the same call fifty times: booked once, answered alike */
	KIT_REORDERED,  /* calls before the order, after the outcome, against it */
	KIT_LATE,       /* paid after the order's end: not lost */
	KIT_DECISION,   /* each decision of the book has its answer; yes is not no */
	KIT_UNPROVEN,   /* a call whose signature does not cover the outcome is only a hint */
	KIT_FORGED,     /* any byte changed; signed for another order */
	KIT_KEY,        /* signed with another key, or not at all */
	KIT_REPLAYED,   /* the same call again, days later */
	KIT_MERCHANT,   /* another merchant's call and answer */
	KIT_AMOUNT,     /* another amount: what the bank says, or nothing */
	KIT_CURRENCY,   /* another currency, known and unknown */
	KIT_ORDER,      /* an answer about another order */
	KIT_CUT,        /* cut short at every byte */
	KIT_SIZE,       /* far too large */
	KIT_ENCODING,   /* not UTF-8, at every byte */
	KIT_MEMBER,     /* each member missing, doubled, unknown, of another type; two statuses */
	KIT_CHECK_COUNT
};

enum kit_outcome {
	KIT_PAID,     /* done; of CAPTURE, RELEASE and REFUND: that was done */
	KIT_DECLINED, /* refused for good */
	KIT_PENDING,  /* the payer is at it */
	KIT_HELD,     /* authorised, to be captured; only where CAPTURE is among `operations` */
	KIT_ABSENT,   /* the bank does not know the order; only in answers */
	KIT_OUTCOME_COUNT
};

/*
 * What the bank is to say.  `outcome` is about the operation: in a CAPTURE session KIT_PAID says
 * that the capture is done, and a question about the status put on the way is answered by `done`.
 */
struct kit_word {
	enum kit_outcome outcome;
	enum alym_operation operation; /* of the session that asks; of a call PAY */
	bool done;          /* CAPTURE, RELEASE, REFUND: it was done before, and this is a repeat */
	struct text number; /* whose: the order's number */
	struct text code;   /* and the payment's code; a call names whichever its protocol has */
	struct money amount;   /* paid, held or to be paid; of REFUND: given back.  The currency may
				  be one that Alym does not know */
	struct text movement;  /* 12 digits: what the bank's id of the movement of money may be made
				  of; the same whenever the same movement is spoken of */
	int64_t paid_at;       /* Unix seconds */
	int64_t now;           /* when this is said */
	bool another_merchant; /* to whom it was paid: not us, though our key signs.  An answer
				  that names no merchant leaves it out */
};

enum kit_key {
	KIT_KEY_OURS,
	KIT_KEY_ANOTHER, /* as long as ours, and not ours */
};

/*
 * `answer` makes the bank's answer to `asked`, whatever the gateway sends in that operation: a
 * token, a registration, a status.  `call` makes a call, that an order is paid or declined.  Both
 * begin with an empty message and leave the signature out.
 */
typedef void kit_answer(const struct kit_word *word, const struct alym_request *asked,
	struct kit_message *answer);
typedef void kit_call(const struct kit_word *word, struct kit_message *call);

/*
 * Adds what proves the message, over what stands in it, well-formed or not; `asked` is NULL for a
 * call.  Adds nothing where that direction is not signed.
 */
typedef void kit_seal(enum kit_key key, const struct kit_word *word,
	const struct alym_request *asked, struct kit_message *m);

/* A check that can not be made, and why: it is printed. */
struct kit_waiver {
	enum kit_check check;
	const char *reason;
};

#define KIT_CAN(operation) (1u << (operation))

struct kit_bank {
	const char *gateway; /* path of the shared object */
	const struct alym_setting *settings;
	size_t setting_count;
	int64_t now;         /* Unix seconds: the time of the first event */
	unsigned operations; /* KIT_CAN(ALYM_OPERATION_REFUND) | ...: which of CAPTURE, RELEASE and
				REFUND there are */
	bool proves;         /* a call's signature covers the outcome: VERDICT is its due */
	kit_answer *answer;  /* NULL: the gateway sends nothing */
	kit_call *call;      /* says what became of an order; NULL: the bank never calls */
	kit_call *ask;       /* asks whether a code may be paid; NULL: there is no such call */
	kit_seal *seal;      /* NULL: nothing is signed */
	const struct kit_waiver *waivers;
	size_t waiver_count;
};

/* "approve": what a check is called. */
const char *kit_check_name(enum kit_check check);

/* Makes one check, waived or not.  True when it is passed; else `why` says what was wrong. */
bool kit_judge(const struct kit_bank *bank, enum kit_check check, char *why, size_t why_size);

/* Makes all that are not waived and prints one line for each; the exit code of a test's main(). */
int kit_run(const struct kit_bank *bank);

#endif
