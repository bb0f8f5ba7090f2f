/* SPDX-License-Identifier: Apache-2.0 */

/* Entries, and what they sum to. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "ledger/derive_parts.h"

enum { DERIVE_DAYS_START = 1024 };

/* ---- accounts ---- */

static enum kind_account derive_account_type(struct derive *d, struct text name)
{
	static const struct {
		const char *prefix;
		enum kind_account type;
	} types[] = {
		{ "clearing:", KIND_ASSET },
		{ "treasury:", KIND_ASSET },
		{ "fee:", KIND_INCOME },
		{ "relief:", KIND_CONTRA_INCOME },
		{ "suspense:", KIND_LIABILITY },
		{ "refund:", KIND_LIABILITY },
		{ "commission:", KIND_EXPENSE },
		{ "dispute:", KIND_ASSET },
		{ "difference:", KIND_EXPENSE },
		{ "exchange:", KIND_EQUITY },
	};

	for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++) {
		if (text_starts(name, text_of(types[i].prefix))) {
			return types[i].type;
		}
	}
	leaf_blame(&d->leaf, "names an account of no known type");
	return KIND_ASSET;
}

/* Its number; a new one is handed over.  0: the leaf is bad. */
static int32_t derive_account(struct derive *d, struct text name, struct text currency)
{
	struct derive_account *a;

	for (size_t i = 0; i < d->account_count; i++) {
		if (text_is(name, d->accounts[i].account.name) &&
			text_is(currency, d->accounts[i].account.currency)) {
			return (int32_t)i + 1;
		}
	}
	if (d->leaf.bad || d->account_count == CHART_ACCOUNTS_MAX) {
		leaf_blame(&d->leaf, "names an account too many");
		return 0;
	}
	d->accounts = mem_grow(d->accounts, d->account_count + 1, sizeof(*d->accounts));
	a = &d->accounts[d->account_count];
	*a = (struct derive_account){ .account.type = derive_account_type(d, name) };
	if (!text_copy(name, a->account.name, sizeof(a->account.name)) ||
		currency.size != sizeof(a->account.currency) - 1 ||
		!text_copy(currency, a->account.currency, sizeof(a->account.currency))) {
		leaf_blame(&d->leaf, "names an account that can not be");
		return 0;
	}
	d->account_count++;
	derive_row(d, SHAPE_ACCOUNT,
		(struct shape_cell[]){ SHAPE_OF_NUMBER((int64_t)d->account_count),
			SHAPE_OF_TEXT(text_of(a->account.name)), SHAPE_OF_NUMBER(a->account.type),
			SHAPE_OF_TEXT(text_of(a->account.currency)) });
	return (int32_t)d->account_count;
}

/* ---- days ---- */

static struct derive_day *derive_day_slot(struct derive_day *days, size_t slots, int32_t account,
	int32_t axis, int32_t day)
{
	uint64_t h = ((uint64_t)(uint32_t)account << 33 | (uint64_t)(uint32_t)axis << 32 |
			     (uint32_t)day) *
		     UINT64_C(0x9e3779b97f4a7c15);
	size_t i = (size_t)(h >> 24) & (slots - 1);

	while (days[i].account != 0 &&
		(days[i].account != account || days[i].axis != axis || days[i].day != day)) {
		i = (i + 1) & (slots - 1);
	}
	return &days[i];
}

static struct derive_day *derive_day(struct derive *d, int32_t account, int32_t axis, int32_t day)
{
	struct derive_day *slot;

	if (2 * (d->day_count + 1) > d->day_slots) {
		size_t slots = d->day_slots == 0 ? DERIVE_DAYS_START : 2 * d->day_slots;
		struct derive_day *wide = mem_new(slots, sizeof(*wide));

		for (size_t i = 0; i < d->day_slots; i++) {
			const struct derive_day *old = &d->days[i];

			if (old->account != 0) {
				*derive_day_slot(wide, slots, old->account, old->axis, old->day) =
					*old;
			}
		}
		free(d->days);
		d->days = wide;
		d->day_slots = slots;
	}
	slot = derive_day_slot(d->days, d->day_slots, account, axis, day);
	if (slot->account == 0) {
		*slot = (struct derive_day){ .account = account, .axis = axis, .day = day };
		d->day_count++;
	}
	return slot;
}

