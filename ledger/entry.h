/* SPDX-License-Identifier: Apache-2.0 */

/* entry - postings and what seals them; for the files of the book. */
#ifndef ALYM_LEDGER_ENTRY_H
#define ALYM_LEDGER_ENTRY_H

#include "base/json.h"
#include "ledger/book.h"
#include "ledger/card.h"
#include "ledger/chart.h"
#include "ledger/keyset.h"
#include "ledger/kind.h"

enum { ENTRY_POSTINGS_MAX = 16 };

/* What an entry that takes another one back says besides. */
struct entry_reversal {
	int64_t reverses;
	const struct job_actor *actor;
	const struct job_request *request;
	struct text reason;
	bool has_state; /* of the attempt afterwards, where that moves */
	enum attempt_state state;
};

struct entry {
	enum kind_cause cause;
	int64_t payment;
	int64_t attempt;
	int32_t gateway;
	struct text operation; /* or empty */
	struct keyset_key operation_key;
	bool has_operation;
	int32_t value_date;
	int32_t paid_on;
	const uint8_t *evidence;        /* its commitment, or NULL */
	enum kind_reason suspended;     /* why its last posting has no home, if it has none */
	const struct job_verdict *said; /* of its attempt: reason, handle and page; or NULL */
	const struct entry_reversal *reversal; /* or NULL */
	size_t count;
	struct {
		struct chart_account account;
		int64_t amount;
	} postings[ENTRY_POSTINGS_MAX];
};

/* Adds a posting; zero amounts are left out. */
void entry_add(struct entry *entry, enum kind_account type, const char *prefix, struct text part,
	const char *currency, int64_t amount);
/* No sum would leave int64. */
bool entry_fits(const struct book *book, const struct entry *entry);
/* The fee of the card, gross, and its relief. */
void entry_add_fee(struct entry *entry, const struct card *card);
/* Writes a record of its own, the postings and the seal; gives the record. */
int64_t entry_write(struct book *book, struct job *job, const struct entry *entry);
/* The same in two steps, where the entry is part of its payment's record. */
void entry_write_members(struct book *book, struct json_writer *w, const struct entry *entry);
void entry_put(struct book *book, const struct job *job, const struct entry *entry, int64_t record);
/* Gross fee against relief: what an exempt payment books. */
void entry_exempt(struct entry *entry, const struct card *card, int32_t day);

#endif
