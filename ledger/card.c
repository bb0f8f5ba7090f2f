/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/card.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "ledger/book_parts.h"

enum { CARD_SLOTS_START = 1024 };

/* One generation: an open-addressing table of owned cards, at most half full. */
struct card_table {
	struct card **slots;
	size_t slot_count; /* a power of two */
	size_t count;
};

struct cards {
	size_t half; /* cards in one generation */
	struct card_table young;
	struct card_table old;
};

static size_t card_slot(const struct card_table *t, int64_t number)
{
	uint64_t h = (uint64_t)number * UINT64_C(0x9e3779b97f4a7c15);
	size_t i;

	assert(t->slot_count > 0);
	assert(t->count < t->slot_count);

	for (i = (size_t)(h >> 20) & (t->slot_count - 1);
		t->slots[i] != NULL && t->slots[i]->number != number;
		i = (i + 1) & (t->slot_count - 1)) {
	}
	return i;
}

static void card_table_put(struct card_table *t, struct card *card)
{
	assert(card != NULL);
	assert(card->number > 0);

	if (2 * (t->count + 1) > t->slot_count) {
		struct card_table wide = { .count = 0 };

		wide.slot_count = t->slot_count == 0 ? CARD_SLOTS_START : 2 * t->slot_count;
		wide.slots = mem_new(wide.slot_count, sizeof(struct card *));
		for (size_t i = 0; i < t->slot_count; i++) {
			if (t->slots[i] != NULL) {
				wide.slots[card_slot(&wide, t->slots[i]->number)] = t->slots[i];
				wide.count++;
			}
		}
		free(t->slots);
		*t = wide;
	}
	t->slots[card_slot(t, card->number)] = card;
	t->count++;
}

static struct card *card_table_find(const struct card_table *t, int64_t number)
{
	assert(t != NULL);
	assert(number > 0);

	return t->slot_count == 0 ? NULL : t->slots[card_slot(t, number)];
}

static void card_table_empty(struct card_table *t, const struct card_table *moved)
{
	assert(t != NULL);

	for (size_t i = 0; i < t->slot_count; i++) {
		if (t->slots[i] != NULL &&
			(moved == NULL || card_table_find(moved, t->slots[i]->number) == NULL)) {
			free(t->slots[i]);
		}
	}
	free(t->slots);
	*t = (struct card_table){ .count = 0 };
}

struct cards *cards_new(int64_t max)
{
	struct cards *c = mem_new(1, sizeof(*c));

	assert(max > 0);

	c->half = (size_t)(max + 1) / 2;
	return c;
}

void cards_free(struct cards **cards)
{
	struct cards *c;

	assert(cards != NULL);

	c = *cards;
	*cards = NULL;
	if (c == NULL) {
		return;
	}
	/* A card that was asked for again lies in both tables. */
	card_table_empty(&c->old, &c->young);
	card_table_empty(&c->young, NULL);
	free(c);
}

static void card_read_attempts(struct card *card, struct store *store)
{
	static const struct store_column columns[] = {
		{ "number", STORE_INT, 1, INT64_MAX },
		{ "gateway", STORE_INT, 1, BOOK_NAMES_MAX },
		{ "amount", STORE_INT, 1, INT64_MAX },
		{ "expires_at", STORE_INT, 0, INT64_MAX },
		{ "its last step's state", STORE_INT, 0, ATTEMPT_STATE_COUNT - 1 },
		{ "its last step's captured", STORE_INT, 0, INT64_MAX - MONEY_API_MAX },
		{ "its last step's page", STORE_INT, 0, JOB_PAGE_MAX },
		{ "its last step's currency", STORE_TEXT, 3, 3 },
		{ "its generation", STORE_INT, 1, ID_GENERATION_MAX },
	};

	assert(card->attempt_count == 0);

	store_begin_rows(store, SQL_SELECT_CARD_ATTEMPTS,
		(struct store_value[]){ STORE_OF_INT(attempt_number(card->number, 0)),
			STORE_OF_INT(attempt_number(card->number, ATTEMPT_COUNT_MAX - 1)) },
		2);
	while (card->attempt_count < ATTEMPT_COUNT_MAX && store_row(store)) {
		int64_t number = attempt_number(card->number, card->attempt_count);
		bool fits;

		if (!store_row_is(store, "attempt", number, columns,
			    sizeof(columns) / sizeof(*columns))) {
			break;
		}
		if (store_int(store, 0) != number) {
			store_damaged(store, "attempt", number, "is missing");
			break;
		}
		card->attempts[card->attempt_count] = (struct card_attempt){
			.gateway = (int32_t)store_int(store, 1),
			.amount = store_int(store, 2),
			.expires_at = store_int(store, 3),
			.state = (enum attempt_state)store_int(store, 4),
			.captured = store_int(store, 5),
			.has_page = store_int(store, 6) > 0,
			.generation = (int32_t)store_int(store, 8),
		};
		fits = text_copy(store_text(store, 7), card->attempts[card->attempt_count].currency,
			MONEY_CURRENCY_SIZE);
		assert(fits);
		card->attempt_count++;
	}
	store_end_rows(store);
}

