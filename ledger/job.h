/* SPDX-License-Identifier: Apache-2.0 */

/*
 * job - one durable act, as it is handed to the book.
 *
 * A job has two parts.  `decide` reads the writer's memory, may refuse, and writes nothing; `apply`
 * only inserts and can not refuse.  All jobs that wait are taken in one transaction and committed
 * once; `done` runs after that commit is on disk, never before, on the thread that collects.
 *
 * The caller owns the job and everything its texts point to until `done` has run.
 */
#ifndef ALYM_LEDGER_JOB_H
#define ALYM_LEDGER_JOB_H

#include <stdbool.h>
#include <stdint.h>

#include "base/money.h"
#include "base/text.h"
#include "ledger/attempt.h"
#include "ledger/code.h"
#include "ledger/note.h"
#include "ledger/payment.h"

enum {
	JOB_KEY_MAX = 255, /* bytes of an Idempotency-Key */
	JOB_REFERENCE_MAX = 64,
	JOB_FINGERPRINT_SIZE = 32,
	JOB_SALT_SIZE = 32,
	JOB_DIGEST_SIZE = 32,
	JOB_NAME_MAX = 64,        /* of a client or gateway */
	JOB_PRIVATE_MAX = 12288,  /* bytes of payer and request together */
	JOB_EVIDENCE_MAX = 65536, /* bytes of one message */
	JOB_REASON_MAX = 200,
	JOB_ORDER_TEXT_MAX = 200, /* bytes of the name of a legal order */
	JOB_ERASED_MAX = 500,     /* rows erased by one record */
	JOB_OPERATION_MAX = 64,
	JOB_PAGE_MAX = 16384, /* bytes of where the payer is to go: an address or a form */
	JOB_TARIFF_FILES_MAX = 32,
	JOB_FEED_MAX = 49152,    /* bytes of a list of exchange rates */
	JOB_RATES_MAX = 1024,    /* bytes of what was read from it */
	JOB_SOURCE_MAX = 256,    /* of where it came from */
	JOB_RATE_TEXT_SIZE = 16, /* a rate as it is written, and NUL */
	JOB_ORDER_SIZE = 16,     /* 15 digits and NUL */
	JOB_ROUTE_MAX = 1280,    /* bytes of how a gateway was chosen */
};

enum job_kind {
	JOB_NAME,    /* a client's or gateway's permanent number */
	JOB_TARIFF,  /* a tariff set is taken into use */
	JOB_CREATE,  /* a payment with its calculation, perhaps its first attempt */
	JOB_ATTEMPT, /* another attempt */
	JOB_CANCEL,
	JOB_FULFIL,
	JOB_EXPIRE,
	JOB_REQUOTE, /* a new calculation for another day */
	JOB_KEEP,    /* a raw message, before it is interpreted */
	JOB_SEND,    /* an attempt leaves the outbox */
	JOB_VERDICT, /* what a gateway said, with or without money */
	JOB_ASK,     /* decides only: what is due by this code, order or reference? */
	JOB_CHECKPOINT,
	JOB_CLEAN,    /* inbox: forget unverified messages past their time */
	JOB_EVIDENCE, /* inbox: a proven message about no single order becomes evidence */
	JOB_RATES,    /* the exchange rates of a day are taken into use */
	JOB_CLOSE,    /* a month is closed */
	JOB_REVERSE,  /* an entry is taken back by a new one */
	JOB_ERASE,    /* a payment's person is erased by a legal order */
	JOB_FORGET,   /* rows whose time is over */
	JOB_ROTATE,   /* another key signs checkpoints */
	JOB_RESUME,   /* a restored book goes on, as another generation */
	JOB_KIND_COUNT,
};

