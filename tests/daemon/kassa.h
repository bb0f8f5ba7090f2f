/* SPDX-License-Identifier: Apache-2.0 */

/*
 * kassa - a gateway for tests of the engine, and the bank behind it, both as plain as can be.
 *
 * Requests and messages are words; nothing is signed.  The bank remembers its orders and counts
 * the money it took, so that a test can hold it against the ledger.
 */
#ifndef ALYM_TESTS_DAEMON_KASSA_H
#define ALYM_TESTS_DAEMON_KASSA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/ports.h"
#include "plugins/gateway.h"

enum { KASSA_ORDERS_MAX = 256, KASSA_ANSWER_SIZE = 256 };

extern const struct alym_gateway kassa_gateway;

/* The gateway's state; PAY makes a form when `form` is set, else it registers the order. */
struct kassa_settings {
	bool form;
};
struct alym_gateway_state *kassa_state(struct kassa_settings *settings);

/* ---- the bank ---- */

enum bank_state { BANK_PENDING, BANK_AUTHORIZED, BANK_PAID, BANK_DECLINED, BANK_EXPIRED };

enum bank_fault {
	BANK_WELL,
	BANK_AWAY,         /* no connection */
	BANK_LOSES_ORDER,  /* the request never arrives, and nobody knows */
	BANK_LOSES_ANSWER, /* the request has its effect, the answer is lost */
	BANK_GARBAGE,      /* the answer is not one */
};

/* What comes of the money it holds. */
enum bank_hold {
	BANK_HOLD_FITS,
	BANK_HOLD_MISFIT, /* not what was ordered: it can only be given up */
	BANK_HOLD_STUCK,  /* it can not even be given up */
	BANK_HOLD_TAKEN,  /* somebody takes it without us before we ask for it */
};

struct bank_order {
	char number[JOB_ORDER_SIZE];
	enum bank_state state;
	int64_t amount;
	char operation[32];
	int64_t paid_at;
};

/* What the source of exchange rates answers, and what it was asked. */
#define BANK_RATES "https://rates.test/"
struct bank_rates {
	enum exchange_result result;
	int status;
	const char *answer;
	int asked;
	char url[256]; /* the last time */
};

struct bank {
	struct bank_rates rates;
	struct bank_order orders[KASSA_ORDERS_MAX];
	size_t order_count;
	enum bank_fault fault;  /* of the next exchanges, until it is changed */
	bool fault_is_kassas;   /* of those of the first gateway only */
	const char *fault_what; /* of requests of that name only; NULL: of all */
	enum bank_state first;  /* what a new order becomes */
	int64_t now;
	int64_t taken; /* money, tiyn */
	int operations;
	int registrations; /* requests to register that arrived */
	int status_requests;
	int captures;
	int captures_again; /* of them: said to be begun again */
	int releases;
	enum bank_hold hold;
	char last_path[64];
};

struct bank_order *bank_find(struct bank *bank, const char *number);

/* The payer pays at the bank: the state and the operation's name. */
void bank_pay(struct bank *bank, struct bank_order *order);
/* A name for a movement of money that belongs to no order; counts the money. */
const char *bank_take(struct bank *bank, int64_t amount, char operation[32]);

/* The request `x` arrives, or not; fills what it comes to.  `answer` outlives it. */
void bank_serve(struct bank *bank, struct exchange *x, char answer[KASSA_ANSWER_SIZE]);

#endif
