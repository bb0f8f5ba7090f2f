/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/entry.h"

#include <assert.h>
#include <string.h>

#include "ledger/act.h"

/* "fee:visa.multiple:108126": the service and the budget code, which may be unknown. */
static struct text entry_fee_part(const struct card *card, char part[CHART_NAME_SIZE])
{
	struct text kbk = card->kbk[0] != '\0' ? text_of(card->kbk) : TEXT("unassigned");
	size_t size = strlen(card->service);

	assert(size + 1 + kbk.size < CHART_NAME_SIZE);

	memcpy(part, card->service, size);
	part[size] = ':';
	memcpy(part + size + 1, kbk.bytes, kbk.size);
	return (struct text){ part, size + 1 + kbk.size };
}

void entry_add(struct entry *e, enum kind_account type, const char *prefix, struct text part,
	const char *currency, int64_t amount)
{
	assert(e != NULL);
	assert(prefix != NULL);

	if (amount == 0) {
		return;
	}
	assert(e->count < ENTRY_POSTINGS_MAX);
	e->postings[e->count].account = chart_account_of(type, prefix, part, currency);
	e->postings[e->count].amount = amount;
	e->count++;
}

void entry_add_fee(struct entry *e, const struct card *card)
{
	char part[CHART_NAME_SIZE];

	assert(e != NULL);
	assert(card->gross == card->due + card->relief);

	entry_add(e, KIND_CONTRA_INCOME, "relief", text_of(card->ground), card->currency,
		card->relief);
	entry_add(e, KIND_INCOME, "fee", entry_fee_part(card, part), card->currency, -card->gross);
}

void entry_exempt(struct entry *e, const struct card *card, int32_t day)
{
	assert(card->due == 0);
	assert(card->gross == card->relief);

	*e = (struct entry){ .cause = KIND_EXEMPT,
		.payment = card->number,
		.value_date = day,
		.paid_on = day };
	entry_add_fee(e, card);
}

/* What the entry debits in the currency of its posting `first`, unless an earlier one has it: then
 * 0.  False: it overflows. */
static bool entry_debits(const struct entry *e, size_t first, int64_t *debits)
{
	const char *currency = e->postings[first].account.currency;

	*debits = 0;
	for (size_t i = 0; i < e->count; i++) {
		if (strcmp(e->postings[i].account.currency, currency) != 0) {
			continue;
		}
		if (i < first) {
			*debits = 0;
			return true;
		}
		if (e->postings[i].amount > 0 &&
			__builtin_add_overflow(*debits, e->postings[i].amount, debits)) {
			return false;
		}
	}
	return true;
}

bool entry_fits(const struct book *b, const struct entry *e)
{
	assert(b != NULL);
	assert(e != NULL);

	for (size_t i = 0; i < e->count; i++) {
		int32_t account = chart_find(b->chart, &e->postings[i].account);
		int64_t debits;

		if (!chart_has_room(b->chart, account, e->postings[i].amount) ||
			!entry_debits(e, i, &debits) ||
			!chart_total_has_room(b->chart, e->postings[i].account.currency, debits)) {
			return false;
		}
	}
	return true;
}

static bool entry_balances(const struct entry *e)
{
	assert(e->count >= 2);

	for (size_t i = 0; i < e->count; i++) {
		int64_t sum = 0;

		for (size_t k = 0; k < e->count; k++) {
			if (strcmp(e->postings[k].account.currency,
				    e->postings[i].account.currency) == 0 &&
				__builtin_add_overflow(sum, e->postings[k].amount, &sum)) {
				return false;
			}
		}
		if (sum != 0) {
			return false;
		}
	}
	return true;
}

static void entry_leaf_reversal(struct book *b, struct json_writer *w,
	const struct entry_reversal *r)
{
	assert(r->reverses > 0);

	json_text(w, "reason", r->reason);
	book_write_request(b, w, r->request);
	act_write_actor(w, "reversed_by", r->actor, TEXT(""));
	json_decimal(w, "reverses", r->reverses);
	if (r->has_state) {
		json_cstring(w, "state", attempt_state_name(r->state));
	}
}