/* ---- postings ---- */

static void derive_add(struct derive *d, int64_t *debit, int64_t *credit, int64_t amount)
{
	bool over = amount > 0 ? __builtin_add_overflow(*debit, amount, debit)
			       : __builtin_sub_overflow(*credit, amount, credit);

	if (over) {
		leaf_blame(&d->leaf, "has a sum of 64 bits overflow");
	}
}

/* Into its account's sums: ever, and by day on both axes. */
static void derive_sum(struct derive *d, const struct derive_said *e, size_t line)
{
	int32_t number = e->postings[line].account;
	int64_t amount = e->postings[line].amount;
	struct derive_account *a = &d->accounts[number - 1];
	const int32_t days[2] = { d->today, e->value_date };

	derive_add(d, &a->debit, &a->credit, amount);
	for (int32_t axis = 0; axis < 2; axis++) {
		struct derive_day *day = derive_day(d, number, axis, days[axis]);

		derive_add(d, &day->debit, &day->credit, amount);
	}
}

/* All of an entry's postings to an account are one step of it. */
static void derive_step_accounts(struct derive *d, const struct derive_said *e)
{
	for (size_t i = 0; i < e->count; i++) {
		struct derive_account *a = &d->accounts[e->postings[i].account - 1];

		a->last_entry = e->number > a->last_entry ? e->number : a->last_entry;
	}
}

static void derive_post(struct derive *d, const struct derive_said *e, size_t line)
{
	int32_t number = e->postings[line].account;
	const struct derive_account *a = &d->accounts[number - 1];

	derive_sum(d, e, line);
	derive_row(d, SHAPE_POSTING,
		(struct shape_cell[]){ SHAPE_OF_NUMBER(e->number),
			SHAPE_OF_NUMBER((int64_t)line + 1), SHAPE_OF_NUMBER(number),
			SHAPE_OF_MONEY(e->postings[line].amount, a->account.currency),
			SHAPE_OF_NUMBER(a->last_entry) });
}

/* It sums to nothing in each currency. */
static void derive_balance(struct derive *d, const struct derive_said *e)
{
	for (size_t i = 0; i < e->count; i++) {
		const char *currency = d->accounts[e->postings[i].account - 1].account.currency;
		int64_t sum = 0;

		for (size_t k = 0; k < e->count; k++) {
			if (strcmp(d->accounts[e->postings[k].account - 1].account.currency,
				    currency) == 0 &&
				__builtin_add_overflow(sum, e->postings[k].amount, &sum)) {
				leaf_blame(&d->leaf, "has a sum of 64 bits overflow");
			}
		}
		if (sum != 0) {
			leaf_blame(&d->leaf, "does not balance");
		}
	}
}

/* ---- reading ---- */

static enum kind_cause derive_cause(struct derive *d, struct text name)
{
	for (enum kind_cause cause = 1; cause < KIND_CAUSE_END; cause++) {
		if (text_is(name, kind_cause_name(cause))) {
			return cause;
		}
	}
	leaf_blame(&d->leaf, "has an unknown cause");
	return KIND_SUSPEND;
}

static enum kind_reason derive_reason(struct derive *d, struct text name)
{
	for (enum kind_reason reason = KIND_REASON_PART; reason < KIND_REASON_END; reason++) {
		if (text_is(name, kind_reason_name(reason))) {
			return reason;
		}
	}
	leaf_blame(&d->leaf, "is suspended for an unknown reason");
	return KIND_REASON_UNKNOWN;
}

static void derive_read_postings(struct derive *d, struct derive_said *e)
{
	struct leaf *l = &d->leaf;

	leaf_need(l, "postings");
	leaf_array(l);
	while (leaf_more(l)) {
		struct text account;
		int64_t amount;
		int32_t number;

		leaf_object(l);
		account = leaf_text_of(l, "account");
		amount = leaf_decimal_of(l, "amount");
		number = derive_account(d, account, leaf_text_of(l, "currency"));
		leaf_end(l);
		if (e->count == DERIVE_POSTINGS_MAX || number == 0) {
			leaf_blame(l, "has too many postings");
			return;
		}
		e->postings[e->count].account = number;
		e->postings[e->count++].amount = amount;
	}
}

