/* SPDX-License-Identifier: Apache-2.0 */

/*
 * gateway - the binary contract between alymd and a payment gateway.
 *
 * A gateway is one shared object exporting one constant, `alym_gateway`.  It does no I/O and keeps
 * no globals: it is a step machine.  alymd opens a session (for one operation on one order, or for
 * one message that arrived at /callbacks/NAME), hands the gateway an event, and obeys the action it
 * gets back; what came of the action is the next event.  The session ends with an action marked so
 * below.  alymd owns sockets, TLS, clock, randomness, retries, timeouts, the log and the book.
 *
 *     operation   START -> SEND -> RESPONSE | FAILURE -> SEND ... -> VERDICT.
 *     message     CALLBACK -> VERDICT | ASK | CHECK | KEEP -> DECISION -> ANSWER.
 *     list        START -> SEND -> RESPONSE | FAILURE -> SEND ... -> LISTED | VERDICT (unknown).
 *
 * A verdict about a message is booked before the gateway hears the DECISION, and the DECISION
 * carries what the book made of it, so that a signed reply can say so; a repeat of the message gets
 * the same decision and hence the same answer.
 *
 * While an operation is PENDING or UNKNOWN alymd asks again: STATUS for a payment, and for CAPTURE,
 * RELEASE and REFUND the same operation with `again` set.  A form is not kept either: whenever the
 * payer's browser comes for it alymd starts PAY with `again` set, so that its times are fresh.
 *
 * Texts point into the event, into the session's memory, into constants, or into the scratch buffer
 * that came with the action; they need to last until the step returns.  Everything that crosses
 * this line is bytes, so that a gateway can also run in a process of its own.
 *
 * `abi` and `size` must both match: gateways are built with the daemon they are loaded by.
 */
#ifndef ALYM_PLUGINS_GATEWAY_H
#define ALYM_PLUGINS_GATEWAY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/date.h"
#include "base/money.h"
#include "base/text.h"

#define ALYM_GATEWAY_ABI    2u
#define ALYM_GATEWAY_SYMBOL "alym_gateway"

enum {
	ALYM_SESSION_MAX = 4096,   /* bytes of memory a session may have */
	ALYM_SCRATCH_SIZE = 65536, /* bytes an action's texts may take */
	ALYM_STEPS_MAX = 16,       /* of one session; the seventeenth ends it as unknown */
	ALYM_HEADERS_MAX = 16,     /* a gateway may set on a request or an answer */
	ALYM_LISTED_MAX = 20,      /* movements in one answer to LIST */
	ALYM_FIELDS_MAX = 64,      /* of a form the payer's browser posts */
	ALYM_OPERATION_MAX = 64,   /* bytes of an operation's id at the gateway */
	ALYM_HANDLE_MAX = 128,     /* bytes of what a gateway wants to remember about an order */
	ALYM_REASON_MAX = 200,     /* bytes of a reason, for the log and the operator */
	ALYM_URL_MAX = 2048,
};

/* ---- configuration ---- */

/* A key the gateway takes in its [gateway NAME] section.  A name ending in "_file" gives the file's
 * contents. */
struct alym_key {
	const char *name;
	bool required;
	const char *help; /* one line */
};

struct alym_setting {
	const char *name;
	struct text value;
};

/* ---- what a session is about ---- */

enum alym_operation {
	ALYM_OPERATION_PAY,    /* make the order payable: register it, fetch a page, build a form */
	ALYM_OPERATION_STATUS, /* what became of the order? */
	ALYM_OPERATION_CAPTURE, /* take money that was authorised */
	ALYM_OPERATION_RELEASE, /* give up an authorisation */
	ALYM_OPERATION_REFUND,
	ALYM_OPERATION_LIST, /* of a gateway that `lists`: what was taken since a time, for whatever
				order?  About no order of ours */
};

/* What is asked for by LIST. */
struct alym_list {
	int64_t since; /* Unix seconds: what was taken from then on */
	struct text
		after; /* the LISTED action's `next` that came before, or empty: from the first */
};

/* One movement of money to us. */
struct alym_listed {
	struct text order; /* one of the two, as the gateway knows it */
	struct text code;
	struct money amount;
	struct text operation; /* its id at the gateway: the one that a verdict about it has */
	int64_t paid_at;       /* Unix seconds; 0: not stated */
};

/* One attempt, as the book knows it. */
struct alym_order {
	struct text number; /* digits, by the gateway's order rule */
	struct text code;   /* the payment's code for payers, 12..15 digits */
	struct money amount;
	struct money captured;     /* booked so far */
	struct text description;   /* UTF-8, for the payer's eyes */
	struct text language;      /* "kk", "ru", "en" */
	struct text return_url;    /* where the payer's browser goes afterwards */
	struct text payer_address; /* of the browser that came for the form; else empty */
	struct text callback_url;
	struct text handle;    /* what an earlier verdict asked to remember, or empty */
	int64_t created_at;    /* Unix seconds */
	int64_t expires_at;    /* the session must not outlive this */
	struct money refund;   /* ALYM_OPERATION_REFUND: how much, */
	struct text refund_id; /* and its number, stable over retries */
	struct money refunded; /* executed before */
};