void entry_write_members(struct book *b, struct json_writer *w, const struct entry *e)
{
	bool own = e->cause != KIND_EXEMPT; /* else its payment's record says which */

	assert(w != NULL);
	assert(e->count >= 2);

	if (e->attempt != 0) {
		json_decimal(w, "attempt", e->attempt);
	}
	json_cstring(w, "cause", kind_cause_name(e->cause));
	json_decimal(w, "entry", b->entry_last + 1);
	if (e->evidence != NULL) {
		json_hex(w, "evidence", e->evidence, 32);
	}
	if (e->gateway != 0) {
		json_decimal(w, "gateway", e->gateway);
	}
	if (e->said != NULL) {
		seal_write(&b->seal, w, "handle", e->said->handle);
	}
	json_text_said(w, "operation", e->operation);
	if (e->said != NULL) {
		seal_write(&b->seal, w, "page", e->said->page);
	}
	json_day(w, "paid_on", e->paid_on);
	if (own && e->payment != 0) {
		json_decimal(w, "payment", e->payment);
	}
	json_open_array(w, "postings");
	for (size_t i = 0; i < e->count; i++) {
		json_open_object(w, NULL);
		json_cstring(w, "account", e->postings[i].account.name);
		json_decimal(w, "amount", e->postings[i].amount);
		json_cstring(w, "currency", e->postings[i].account.currency);
		json_close_object(w);
	}
	json_close_array(w);
	if (e->said != NULL) {
		json_text_said(w, "reason", e->said->reason);
	}
	if (e->reversal != NULL) {
		entry_leaf_reversal(b, w, e->reversal);
	}
	if (e->suspended != KIND_REASON_NONE) {
		json_cstring(w, "suspended", kind_reason_name(e->suspended));
	}
	json_day(w, "value_date", e->value_date);
}

static void entry_post(struct book *b, const struct entry *e, const int32_t days[2])
{
	int64_t number = b->entry_last + 1;

	assert(e->count <= ENTRY_POSTINGS_MAX);

	for (size_t i = 0; i < e->count; i++) {
		int32_t account = chart_need(b->chart, b->store, &e->postings[i].account);
		int64_t prev = chart_post(b->chart, account, e->postings[i].amount, number, days);

		store_put(b->store, SQL_INSERT_POSTING,
			(struct store_value[]){ STORE_OF_INT(number), STORE_OF_INT((int64_t)i + 1),
				STORE_OF_INT(account), STORE_OF_INT(e->postings[i].amount),
				STORE_OF_INT(prev) },
			5);
	}
	if (e->reversal != NULL) {
		const struct entry_reversal *r = e->reversal;

		store_put(b->store, SQL_INSERT_REVERSAL,
			(struct store_value[]){ STORE_OF_INT(number), STORE_OF_INT(r->reverses),
				STORE_OF_INT(r->actor->uid), STORE_OF_INT(r->actor->client),
				STORE_OF_TEXT(r->reason) },
			5);
	}
}

void entry_put(struct book *b, const struct job *job, const struct entry *e, int64_t record)
{
	int32_t days[2] = { job->today, e->value_date };

	assert(entry_balances(e));
	assert(e->cause > 0 && e->cause < KIND_CAUSE_END);
	assert((e->cause == KIND_REVERSAL) == (e->reversal != NULL));

	entry_post(b, e, days);
	store_put(b->store, SQL_INSERT_ENTRY,
		(struct store_value[]){ STORE_OF_INT(b->entry_last + 1), STORE_OF_INT(record),
			STORE_OF_INT(e->payment), STORE_OF_INT(e->attempt), STORE_OF_INT(e->cause),
			STORE_OF_INT(e->gateway), STORE_OF_TEXT(e->operation),
			STORE_OF_BLOB(e->operation_key.bytes,
				e->has_operation ? KEYSET_KEY_SIZE : 0),
			STORE_OF_INT(job->booked_at), STORE_OF_INT(job->today),
			STORE_OF_INT(e->value_date), STORE_OF_INT(e->paid_on),
			STORE_OF_INT((int64_t)e->count) },
		13);
	b->entry_last++;
	if (e->has_operation) {
		keyset_put(b->operations, &e->operation_key, b->entry_last, record);
	}
}

int64_t entry_write(struct book *b, struct job *job, const struct entry *e)
{
	int64_t record;

	assert(e->cause != KIND_EXEMPT);

	entry_write_members(b, journal_begin(b->journal, KIND_ENTRY, job->now), e);
	record = journal_end(b->journal);
	entry_put(b, job, e, record);
	return record;
}
