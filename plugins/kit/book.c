/* SPDX-License-Identifier: Apache-2.0 */
#include "plugins/kit/book.h"

#include <assert.h>

void kit_book_init(struct kit_book *book, const struct alym_order *order)
{
	assert(book != NULL);
	assert(order != NULL);

	*book = (struct kit_book){
		.due = order->amount,
		.number = order->number,
		.code = order->code,
		.closes_at = order->expires_at,
	};
}

static bool book_is_ours(const struct kit_book *book, struct text number, struct text code)
{
	return (number.size == 0 && code.size == 0) || text_equal(number, book->number) ||
	       text_equal(code, book->code);
}

static struct money book_due(const struct kit_book *book)
{
	struct money due = book->due;

	due.minor = book->credited < due.minor ? due.minor - book->credited : 0;
	return due;
}

/* What the book says to who asks before the payer is debited. */
static enum alym_answer_kind book_state(const struct kit_book *book, bool ours, int64_t now)
{
	if (!ours) {
		return ALYM_ANSWER_UNKNOWN;
	}
	if (book_due(book).minor == 0) {
		return ALYM_ANSWER_PAID;
	}
	return now > book->closes_at ? ALYM_ANSWER_CLOSED : ALYM_ANSWER_PAYABLE;
}

static struct alym_decision book_decision(const struct kit_book *book, enum alym_answer_kind kind,
	size_t record, int64_t now)
{
	return (struct alym_decision){
		.kind = kind,
		.record = kind == ALYM_ANSWER_BOOKED ? (int64_t)record + KIT_BOOK_RECORD_FIRST : 0,
		.booked_at = now,
		.due = book_due(book),
		.service = TEXT("visa.multiple"),
	};
}

static struct alym_decision book_write(struct kit_book *book, const struct alym_verdict *verdict,
	bool refund, bool ours, int64_t now)
{
	struct kit_entry *entry = &book->entries[book->count];
	int64_t *sum = refund ? &book->refunded : &book->credited;
	int64_t minor = verdict->amount.minor;
	bool fits;

	assert(book->count < KIT_BOOK_ENTRIES_MAX);

	if (verdict->cumulative) { /* all that was ever taken: what is new of it is booked */
		minor = minor > *sum ? minor - *sum : 0;
	}
	fits = text_copy(verdict->operation, entry->operation, sizeof(entry->operation));
	assert(fits);
	entry->minor = minor;
	entry->refund = refund;
	if (ours && __builtin_add_overflow(*sum, minor, sum)) {
		*sum = INT64_MAX;
	}
	return book_decision(book, ALYM_ANSWER_BOOKED, book->count++, now);
}

struct alym_decision kit_book_take(struct kit_book *book, const struct alym_verdict *verdict,
	enum alym_operation operation, int64_t now)
{
	bool refund = operation == ALYM_OPERATION_REFUND;
	bool ours = book_is_ours(book, verdict->order, verdict->code);
	enum alym_answer_kind state;

	assert(verdict != NULL);

	if (verdict->kind != ALYM_DONE || operation == ALYM_OPERATION_RELEASE) {
		return book_decision(book, ALYM_ANSWER_NOTED, 0, now);
	}
	for (size_t i = 0; i < book->count; i++) {
		if (!verdict->cumulative && book->entries[i].refund == refund &&
			text_is(verdict->operation, book->entries[i].operation)) {
			return book_decision(book, ALYM_ANSWER_BOOKED, i, now);
		}
	}
	state = book_state(book, ours, now);
	if (verdict->refusable && state != ALYM_ANSWER_PAYABLE) {
		return book_decision(book, state, 0, now);
	}
	if (verdict->refusable && (verdict->amount.minor != book_due(book).minor ||
					  !money_same_currency(verdict->amount, book->due))) {
		return book_decision(book, ALYM_ANSWER_WRONG_AMOUNT, 0, now);
	}
	return book_write(book, verdict, refund, ours, now);
}

struct alym_decision kit_book_ask(const struct kit_book *book, const struct alym_action *action,
	int64_t now)
{
	assert(book != NULL);
	assert(action != NULL);

	return book_decision(book,
		book_state(book, book_is_ours(book, action->about_order, action->about_code), now),
		0, now);
}