static void derive_read(struct derive *d, struct derive_said *e, const struct derive_card *exempt)
{
	struct leaf *l = &d->leaf;

	e->attempt = leaf_decimal_if(l, "attempt");
	e->cause = derive_cause(d, leaf_text_of(l, "cause"));
	e->number = leaf_decimal_of(l, "entry");
	e->has_evidence = leaf_hex_if(l, "evidence", e->evidence, sizeof(e->evidence));
	e->gateway = leaf_decimal_if(l, "gateway");
	e->has_handle = leaf_hex_if(l, "handle", e->handle, sizeof(e->handle));
	e->operation = leaf_text_if(l, "operation");
	e->has_page = leaf_hex_if(l, "page", e->page, sizeof(e->page));
	e->paid_on = leaf_day_of(l, "paid_on");
	e->payment = exempt != NULL ? exempt->number : leaf_decimal_if(l, "payment");
	derive_read_postings(d, e);
	e->reason = leaf_text_if(l, "reason");
	if (e->cause == KIND_REVERSAL) {
		derive_read_reversal(d, e);
	}
	if (leaf_has(l, "suspended")) {
		e->suspended = derive_reason(d, leaf_text(l));
	}
	e->value_date = leaf_day_of(l, "value_date");
	if (!l->bad && (e->number != d->entry_last + 1 || e->count < 2 ||
			       (exempt == NULL) == (e->cause == KIND_EXEMPT))) {
		leaf_blame(l, "is not the next entry, or none at all");
	}
	if (e->operation.size > 0 && (e->gateway < 1 || e->gateway > d->gateway_count)) {
		leaf_blame(l, "has an operation of no gateway there is");
	}
	if (!l->bad) {
		derive_balance(d, e);
	}
}

/* ---- what follows ---- */

static void derive_put_entry(struct derive *d, const struct derive_said *e, int64_t record)
{
	struct keyset_key key;
	bool keyed = e->operation.size > 0;

	if (keyed && d->seal != NULL) {
		key = seal_operation(d->seal, (int32_t)e->gateway, e->operation);
	}
	derive_row(d, SHAPE_ENTRY,
		(struct shape_cell[]){ SHAPE_OF_NUMBER(e->number), SHAPE_OF_NUMBER(record),
			SHAPE_OF_NUMBER(e->payment), SHAPE_OF_NUMBER(e->attempt),
			SHAPE_OF_NUMBER(e->cause), SHAPE_OF_NUMBER(e->gateway),
			SHAPE_OF_TEXT(e->operation),
			keyed && d->seal == NULL
				? SHAPE_OF_KIND(SHAPE_OWN_BLOB)
				: SHAPE_OF_BLOB(key.bytes, keyed ? sizeof(key.bytes) : 0),
			SHAPE_OF_TIME(d->at), SHAPE_OF_DAY(d->today), SHAPE_OF_DAY(e->value_date),
			SHAPE_OF_DAY(e->paid_on), SHAPE_OF_NUMBER((int64_t)e->count) });
}

static void derive_suspend(struct derive *d, const struct derive_said *e)
{
	const struct derive_card *card = e->payment != 0 ? derive_card_of(d, e->payment) : NULL;
	struct derive_item *item;

	/* Of a payment that holds nothing no part is open. */
	if (e->cause == KIND_CAPTURE && card != NULL && card->held > 0) {
		for (size_t i = 0; i < d->item_count; i++) {
			item = &d->items[i];
			if (item->payment == e->payment && item->closed_entry == 0 &&
				item->reason == KIND_REASON_PART) {
				item->closed_entry = e->number;
			}
		}
	}
	if (e->suspended == KIND_REASON_NONE) {
		return;
	}
	d->items = mem_grow(d->items, d->item_count + 1, sizeof(*d->items));
	d->items[d->item_count++] = (struct derive_item){ .entry = e->number,
		.payment = e->payment,
		.amount = -e->postings[e->count - 1].amount,
		.account = e->postings[e->count - 1].account,
		.reason = e->suspended };
}