static const struct store_column card_columns[] = {
	{ "generation", STORE_INT, 1, 99 },
	{ "client", STORE_INT, 1, BOOK_NAMES_MAX },
	{ "expires_at", STORE_INT, 0, INT64_MAX },
	{ "reference_prev", STORE_INT, 0, ID_NUMBER_MAX },
	{ "its calculation's record", STORE_INT, 1, INT64_MAX },
	{ "its calculation's valid_from", STORE_INT, INT32_MIN, INT32_MAX },
	{ "its calculation's valid_until", STORE_INT, INT32_MIN, INT32_MAX },
	{ "its calculation's currency", STORE_TEXT, 3, 3 },
	{ "its calculation's gross", STORE_INT, 0, INT64_MAX },
	{ "its calculation's relief", STORE_INT, 0, INT64_MAX },
	{ "its calculation's due", STORE_INT, 0, INT64_MAX },
	{ "its calculation's service", STORE_TEXT, 1, CARD_SERVICE_SIZE - 1 },
	{ "its calculation's ground", STORE_TEXT, 0, CARD_GROUND_SIZE - 1 },
	{ "its calculation's kbk", STORE_TEXT, 0, CARD_KBK_SIZE - 1 },
	{ "its last step's record", STORE_INT, 1, INT64_MAX },
	{ "its last step's state", STORE_INT, 0, PAYMENT_STATE_COUNT - 1 },
	{ "its last step's fulfilled", STORE_INT, 0, 1 },
	{ "its last step's paid", STORE_INT, 0, INT64_MAX },
	{ "its last step's held", STORE_INT, 0, INT64_MAX },
};

/* What of it can not be, taken together; NULL: nothing. */
static const char *card_flaw(const struct card *card)
{
	assert(card->gross >= 0 && card->relief >= 0);
	assert(card->paid >= 0);

	if (!money_currency_is_known(text_of(card->currency))) {
		return "its calculation's currency is unknown";
	}
	if (card->due != card->gross - card->relief) {
		return "its calculation's due is not gross less relief";
	}
	if (card->valid_from >= card->valid_until) {
		return "its calculation's days end before they begin";
	}
	if (card->paid != (card->state == PAYMENT_PAID ? card->due : 0)) {
		return "its last step's paid is not what its state says";
	}
	return NULL;
}

static struct card *card_read(struct store *store, int64_t number)
{
	struct card *card = NULL;
	const char *flaw;

	assert(store != NULL);
	assert(number > 0);

	store_begin_rows(store, SQL_SELECT_CARD, (struct store_value[]){ STORE_OF_INT(number) }, 1);
	if (store_row(store) && store_row_is(store, "payment", number, card_columns,
					sizeof(card_columns) / sizeof(*card_columns))) {
		bool fits;

		card = mem_new(1, sizeof(*card));
		card->number = number;
		card->generation = (int32_t)store_int(store, 0);
		card->client = (int32_t)store_int(store, 1);
		card->expires_at = store_int(store, 2);
		card->reference_prev = store_int(store, 3);
		card->valid_from = (int32_t)store_int(store, 5);
		card->valid_until = (int32_t)store_int(store, 6);
		fits = text_copy(store_text(store, 7), card->currency, sizeof(card->currency)) &&
		       text_copy(store_text(store, 11), card->service, sizeof(card->service)) &&
		       text_copy(store_text(store, 12), card->ground, sizeof(card->ground)) &&
		       text_copy(store_text(store, 13), card->kbk, sizeof(card->kbk));
		assert(fits); /* checked before they were written */
		card->gross = store_int(store, 8);
		card->relief = store_int(store, 9);
		card->due = store_int(store, 10);
		card->record = store_int(store, 14);
		card->state = (enum payment_state)store_int(store, 15);
		card->fulfilled = store_int(store, 16) != 0;
		card->paid = store_int(store, 17);
		card->held = store_int(store, 18);
		flaw = card_flaw(card);
		if (flaw != NULL) {
			store_damaged(store, "payment", number, "%s", flaw);
		}
	}
	store_end_rows(store);
	if (card != NULL) {
		card_read_attempts(card, store);
	}
	if (store_failed(store)) {
		free(card);
		card = NULL;
	}
	return card;
}