/* In the order they are checked; the first that applies is returned. */
enum job_outcome {
	JOB_DONE,      /* written; or asked and found */
	JOB_REPEATED,  /* written before, by the same request or message: `record` is that one's */
	JOB_MISMATCH,  /* the key was used for another request, the operation's id for other money,
			  the total of an order is told in another currency */
	JOB_NOT_FOUND, /* no such payment, attempt, code or order (or another client's) */
	JOB_TAKEN,     /* the reference has an open or paid payment: `payment`; the day has other
			  rates: `record`; the month is closed, or a later one is: `day`, the last
			  that is closed */
	JOB_ILLEGAL,   /* not in this state: `state`; the month is not over */
	JOB_BLOCKED,   /* an attempt is live or its outcome unknown: `attempt`; an earlier month is
			  open: `day`, the first of its entries */
	JOB_STALE,     /* no calculation covers the day: quote for `day` and come again */
	JOB_WRONG_AMOUNT, /* refusable: the sum is not what is due: `due` */
	JOB_EXHAUSTED,    /* a limit: attempts of a payment, order numbers of a day */
	JOB_OVERFLOW,     /* a sum would leave int64 */
	JOB_RESTORED,     /* the book was restored and not resumed: it only answers */
	JOB_FAILED,       /* the commit failed: nothing of the batch may be believed */
};

enum job_route {
	ROUTE_CREATE = 1,
	ROUTE_ATTEMPT,
	ROUTE_CANCEL,
	ROUTE_FULFIL,
	ROUTE_CLOSE,
	ROUTE_ERASE,
	ROUTE_REVERSE,
};

/* Who asks, and under which key.  An empty key: not a client's request. */
struct job_request {
	int32_t client; /* of an operator's act: 0, when the caller is no client */
	enum job_route route;
	struct text key;
	uint8_t fingerprint[JOB_FINGERPRINT_SIZE]; /* SHA-256 of route, path and canonical body */
};

/* A fee in foreign money, as it was before its payment's currency. */
struct job_conversion {
	uint8_t rates[JOB_DIGEST_SIZE]; /* of the list of rates it was converted by */
	struct money gross;             /* in the fee's own currency */
	char rate[JOB_RATE_TEXT_SIZE];  /* as the list writes it */
	int64_t quant;                  /* units of the currency it is for; 0: not converted */
};

/* What the tariff said, as far as the book needs it. */
struct job_calculation {
	int version;
	int32_t day;        /* it was made for */
	int32_t valid_from; /* the due is the same for days [valid_from, valid_until) */
	int32_t valid_until;
	struct money gross;
	struct money relief;
	struct money due;
	struct text service;
	struct text ground; /* of the relief, or empty */
	struct text kbk;    /* or empty */
	struct text rows;   /* of the tariff */
	uint8_t tariff[JOB_DIGEST_SIZE];
	uint8_t quote[JOB_DIGEST_SIZE]; /* of the full quote's bytes */
	struct job_conversion conversion;
};

/* How a gateway wants its order numbers: digits_min <= digits <= digits_max <= 15. */
struct job_order_rule {
	int digits_min;
	int digits_max;
	int suffix_daily; /* 6: the last six are unique among the gateway's orders of an Almaty day;
			     0: no such rule */
};

/* An order to be opened at a gateway. */
struct job_order {
	int32_t gateway;
	struct job_order_rule rule;
	int64_t expires_at; /* the session's end */
	struct text return_url;
	struct text language;
	/* How the gateway was chosen: the method, then NAME:WHY of each that was passed over, all
	 * with a space between.  Empty: it was named. */
	struct text route;
};

struct job_name {
	bool gateway; /* else a client */
	struct text name;
	int32_t number; /* out: 1, 2, 3 ... */
};

struct job_tariff_file {
	const char *name;
	struct text bytes;
};

/* Who told the daemon to do it: numbers, never names. */
struct job_actor {
	int64_t uid;
	int32_t client; /* 0: the caller is no client */
};

struct job_tariff {
	uint8_t digest[JOB_DIGEST_SIZE];
	const struct job_tariff_file *files;
	size_t count;
	struct text reason;                   /* "start", "SIGHUP", an operator's words */
	const struct job_actor *activated_by; /* NULL: start or SIGHUP */
	const struct job_actor *proposed_by;  /* NULL: one person was enough */
	struct text proposal;                 /* the proposer's reason */
};

struct job_rates {
	int32_t day;
	uint8_t digest[JOB_DIGEST_SIZE]; /* SHA-256 of `feed` */
	struct text feed;                /* the list, byte for byte */
	struct text rates;  /* canonical JSON: [{"currency":..,"quant":..,"rate":..}, ...] */
	struct text source; /* "imported", or the address */
	struct text reason;
	bool replace; /* the day's rates, if it has others */
};