/* What was taken: the posting to clearing. */
static void derive_capture(struct derive *d, struct derive_attempt *a, const struct derive_said *e)
{
	const struct chart_account *clearing = &d->accounts[e->postings[0].account - 1].account;

	a->state = ATTEMPT_CAPTURED;
	a->paid_on = e->paid_on;
	if (e->operation.size > 0 && !text_copy(e->operation, a->operation, sizeof(a->operation))) {
		leaf_blame(&d->leaf, "has an operation that is too long");
	}
	if (e->has_handle) {
		a->has_handle = true;
		memcpy(a->handle, e->handle, sizeof(a->handle));
	}
	if (e->has_page) {
		a->has_page = true;
		memcpy(a->page, e->page, sizeof(a->page));
	}
	if (a->captured == 0) {
		memcpy(a->currency, clearing->currency, sizeof(a->currency));
	}
	if (strcmp(a->currency, clearing->currency) == 0 &&
		__builtin_add_overflow(a->captured, e->postings[0].amount, &a->captured)) {
		leaf_blame(&d->leaf, "has a sum of 64 bits overflow");
	}
}

static void derive_move(struct derive *d, const struct derive_said *e)
{
	static const enum kind_event events[KIND_CAUSE_END] = {
		[KIND_CAPTURE] = KIND_EVENT_PAID,
		[KIND_HOLD] = KIND_EVENT_PARTLY_PAID,
		[KIND_SUSPEND] = KIND_EVENT_EXCESS,
	};
	struct derive_card *card = e->payment != 0 ? derive_card_of(d, e->payment) : NULL;
	struct derive_attempt *a;

	if (card == NULL) {
		return;
	}
	if (e->attempt != 0) {
		a = derive_attempt_of(d, card, e->attempt);
		if (a == NULL) {
			return;
		}
		derive_capture(d, a, e);
		derive_attempt_step(d, e->attempt, a, e->reason);
	}
	if (e->cause == KIND_CAPTURE) {
		card->state = PAYMENT_PAID;
		card->paid = card->due;
		card->held = 0;
	} else if (e->cause == KIND_HOLD) {
		card->state = PAYMENT_PARTLY_PAID;
		if (__builtin_add_overflow(card->held, e->postings[0].amount, &card->held)) {
			leaf_blame(&d->leaf, "has a sum of 64 bits overflow");
		}
	}
	derive_step(d, card, events[e->cause]);
}

static void derive_remember_day(struct derive *d, int64_t entry)
{
	if (d->last_count == 0 || d->lasts[d->last_count - 1].day != d->today) {
		d->lasts = mem_grow(d->lasts, d->last_count + 1, sizeof(*d->lasts));
		d->lasts[d->last_count++].day = d->today;
	}
	d->lasts[d->last_count - 1].number = entry;
}

void derive_entry(struct derive *d, struct derive_card *exempt)
{
	struct derive_said e = { .count = 0 };

	derive_read(d, &e, exempt);
	if (d->leaf.bad) {
		return;
	}
	d->entry_last = e.number;
	for (size_t i = 0; i < e.count; i++) {
		derive_post(d, &e, i);
	}
	derive_step_accounts(d, &e);
	derive_put_entry(d, &e, d->record);
	derive_remember_day(d, e.number);
	if (exempt != NULL) {
		return;
	}
	if (e.cause == KIND_REVERSAL) {
		derive_reversal(d, &e);
		return;
	}
	derive_suspend(d, &e);
	derive_move(d, &e);
	if (e.has_evidence) {
		(void)d->sink.committed(d->sink.context, SHAPE_EVIDENCE, d->record, e.evidence);
	}
}

/* ---- entries that were not read from leaves ---- */

bool derive_know(struct derive *d, int64_t account, struct text currency)
{
	struct derive_account *a;

	if (account != (int64_t)d->account_count + 1 || account > CHART_ACCOUNTS_MAX) {
		return false;
	}
	d->accounts = mem_grow(d->accounts, d->account_count + 1, sizeof(*d->accounts));
	a = &d->accounts[d->account_count];
	*a = (struct derive_account){ .debit = 0 };
	if (currency.size != sizeof(a->account.currency) - 1 ||
		!text_copy(currency, a->account.currency, sizeof(a->account.currency))) {
		return false;
	}
	d->account_count++;
	return true;
}