/* ---- events ---- */

enum alym_event_kind {
	ALYM_EVENT_START,    /* order, operation */
	ALYM_EVENT_RESPONSE, /* message: the answer to the last SEND */
	ALYM_EVENT_FAILURE,  /* failure: the last SEND brought no answer */
	ALYM_EVENT_CALLBACK, /* message: a request arrived for this gateway */
	ALYM_EVENT_DECISION, /* decision: what the book says */
	ALYM_EVENT_TIME,     /* the WAIT is over */
};

enum alym_failure {
	ALYM_FAILURE_NOT_SENT,     /* no connection: the gateway can not have seen it */
	ALYM_FAILURE_PERHAPS_SENT, /* timeout, broken connection, answer too large: nobody knows */
};

struct alym_header {
	struct text name;
	struct text value;
};

/* A request that arrived, or an answer. */
struct alym_message {
	int status;         /* of an answer */
	struct text method; /* of a request: "GET", "POST" */
	struct text path;   /* of a request, with its query, as it came */
	const struct alym_header *headers;
	size_t header_count;
	struct text body;
	struct text peer; /* of a request: the socket's address, "127.0.0.1" */
};

enum alym_answer_kind {
	ALYM_ANSWER_BOOKED,  /* VERDICT: taken into the book (a repeat gets this again, the same) */
	ALYM_ANSWER_NOTED,   /* VERDICT without money, or CHECK: stored, will be acted upon */
	ALYM_ANSWER_PAYABLE, /* ASK: due may be paid now */
	ALYM_ANSWER_UNKNOWN, /* ASK or refusable VERDICT: no such code or order */
	ALYM_ANSWER_PAID,    /* it is paid already; nothing was booked */
	ALYM_ANSWER_CLOSED,  /* cancelled, expired; nothing was booked */
	ALYM_ANSWER_WRONG_AMOUNT, /* refusable VERDICT: due says what is; nothing was booked */
	ALYM_ANSWER_BUSY, /* the book can not be asked now: let the caller repeat; nothing was
			     booked */
};

struct alym_decision {
	enum alym_answer_kind kind;
	int64_t record;    /* the book's number of what was booked, never used twice; 0: nothing */
	int64_t booked_at; /* Unix seconds */
	struct money due;  /* what is to be paid now */
	struct text service; /* the payment's service code: all a payer's bank may show besides the
				sum */
};

struct alym_event {
	enum alym_event_kind kind;
	int64_t now;        /* Unix seconds */
	uint8_t random[32]; /* fresh */
	enum alym_operation operation;
	bool again; /* of an operation: it was started before and may have reached the gateway, so
		       ask before sending anything that is not safe to send twice */
	const struct alym_order *order; /* of an operation but LIST: always there; else NULL */
	const struct alym_list *list;   /* of LIST */
	const struct alym_message *message;
	enum alym_failure failure;
	const struct alym_decision *decision;
};

/* ---- actions ---- */

enum alym_action_kind {
	ALYM_ACTION_SEND,  /* request; then RESPONSE or FAILURE */
	ALYM_ACTION_ASK,   /* about (code or order): what is due?  Then DECISION */
	ALYM_ACTION_CHECK, /* about: the message does not prove the outcome; ask the gateway for the
			      status.  Then DECISION (NOTED) */
	ALYM_ACTION_KEEP,  /* keep: the message is proven but about no single order (a register of
			      payments): evidence for reconciliation.  Then DECISION (NOTED) */
	ALYM_ACTION_VERDICT, /* verdict.  Ends an operation; after a message DECISION follows */
	ALYM_ACTION_ANSWER,  /* answer to whoever sent the message.  Ends */
	ALYM_ACTION_WAIT,    /* wait_ms, at most a minute; then TIME */
	ALYM_ACTION_LISTED,  /* listed, listed_next.  Ends a LIST; with listed_next another follows
			      */
};

enum alym_verdict_kind {
	ALYM_DONE,          /* money was taken (PAY, STATUS, CAPTURE), given back (REFUND), given up
			       (RELEASE) */
	ALYM_PENDING,       /* the payer is at it, or the gateway is */
	ALYM_DECLINED,      /* final: no money moved */
	ALYM_NOT_ATTEMPTED, /* final: the gateway never had the order */
	ALYM_UNKNOWN,       /* nobody knows yet; alymd will ask again */
};

struct alym_form_field {
	struct text name;
	struct text value;
};