struct card *cards_find(struct cards *c, struct store *store, int64_t number)
{
	struct card *card;

	assert(c != NULL);
	assert(store != NULL);

	if (number <= 0) {
		return NULL;
	}
	card = card_table_find(&c->young, number);
	if (card != NULL) {
		return card;
	}
	card = card_table_find(&c->old, number);
	if (card == NULL) {
		card = card_read(store, number);
	}
	if (card != NULL) {
		card_table_put(&c->young, card);
	}
	return card;
}

struct card *cards_add(struct cards *c, int64_t number)
{
	struct card *card = mem_new(1, sizeof(*card));

	assert(c != NULL);
	assert(card_table_find(&c->young, number) == NULL);

	card->number = number;
	card_table_put(&c->young, card);
	return card;
}

void cards_turn(struct cards *c)
{
	assert(c != NULL);

	if (c->young.count < c->half) {
		return;
	}
	card_table_empty(&c->old, &c->young);
	c->old = c->young;
	c->young = (struct card_table){ .count = 0 };
}

int64_t card_rest(const struct card *card)
{
	assert(card->held >= 0);
	assert(card->paid == 0 || card->paid == card->due);

	if (card->paid > 0 || card->held >= card->due) {
		return 0;
	}
	return card->due - card->held;
}

bool card_covers(const struct card *card, int32_t day)
{
	assert(card->valid_from < card->valid_until);

	return day >= card->valid_from && day < card->valid_until;
}

void card_calculate(struct card *card, const struct job_calculation *calculation)
{
	bool fits;

	assert(card->paid == 0);
	assert(calculation->due.minor == calculation->gross.minor - calculation->relief.minor);

	memcpy(card->currency, calculation->due.currency, sizeof(card->currency));
	card->gross = calculation->gross.minor;
	card->relief = calculation->relief.minor;
	card->due = calculation->due.minor;
	card->valid_from = calculation->valid_from;
	card->valid_until = calculation->valid_until;
	fits = text_copy(calculation->service, card->service, sizeof(card->service)) &&
	       text_copy(calculation->ground, card->ground, sizeof(card->ground)) &&
	       text_copy(calculation->kbk, card->kbk, sizeof(card->kbk));
	assert(fits); /* the tariff bounds them */
}

struct card_attempt *card_attempt(struct card *card, int64_t attempt)
{
	size_t i = attempt_index(attempt);

	assert(card != NULL);
	assert(attempt_payment(attempt) == card->number);

	return i < card->attempt_count ? &card->attempts[i] : NULL;
}

void card_capture(struct card_attempt *attempt, struct money money)
{
	assert(attempt->captured >= 0);
	assert(money.minor > 0);

	if (attempt->captured == 0) {
		memcpy(attempt->currency, money.currency, sizeof(attempt->currency));
	}
	if (strcmp(attempt->currency, money.currency) == 0) {
		attempt->captured += money.minor; /* clearing holds more, and fits */
	}
}

bool card_release(struct card_attempt *attempt, struct money money)
{
	assert(money.minor > 0);

	if (attempt->captured < money.minor || strcmp(attempt->currency, money.currency) != 0) {
		return false; /* it was not counted */
	}
	attempt->captured -= money.minor;
	return attempt->captured == 0;
}

int64_t card_live_attempt(const struct card *card)
{
	assert(card != NULL);

	for (size_t i = 0; i < card->attempt_count; i++) {
		enum attempt_state state = card->attempts[i].state;

		/* After money only the rest is asked for, so a captured one forbids nothing. */
		if (state != ATTEMPT_CAPTURED && !attempt_allows_another(state)) {
			return attempt_number(card->number, i);
		}
	}
	return 0;
}

int64_t card_uncertain_attempt(const struct card *card)
{
	assert(card != NULL);

	for (size_t i = 0; i < card->attempt_count; i++) {
		enum attempt_state state = card->attempts[i].state;

		if (state == ATTEMPT_SENT || state == ATTEMPT_UNKNOWN ||
			state == ATTEMPT_AUTHORIZED) {
			return attempt_number(card->number, i);
		}
	}
	return 0;
}
