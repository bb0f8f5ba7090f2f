/* SPDX-License-Identifier: Apache-2.0 */

/*
 * bank_parts - what the files of the banks share: bank.c answers Alym, payer.c is who pays,
 * courier.c carries messages to Alym.
 */
#ifndef ALYM_TESTS_SIM_BANK_PARTS_H
#define ALYM_TESTS_SIM_BANK_PARTS_H

#include "tests/sim/bank.h"
#include "tests/sim/portal.h"

enum {
	BANK_ORDERS_MAX = 4096,
	BANK_OPERATIONS_MAX = 8192,
	BANK_TEXT_SIZE = 1024,
	BANK_SIGNATURE_SIZE = 65,
	BANK_NUMBER_SIZE = 16,
};

enum bank_status { BANK_PENDING, BANK_AUTHORIZED, BANK_PAID, BANK_DECLINED, BANK_EXPIRED };

struct bank_order {
	size_t house;
	char number[BANK_NUMBER_SIZE];
	int64_t amount;
	int64_t arrives_at; /* the request is still on its way until then */
	int64_t expires_at;
	int64_t held_until; /* authorized: then the hold lapses */
	int64_t regret_at;  /* declined or expired, and the payer pays all the same; 0: no */
	enum bank_status status;
	unsigned said; /* bits by status: what Alym may ever have been told of it */
	bool absent;   /* of what was sent: that it never arrived, too */
	bool misfit;   /* what is held is not what was ordered: it can not be captured */
	bool cabinet;  /* what is held is taken in the bank's cabinet before Alym asks for it */
	bool released;
	bool asking;      /* Alym is being asked whether the payer may be debited */
	size_t operation; /* index + 1, once paid */
};

/* Money that moved, or an outcome that Alym is to hear of; `told` once it acknowledged it. */
struct bank_operation {
	size_t house;
	size_t order; /* index + 1; 0: by code */
	char name[24];
	char code[BANK_NUMBER_SIZE];
	enum bank_status status;
	int64_t amount;
	char currency[4];
	int64_t paid_at;
	bool untimed;   /* taken at Alym's request */
	bool refusable; /* the payer is debited only when Alym says yes */
	bool taken;     /* the money is the bank's */
	bool told;
	bool silent; /* the bank never sends a message: only the status tells */
	int in_flight;
	int64_t sent_at; /* the timestamp of a message that was sent, for a thief to repeat */
	int64_t next_at;
	int extra;    /* how often it is repeated although it was acknowledged */
	char *answer; /* of the first acknowledgement: every repeat gets the same */
};

struct bank {
	struct world *world;
	struct random random;
	struct bank_order orders[BANK_ORDERS_MAX];
	size_t order_count;
	struct bank_order sent[BANK_ORDERS_MAX]; /* as Alym meant to register them */
	size_t sent_count;
	struct bank_operation operations[BANK_OPERATIONS_MAX];
	size_t operation_count;
	size_t operation_counts[WORLD_GATEWAYS]; /* each bank numbers its own */
	int probes;                              /* messages under way that count for nothing */
	char answer[BANK_TEXT_SIZE];
	char signature[BANK_SIGNATURE_SIZE];
	char timestamp[24];
};

extern const char *const bank_words[]; /* of a status */

void bank_sign(size_t house, const char *message, char out[BANK_SIGNATURE_SIZE]);

/* The order is that from now on, and Alym may hear so. */
void bank_turn(struct bank_order *order, enum bank_status status);

/* Trouble, as long as there may be any. */
bool bank_trouble(struct bank *b, unsigned per_mille);

/* `order` NULL: by `code`.  NULL: the bank has no room for more. */
struct bank_operation *bank_operate(struct bank *b, size_t house, struct bank_order *order,
	const char *code, enum bank_status status, int64_t amount);

/* ---- payer.c ---- */
void payer_step(struct bank *b);

/* ---- courier.c ---- */
void courier_step(struct bank *b);
/* May that code be paid, and how much?  Pays it then. */
void courier_check(struct bank *b, size_t house, const struct portal_slip *slip, const char *code);

#endif
