/* SPDX-License-Identifier: Apache-2.0 */

/* derive_parts - what the files of derive share; nobody else includes it. */
#ifndef ALYM_LEDGER_DERIVE_PARTS_H
#define ALYM_LEDGER_DERIVE_PARTS_H

#include "ledger/chart.h"
#include "ledger/derive.h"
#include "ledger/kind.h"
#include "ledger/leaf.h"

enum { DERIVE_POSTINGS_MAX = DERIVE_POSTED_MAX, DERIVE_NAMES_MAX = 1024 };

struct derive_account {
	struct chart_account account;
	int64_t debit;
	int64_t credit;
	int64_t last_entry;
};

struct derive_day {
	int32_t account; /* 0: no row */
	int32_t axis;
	int32_t day;
	int64_t debit;
	int64_t credit;
};

/* What the leaf says of an entry. */
struct derive_said {
	int64_t attempt;
	enum kind_cause cause;
	int64_t number;
	int64_t gateway;
	struct text operation;
	int32_t paid_on;
	int64_t payment;
	size_t count;
	struct {
		int32_t account;
		int64_t amount;
	} postings[DERIVE_POSTINGS_MAX];
	struct text reason;
	enum kind_reason suspended;
	int32_t value_date;
	bool has_evidence;
	uint8_t evidence[DIGEST_SIZE];
	bool has_handle;
	bool has_page;
	uint8_t handle[KEYSET_KEY_SIZE];
	uint8_t page[KEYSET_KEY_SIZE];
	/* of a reversal */
	int64_t reverses; /* or 0 */
	int64_t client;
	int64_t uid;
	bool has_state;
	enum attempt_state state;
};

struct derive_item {
	int64_t entry;
	int64_t payment;
	int64_t amount;
	int64_t closed_entry;
	int32_t account;
	enum kind_reason reason;
};

/* The last payment with a reference. */
struct derive_reference {
	uint8_t key[KEYSET_KEY_SIZE];
	int64_t payment; /* 0: none */
};

/* The last entry, or record, of a day. */
struct derive_last {
	int32_t day;
	int64_t number;
};

struct derive {
	struct derive_sink sink;
	const struct zone *almaty;
	const struct seal *seal; /* or NULL */
	struct leaf leaf;
	int64_t counts[SHAPE_COUNT];

	/* the tree, and the tiles being filled */
	struct tree_hasher *hasher;
	struct tree tree;
	struct {
		size_t count;
		struct tree_hash hashes[JOURNAL_TILE_WIDTH];
	} tiles[JOURNAL_TILE_LEVELS];

	/* the record being taken */
	int64_t record;
	int64_t at;
	int32_t today;

	/* the book */
	char name[16];
	int64_t created_at;
	int32_t founded; /* the first generation */
	int32_t generation;
	int32_t client_count;
	int32_t gateway_count;
	int64_t events[DERIVE_NAMES_MAX + 1];
	struct {
		int64_t serial;
		int64_t generation;
	} orders[DERIVE_NAMES_MAX + 1]; /* the last of each gateway */
	uint8_t (*sets)[DIGEST_SIZE];   /* tariff sets whose files were handed over */
	size_t set_count;

	/* money */
	struct derive_account *accounts;
	size_t account_count;
	struct derive_day *days; /* open addressing */
	size_t day_slots;
	size_t day_count;
	struct derive_item *items;
	size_t item_count;
	struct derive_last *lasts;
	size_t last_count;
	int64_t entry_last;
	struct derive_last *rates; /* the newest record of each day with rates */
	size_t rates_count;

	/* payments */
	int64_t payment_last;
	struct derive_card *cards; /* open addressing */
	size_t card_slots;
	size_t card_count;
	struct derive_reference *references;
	size_t reference_slots;
	size_t reference_count;
};

/* Counts, and hands over. */
void derive_row(struct derive *d, enum shape_table table, const struct shape_cell *cells);

/* {"client":..,"reason":..,"uid":..}, if it is there. */
void derive_actor(struct derive *d, const char *name, int64_t *client, int64_t *uid);

/* ---- derive_entry.c ---- */
/* The body of an entry, or of an exempt payment's (`exempt` is its card). */
void derive_entry(struct derive *d, struct derive_card *exempt);
void derive_done_entries(struct derive *d);

/* ---- derive_reversal.c ---- */
void derive_read_reversal(struct derive *d, struct derive_said *e);
/* What the entry that is taken back had moved. */
void derive_reversal(struct derive *d, const struct derive_said *e);

/* ---- derive_close.c ---- */
void derive_close(struct derive *d);

/* ---- derive_payment.c ---- */
void derive_payment(struct derive *d);
void derive_requote(struct derive *d);
void derive_attempt_record(struct derive *d);
void derive_cancellation(struct derive *d, enum kind_record kind);
void derive_fulfilment(struct derive *d);
void derive_end_payments(struct derive *d);

/* ---- derive_card.c ---- */
void derive_done_payments(struct derive *d);
struct derive_card *derive_card_add(struct derive *d, const struct derive_card *card);
/* The payment before with that reference, or 0; this one is the last now. */
int64_t derive_reference(struct derive *d, const uint8_t key[KEYSET_KEY_SIZE], int64_t payment);

/* The payment's card, asked back if need be; NULL, with a fault, where there is none. */
struct derive_card *derive_card_of(struct derive *d, int64_t payment);
struct derive_attempt *derive_attempt_of(struct derive *d, struct derive_card *card,
	int64_t attempt);
/* How the payment stands after this record, and the client's event. */
void derive_step(struct derive *d, struct derive_card *card, enum kind_event event);
/* The attempt's row after this record. */
void derive_attempt_step(struct derive *d, int64_t number, const struct derive_attempt *a,
	struct text reason);
enum attempt_state derive_state(struct derive *d, struct text name);
/* "request": false where there is none. */
bool derive_read_request(struct derive *d, uint8_t key[KEYSET_KEY_SIZE],
	uint8_t fingerprint[KEYSET_KEY_SIZE]);
/* "request" of what an operator did. */
void derive_act(struct derive *d, int64_t client);
/* "request" of a record about a payment that was there. */
void derive_request(struct derive *d, int64_t payment, int64_t client);
/* Takes handle and page where they are said. */
void derive_said(struct derive *d, const char *name, uint8_t seal[KEYSET_KEY_SIZE], bool *has);

#endif