/* When the payer paid, by the gateway's own authenticated word. */
enum alym_paid_kind {
	ALYM_PAID_UNSTATED,
	ALYM_PAID_INSTANT, /* paid_at: Unix seconds */
	ALYM_PAID_LOCAL,   /* paid_day, paid_second: by the clock of the gateway's `timezone` */
};

struct alym_verdict {
	enum alym_verdict_kind kind;
	struct text order; /* which order; of an operation it may be left empty: its own */
	struct text code;  /* instead of order: a payment named by its code */
	bool authorized;   /* PENDING: the money is held and waits for CAPTURE */
	bool expired;      /* DECLINED: because the session ran out */
	bool refusable;    /* the payer is not yet debited: the book may say no */
	bool cumulative;   /* amount is all that was ever taken for the order; operation is empty */
	struct money amount;   /* DONE: how much */
	struct text operation; /* DONE: its id at the gateway; with the gateway's name it is booked
				  once for ever */
	enum alym_paid_kind paid;
	int64_t paid_at;
	int32_t paid_day;
	int32_t paid_second;
	struct text handle;   /* to remember with the order; empty: as before */
	struct text reason;   /* for the log and the operator; no personal data, no secrets */
	struct text pay_url;  /* PENDING: where the payer's browser is to go, or */
	struct text form_url; /* where it is to post these fields */
	const struct alym_form_field *fields;
	size_t field_count;
};

struct alym_request {
	struct text method; /* "GET" or "POST" */
	struct text url;    /* https: only; its host and port are those of a setting that is named
			       `endpoint` or ends in "_endpoint" */
	const struct alym_header *headers;
	size_t header_count;
	struct text body;
};

struct alym_reply {
	int status;
	const struct alym_header *headers;
	size_t header_count;
	struct text body;
};

struct alym_scratch {
	char *bytes; /* ALYM_SCRATCH_SIZE of them, lent by alymd */
	size_t size; /* used so far; zero when a step begins; more than there is: something did not
			fit, and the session ends as unknown */
	struct alym_header headers[ALYM_HEADERS_MAX];
	struct alym_form_field fields[ALYM_FIELDS_MAX];
	struct alym_listed listed[ALYM_LISTED_MAX];
};

struct alym_action {
	enum alym_action_kind kind;
	struct alym_request request; /* SEND */
	struct text about_code;      /* ASK, CHECK: one of the two */
	struct text about_order;
	struct money about_amount; /* ASK: what the payer wants to pay; minor 0: not stated */
	struct text keep;          /* KEEP: what it is, "register 4711 part 2"; a reason's size */
	const struct alym_listed *listed; /* LISTED: at most ALYM_LISTED_MAX */
	size_t listed_count;
	struct text listed_next;     /* where to go on, an operation's size; empty: that is all */
	struct alym_verdict verdict; /* VERDICT */
	struct alym_reply answer;    /* ANSWER */
	int64_t wait_ms;             /* WAIT */
	struct alym_scratch *scratch;
};

/* ---- the gateway ---- */

struct alym_gateway_state; /* the gateway's own: its parsed configuration; read-only after open */

/* How order numbers must look; alymd makes them (design: ledger/order). */
struct alym_order_rule {
	int digits_min;
	int digits_max;   /* at most 15 */
	int suffix_daily; /* 6: so many last digits are unique within a day, which takes a
			     digits_max of at least 13; 0: no such rule */
};

struct alym_gateway {
	uint32_t abi;
	uint32_t size;
	const char *name;
	const struct alym_key *keys; /* ends with a NULL name */
	struct alym_order_rule order;
	bool lists;          /* it can list what was done since a time: ALYM_OPERATION_LIST */
	size_t session_size; /* zeroed memory each session gets; at most ALYM_SESSION_MAX */

	/* NULL with the reason in `why` (NUL-terminated) when the settings are unusable. */
	struct alym_gateway_state *(*open)(const struct alym_setting *settings, size_t count,
		char *why, size_t why_size);
	void (*close)(struct alym_gateway_state *state);

	/* Fills `action` (zeroed but for its scratch).  Never fails: what can not be understood has
	 * an action too. */
	void (*step)(const struct alym_gateway_state *state, void *session,
		const struct alym_event *event, struct alym_action *action);
};

/* Written once, at the foot of a gateway: ALYM_GATEWAY(.name = "kassa", .open = kassa_open, ...);
 */
/* clang-format off */
#define ALYM_GATEWAY(...)                                                                 \
	extern const struct alym_gateway alym_gateway;                                    \
	__attribute__((visibility("default"))) const struct alym_gateway alym_gateway = { \
		.abi = ALYM_GATEWAY_ABI,                                                  \
		.size = sizeof(struct alym_gateway),                                      \
		__VA_ARGS__                                                               \
	}
/* clang-format on */

#endif