struct job_create {
	struct job_request request;
	struct text reference;
	struct text payer;         /* canonical JSON, or empty */
	struct text quote_request; /* canonical JSON */
	struct job_calculation calculation;
	int64_t expires_at;
	bool has_order;
	struct job_order order;
	uint8_t salt[JOB_SALT_SIZE];
};

struct job_attempt {
	struct job_request request;
	struct job_order order;
	bool has_calculation; /* for today, when the stored one does not cover it */
	struct job_calculation calculation;
};

struct job_cancel {
	struct job_request request;
	struct text reason;
};

struct job_fulfil {
	struct job_request request;
	bool performed;
	struct text document; /* committed to, not published */
	uint8_t salt[JOB_SALT_SIZE];
};

struct job_requote {
	struct job_calculation calculation;
};

/* NOT_FOUND: nothing was ever booked until its end. */
struct job_close {
	struct job_request request;
	struct job_actor actor;
	struct text reason;
	int32_t month; /* 202610 (base/date.h) */
};

/* Why an entry can not be reversed: JOB_ILLEGAL. */
enum job_reverse_why {
	REVERSE_FINE,
	REVERSE_REVERSED,    /* it is, by entry `by` */
	REVERSE_IS_REVERSAL, /* it is one itself */
	REVERSE_FULFILLED,   /* the duty it booked was used */
	REVERSE_MOVED,       /* what it put into suspense went on by entry `by` */
};

struct job_reverse {
	struct job_request request;
	struct job_actor actor;
	struct text reason;
	int64_t entry;
	/* out */
	enum job_reverse_why why;
	int64_t by; /* DONE and REPEATED: the entry that reverses it */
};

struct job_keep {
	int32_t gateway;
	struct text peer;
	struct text head; /* method, path and headers as they came */
	struct text body;
	int64_t inbox; /* out: its number */
};

struct job_verdict {
	int32_t gateway;
	struct text order;        /* one of the three names what it is about: an order number, */
	struct text code;         /* a payment's code, */
	bool unknown;             /* or nothing we know: the money goes to suspense whole */
	enum attempt_event event; /* by code: ATTEMPT_DONE only */
	struct money amount;      /* DONE */
	struct text operation;    /* DONE: its id at the gateway */
	bool cumulative; /* amount is all that was ever taken for the order; no operation */
	bool refusable;  /* a refusal is possible: nothing was debited yet */
	int32_t paid_on; /* the Almaty day that counts */
	int32_t value_date;
	bool has_calculation; /* for paid_on, when the stored one does not cover it */
	struct job_calculation calculation;
	bool unquoted; /* none is to be had: what nobody will ask about again is suspended whole */
	bool has_next; /* an order to be opened in the same commit ... */
	struct text handle;
	struct text reason;
	struct text
		page;  /* PEND: canonical JSON {"url":..} or {"fields":[[..,..]],"form_url":..} */
	int64_t inbox; /* the stored message that becomes evidence; or 0 and */
	struct text evidence;  /* the bytes of an answer, or empty */
	int64_t next_at;       /* when to ask about it (again), if it is not final */
	struct job_order next; /* ... if this one, of an attempt, comes to NOT_ATTEMPTED */
	uint8_t salt[JOB_SALT_SIZE];
	/* out */
	int64_t next_attempt;     /* that was opened; 0: none */
	enum payment_entry entry; /* where the money went */
	struct money excess;      /* of it to suspense without a home */
	bool repeated_money;      /* this operation was booked before; `record` is that entry's */
};

struct job_ask {
	struct text order; /* one of these; with none job.payment */
	int32_t gateway;   /* with order */
	struct text code;
	struct text reference;
	int32_t client; /* with reference */
};

struct job_checkpoint {
	char note[NOTE_TEXT_SIZE]; /* out: the newest signed note, new or not */
	uint64_t size;             /* out: records it covers */
};

/* The verifier keys of those who sign. */
struct job_keys {
	char verifier[NOTE_VERIFIER_SIZE]; /* the newest */
	char before[NOTE_VERIFIER_SIZE];   /* the one before it, which signs, too, ... */
	int64_t until;                     /* ... until then; 0: it does not */
};