const char *derive_posted(struct derive *d, const struct derive_posted *posted)
{
	struct derive_said e = { .number = posted->number, .value_date = posted->value_date };
	struct leaf *l = &d->leaf;

	assert(posted->count <= DERIVE_POSTED_MAX);

	leaf_open(l, TEXT("")); /* for what is blamed */
	for (; e.count < posted->count; e.count++) {
		int64_t account = posted->lines[e.count].account;

		if (account < 1 || account > (int64_t)d->account_count) {
			leaf_blame(l, "is posted to an account that is not there");
			return l->why;
		}
		e.postings[e.count].account = (int32_t)account;
		e.postings[e.count].amount = posted->lines[e.count].amount;
	}
	derive_balance(d, &e);
	d->today = posted->booked_day;
	for (size_t i = 0; i < e.count; i++) {
		derive_sum(d, &e, i);
	}
	derive_step_accounts(d, &e);
	return l->bad ? l->why : NULL;
}

bool derive_add_sums(struct derive *d, const struct derive *from)
{
	bool over = false;

	assert(d->account_count == from->account_count);

	for (size_t i = 0; i < from->account_count; i++) {
		struct derive_account *a = &d->accounts[i];
		const struct derive_account *b = &from->accounts[i];

		over |= __builtin_add_overflow(a->debit, b->debit, &a->debit) ||
			__builtin_add_overflow(a->credit, b->credit, &a->credit);
		a->last_entry = b->last_entry > a->last_entry ? b->last_entry : a->last_entry;
	}
	for (size_t i = 0; i < from->day_slots; i++) {
		const struct derive_day *b = &from->days[i];

		if (b->account != 0) {
			struct derive_day *a = derive_day(d, b->account, b->axis, b->day);

			over |= __builtin_add_overflow(a->debit, b->debit, &a->debit) ||
				__builtin_add_overflow(a->credit, b->credit, &a->credit);
		}
	}
	return !over;
}

/* ---- the end ---- */

void derive_end_entries(struct derive *d)
{
	for (size_t i = 0; i < d->account_count; i++) {
		const struct derive_account *a = &d->accounts[i];

		derive_row(d, SHAPE_BALANCE,
			(struct shape_cell[]){ SHAPE_OF_NUMBER((int64_t)i + 1),
				SHAPE_OF_MONEY(a->debit, a->account.currency),
				SHAPE_OF_MONEY(a->credit, a->account.currency),
				SHAPE_OF_NUMBER(a->last_entry) });
	}
	for (size_t i = 0; i < d->day_slots; i++) {
		const struct derive_day *day = &d->days[i];
		const char *currency;

		if (day->account != 0) {
			currency = d->accounts[day->account - 1].account.currency;
			derive_row(d, SHAPE_DAY_SUM,
				(struct shape_cell[]){ SHAPE_OF_NUMBER(day->account),
					SHAPE_OF_NUMBER(day->axis), SHAPE_OF_DAY(day->day),
					SHAPE_OF_MONEY(day->debit, currency),
					SHAPE_OF_MONEY(day->credit, currency) });
		}
	}
	for (size_t i = 0; i < d->item_count; i++) {
		const struct derive_item *item = &d->items[i];

		derive_row(d, SHAPE_SUSPENSE,
			(struct shape_cell[]){ SHAPE_OF_NUMBER((int64_t)i + 1),
				SHAPE_OF_NUMBER(item->entry), SHAPE_OF_NUMBER(item->payment),
				SHAPE_OF_NUMBER(item->account),
				SHAPE_OF_MONEY(item->amount,
					d->accounts[item->account - 1].account.currency),
				SHAPE_OF_NUMBER(item->reason),
				SHAPE_OF_NUMBER(item->closed_entry) });
	}
}

void derive_done_entries(struct derive *d)
{
	free(d->accounts);
	free(d->days);
	free(d->items);
	free(d->lasts);
}
