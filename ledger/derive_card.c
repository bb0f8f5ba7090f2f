/* SPDX-License-Identifier: Apache-2.0 */

/* What is remembered of payments: how they stand, and who had a reference last. */
#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "ledger/derive_parts.h"

enum {
	DERIVE_CARDS_START = 1024,
	DERIVE_CARDS_MAX = 1 << 16, /* then those that are over are let go */
	DERIVE_REFERENCES_START = 1024,
	DERIVE_RECENT = 1 << 14, /* records: what they touched is kept */
};

/* ---- cards ---- */

static struct derive_card *derive_slot(struct derive_card *cards, size_t slots, int64_t number)
{
	uint64_t h = (uint64_t)number * UINT64_C(0x9e3779b97f4a7c15);
	size_t i = (size_t)(h >> 20) & (slots - 1);

	while (cards[i].number != 0 && cards[i].number != number) {
		i = (i + 1) & (slots - 1);
	}
	return &cards[i];
}

static bool derive_is_over(const struct derive *d, const struct derive_card *card)
{
	if (card->record + DERIVE_RECENT > d->record || card->state == PAYMENT_OPEN ||
		card->state == PAYMENT_PARTLY_PAID) {
		return false;
	}
	for (size_t i = 0; i < card->attempt_count; i++) {
		if (!attempt_is_final(card->attempts[i].state)) {
			return false;
		}
	}
	return true;
}

/* Into a table of another size, without those that are over when there are too many. */
static void derive_rehash(struct derive *d)
{
	bool full = d->card_count >= DERIVE_CARDS_MAX;
	struct derive_card *wide;
	size_t slots = d->card_slots == 0 ? DERIVE_CARDS_START : d->card_slots;
	size_t count = 0;

	for (size_t i = 0; i < d->card_slots; i++) {
		if (d->cards[i].number != 0 && full && derive_is_over(d, &d->cards[i])) {
			free(d->cards[i].attempts);
			d->cards[i].attempts = NULL;
			d->cards[i].number = -1;
		} else if (d->cards[i].number != 0) {
			count++;
		}
	}
	while (4 * (count + 1) > slots) {
		slots *= 2;
	}
	wide = mem_new(slots, sizeof(*wide));
	for (size_t i = 0; i < d->card_slots; i++) {
		if (d->cards[i].number > 0) {
			*derive_slot(wide, slots, d->cards[i].number) = d->cards[i];
		}
	}
	free(d->cards);
	d->cards = wide;
	d->card_slots = slots;
	d->card_count = count;
}

struct derive_card *derive_card_add(struct derive *d, const struct derive_card *card)
{
	struct derive_card *slot;

	if (2 * (d->card_count + 1) > d->card_slots) {
		derive_rehash(d);
	}
	slot = derive_slot(d->cards, d->card_slots, card->number);
	assert(slot->number == 0);
	*slot = *card;
	d->card_count++;
	return slot;
}

struct derive_card *derive_card_of(struct derive *d, int64_t payment)
{
	struct derive_card *slot =
		d->card_slots > 0 ? derive_slot(d->cards, d->card_slots, payment) : NULL;
	struct derive_card card = { .number = 0 };

	if (slot != NULL && slot->number != 0) {
		return slot;
	}
	if (payment <= 0 || payment > d->payment_last ||
		!d->sink.card(d->sink.context, payment, d->record, &card)) {
		leaf_blame(&d->leaf, "is about payment %" PRId64 ", which is not there", payment);
		return NULL;
	}
	return derive_card_add(d, &card);
}

struct derive_attempt *derive_attempt_of(struct derive *d, struct derive_card *card,
	int64_t attempt)
{
	size_t i = attempt_index(attempt);

	if (attempt_payment(attempt) != card->number || i >= card->attempt_count) {
		leaf_blame(&d->leaf, "is about attempt %" PRId64 ", which is not there", attempt);
		return NULL;
	}
	return &card->attempts[i];
}

/* ---- references ---- */

static struct derive_reference *derive_reference_slot(struct derive_reference *references,
	size_t slots, const uint8_t key[KEYSET_KEY_SIZE])
{
	uint64_t h;
	size_t i;

	memcpy(&h, key, sizeof(h));
	i = (size_t)h & (slots - 1);
	while (references[i].payment != 0 && memcmp(references[i].key, key, KEYSET_KEY_SIZE) != 0) {
		i = (i + 1) & (slots - 1);
	}
	return &references[i];
}

/* The payment before with that reference, or 0; this one is the last now. */
int64_t derive_reference(struct derive *d, const uint8_t key[KEYSET_KEY_SIZE], int64_t payment)
{
	struct derive_reference *slot;
	int64_t before;

	if (4 * (d->reference_count + 1) > 3 * d->reference_slots) {
		size_t slots =
			d->reference_slots == 0 ? DERIVE_REFERENCES_START : 2 * d->reference_slots;
		struct derive_reference *wide = mem_new(slots, sizeof(*wide));

		for (size_t i = 0; i < d->reference_slots; i++) {
			if (d->references[i].payment != 0) {
				*derive_reference_slot(wide, slots, d->references[i].key) =
					d->references[i];
			}
		}
		free(d->references);
		d->references = wide;
		d->reference_slots = slots;
	}
	slot = derive_reference_slot(d->references, d->reference_slots, key);
	before = slot->payment;
	d->reference_count += before == 0 ? 1 : 0;
	memcpy(slot->key, key, KEYSET_KEY_SIZE);
	slot->payment = payment;
	return before;
}

void derive_done_payments(struct derive *d)
{
	for (size_t i = 0; i < d->card_slots; i++) {
		free(d->cards[i].attempts);
	}
	free(d->cards);
	free(d->references);
}
