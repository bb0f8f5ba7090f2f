/* SPDX-License-Identifier: Apache-2.0 */

/*
 * card - what the writer must know of a payment to decide: how it stands, what is due, its
 * attempts.
 *
 * Cards are read from the book when they are first needed and kept in two generations: when the
 * young one is full it becomes the old one, and what nobody asked for since is dropped.  Nothing is
 * lost by that, because every change of a card is a row by then.  A card's address is good until
 * the next cards_turn(), which is called between batches.
 */
#ifndef ALYM_LEDGER_CARD_H
#define ALYM_LEDGER_CARD_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "ledger/job.h"
#include "ledger/store.h"

enum { CARD_SERVICE_SIZE = 48, CARD_GROUND_SIZE = 32, CARD_KBK_SIZE = 8 };

struct card_attempt {
	enum attempt_state state;
	int32_t generation; /* of the book that made it */
	int32_t gateway;
	bool has_page;
	int64_t amount;
	int64_t captured;
	char currency[MONEY_CURRENCY_SIZE]; /* of captured */
	int64_t expires_at;
};

struct card {
	int64_t number;
	int32_t generation;
	int32_t client;
	int64_t expires_at;
	int64_t reference_prev;
	enum payment_state state;
	bool fulfilled;
	char currency[MONEY_CURRENCY_SIZE];
	int64_t gross;
	int64_t relief;
	int64_t due;
	int64_t paid;
	int64_t held;
	int32_t valid_from;
	int32_t valid_until;
	int64_t record; /* the last that touched it */
	char service[CARD_SERVICE_SIZE];
	char ground[CARD_GROUND_SIZE];
	char kbk[CARD_KBK_SIZE];
	size_t attempt_count;
	struct card_attempt attempts[ATTEMPT_COUNT_MAX]; /* attempt_number(number, i) */
};

struct cards;

struct cards *cards_new(int64_t max);
void cards_free(struct cards **cards);

/* NULL: there is no such payment, or the store has failed. */
struct card *cards_find(struct cards *cards, struct store *store, int64_t number);

/* A new payment's card, zeroed but for its number.  For `apply` only. */
struct card *cards_add(struct cards *cards, int64_t number);

/* Makes room; every card's address may change. */
void cards_turn(struct cards *cards);

/* What is still to be paid by the card's calculation. */
int64_t card_rest(const struct card *card);

/* The card's calculation holds on that day. */
bool card_covers(const struct card *card, int32_t day);

/* Takes over a new calculation's figures. */
void card_calculate(struct card *card, const struct job_calculation *calculation);

/* The attempt of that number, or NULL. */
struct card_attempt *card_attempt(struct card *card, int64_t attempt);

/* Adds to what was captured.  A bank that takes two currencies for one order has the first one's
 * sum here, and the other's in the entries only. */
void card_capture(struct card_attempt *attempt, struct money money);

/* Takes from it what was booked and is reversed, where it is of its currency and was counted: not
 * while it had another one's sum.  True: nothing is left of it. */
bool card_release(struct card_attempt *attempt, struct money money);

/* An attempt that may still bring money and so forbids another: its number, or 0. */
int64_t card_live_attempt(const struct card *card);

/* An attempt whose outcome nobody knows, or that holds money: its number, or 0. */
int64_t card_uncertain_attempt(const struct card *card);

#endif
