/* SPDX-License-Identifier: Apache-2.0 */

/*
 * kind - the words of the book's records, causes and events, by number and by name.
 *
 * The numbers are on disk for ever: they are never reused, new ones are added at the end.
 */
#ifndef ALYM_LEDGER_KIND_H
#define ALYM_LEDGER_KIND_H

enum kind_record {
	KIND_GENERATION = 1,
	KIND_CLIENT,
	KIND_GATEWAY,
	KIND_TARIFF,
	KIND_PAYMENT,
	KIND_REQUOTE,
	KIND_ATTEMPT,
	KIND_ENTRY,
	KIND_CANCELLATION,
	KIND_EXPIRY,
	KIND_FULFILMENT,
	KIND_CHECKPOINT,
	KIND_EVIDENCE, /* a proven message about no single order */
	KIND_RATES,    /* the exchange rates of a day */
	KIND_CLOSE,    /* a month's balances: nothing is booked into it any more */
	KIND_ERASURE,  /* personal data, or what was past its time, went */
	KIND_KEY,      /* another key signs checkpoints */
	KIND_RECORD_END,
};

enum kind_cause {
	KIND_CAPTURE = 1, /* money for the due, perhaps with excess */
	KIND_EXEMPT,      /* nothing to pay: gross fee against relief */
	KIND_HOLD,        /* less than the due */
	KIND_SUSPEND,     /* money without a home */
	KIND_REVERSAL,    /* an entry that was wrong is taken back */
	KIND_CAUSE_END,
};

/* Why money has no home. */
enum kind_reason {
	KIND_REASON_NONE,
	KIND_REASON_PART, /* held under a payment until it reaches the due */
	KIND_REASON_EXCESS,
	KIND_REASON_SECOND, /* the payment was paid already */
	KIND_REASON_CURRENCY,
	KIND_REASON_UNKNOWN,  /* no such code or order */
	KIND_REASON_UNQUOTED, /* nothing says what was due on the day it was paid */
	KIND_REASON_END,
};

enum kind_event {
	KIND_EVENT_NONE,
	KIND_EVENT_CREATED,
	KIND_EVENT_EXEMPT,
	KIND_EVENT_PAID,
	KIND_EVENT_PARTLY_PAID,
	KIND_EVENT_EXCESS,
	KIND_EVENT_REQUOTED,
	KIND_EVENT_CANCELLED,
	KIND_EVENT_EXPIRED,
	KIND_EVENT_FULFILLED,
	KIND_EVENT_ATTEMPT_CREATED,
	KIND_EVENT_ATTEMPT_PENDING,
	KIND_EVENT_ATTEMPT_AUTHORIZED,
	KIND_EVENT_ATTEMPT_UNKNOWN,
	KIND_EVENT_ATTEMPT_DECLINED,
	KIND_EVENT_ATTEMPT_NOT_ATTEMPTED,
	KIND_EVENT_ATTEMPT_RELEASED,
	KIND_EVENT_ATTEMPT_EXPIRED,
	KIND_EVENT_ERASED,
	KIND_EVENT_REVERSED,
	KIND_EVENT_END,
};

enum kind_account {
	KIND_ASSET,
	KIND_LIABILITY,
	KIND_INCOME,
	KIND_EXPENSE,
	KIND_EQUITY,
	KIND_CONTRA_INCOME,
	KIND_ACCOUNT_END,
};

const char *kind_record_name(enum kind_record kind);   /* "payment" */
const char *kind_cause_name(enum kind_cause cause);    /* "capture" */
const char *kind_reason_name(enum kind_reason reason); /* "second" */
const char *kind_event_name(enum kind_event event);    /* "payment.paid" */
const char *kind_account_name(enum kind_account type); /* "contra_income" */

#endif