/* ILLEGAL: the key before the present one signs still, and is to for as long as was promised. */
struct job_rotate {
	uint8_t seed[NOTE_SEED_SIZE]; /* of the new key: on disk already */
	int64_t overlap_s; /* the present key signs for so long; 0: none but the new one */
	struct text reason;
	struct job_actor actor;
	struct job_keys keys; /* out */
};

struct job_clean {
	int64_t received_before;
	int64_t keep_max; /* rows */
};

struct job_evidence {
	int32_t gateway;
	int64_t inbox;    /* NOT_FOUND: it is evidence already, or past its time */
	struct text what; /* "register 4711 part 2"; at most JOB_REASON_MAX bytes */
	uint8_t salt[JOB_SALT_SIZE];
};

/* Where what is erased lies. */
enum job_source { JOB_SOURCE_PRIVATE = 1, JOB_SOURCE_EVIDENCE };

struct job_erased {
	enum job_source source;
	int64_t record;
};

/* Why a payment is not erased. */
enum job_erase_refusal {
	ERASE_ALLOWED,
	ERASE_OPEN,       /* it can still be paid */
	ERASE_LIVE,       /* an attempt may still bring money */
	ERASE_REFUNDABLE, /* its money may be claimed back; `force` does it all the same */
	ERASE_GONE,       /* nothing is left */
};

struct job_erase {
	struct job_request request;
	struct text reason;
	struct text order; /* the legal act that orders it */
	struct job_actor actor;
	bool force;
	enum job_erase_refusal refusal; /* out: of JOB_ILLEGAL */
	int64_t rows;                   /* out: so many went */
};

struct job_forget {
	struct text reason;
	size_t count; /* in, and out: so many went */
	struct job_erased rows[JOB_ERASED_MAX];
};

struct job_resume {
	struct text reason;
	struct job_actor actor;
	struct text note; /* a checkpoint kept outside, or empty */
	/* out */
	int32_t generation;
	int64_t since; /* the book's last time: what happened later may be lost */
	int64_t known; /* records of the newest checkpoint known; 0: none is */
	int64_t lost;  /* of them, at least, the book does not have */
	int32_t known_generation;
	struct tree_hash known_root;
	struct job_keys keys; /* who signs from now on */
	char why[160];        /* MISMATCH: what is wrong with the note */
};

struct job;
typedef void job_done_fn(struct job *job);

struct job {
	enum job_kind kind;
	int32_t today; /* the Almaty day of `now` */
	job_done_fn *done;
	void *context;    /* the submitter's */
	struct job *next; /* the queue's */
	int64_t now;      /* Unix seconds, the submitter's clock */
	int64_t payment;  /* in for ATTEMPT CANCEL FULFIL EXPIRE REQUOTE (0: none); out for all that
			     touch one */
	int64_t attempt;  /* in for SEND; out where one was made or touched */

	/* out */
	enum job_outcome outcome;
	int32_t day;        /* STALE, and months */
	int64_t record;     /* the last one it wrote; REPEATED: that the first one wrote */
	int32_t written_by; /* the generation that wrote `record`; 0: there is none */
	int64_t booked_at;  /* when `record` was; of a repeated verdict: the first one's */
	int32_t client;     /* whose payment it is: has new events */
	int32_t generation;
	enum payment_state state;
	enum attempt_state attempt_state;
	struct money due;     /* what is still to be paid */
	char service[48];     /* of the payment */
	char code[CODE_SIZE]; /* CREATE: the payment's */

	union {
		struct job_name name;
		struct job_tariff tariff;
		struct job_rates rates;
		struct job_create create;
		struct job_attempt attempt;
		struct job_cancel cancel;
		struct job_fulfil fulfil;
		struct job_requote requote;
		struct job_close close;
		struct job_reverse reverse;
		struct job_keep keep;
		struct job_verdict verdict;
		struct job_ask ask;
		struct job_checkpoint checkpoint;
		struct job_rotate rotate;
		struct job_clean clean;
		struct job_evidence evidence;
		struct job_erase erase;
		struct job_forget *forget;
		struct job_resume resume;
	} u;
};

#endif
