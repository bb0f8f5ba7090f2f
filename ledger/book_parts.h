/* SPDX-License-Identifier: Apache-2.0 */

/*
 * book_parts - what the files of the book share; nobody else includes it.
 *
 * Each kind of job has a pair of functions in the file of its noun: X_decide reads, X_apply
 * inserts.
 */
#ifndef ALYM_LEDGER_BOOK_PARTS_H
#define ALYM_LEDGER_BOOK_PARTS_H

#include <limits.h>

#include "ledger/book.h"
#include "ledger/card.h"
#include "ledger/chart.h"
#include "ledger/code.h"
#include "ledger/digest.h"
#include "ledger/entry.h"
#include "ledger/head.h"
#include "ledger/journal.h"
#include "ledger/keyset.h"
#include "ledger/kind.h"
#include "ledger/order.h"
#include "ledger/seal.h"
#include "ledger/standing.h"
#include "ledger/store.h"

enum { BOOK_NAMES_MAX = 1024, BOOK_ORIGIN_SIZE = NOTE_NAME_SIZE };
enum { BOOK_KEYS_REQUESTS = 1, BOOK_KEYS_REFERENCES, BOOK_KEYS_OPERATIONS, BOOK_KEYS_CREATIONS };

/* A client or gateway; number n stands at n - 1. */
struct book_name {
	char name[JOB_NAME_MAX + 1];
	int64_t event_last;   /* of a client */
	int64_t order_serial; /* of a gateway with a daily rule; -1: not read yet */
};

struct book_names {
	struct book_name *names;
	int32_t count;
};

/* A client's request, as the book knows it again: sealed. */
struct book_request {
	struct keyset_key key;
	struct keyset_key fingerprint;
	struct keyset_key reference; /* of a creation */
};

struct book {
	struct store *store;
	struct journal *journal;
	struct chart *chart;
	struct cards *cards;
	struct keyset *requests;   /* -> record of `request` */
	struct keyset *creations;  /* -> payment, whose row has its request */
	struct keyset *references; /* -> payment */
	struct keyset *operations; /* -> entry */
	struct code_key *codes;
	struct digest *digest;
	struct seal seal;
	struct book_request asked; /* of the job being done, from book_request_seen() on */
	struct entry exempt;       /* what the creation being done books; count 0: nothing */
	struct note_key *note_key;
	struct note_key *note_before; /* signs beside it; NULL: it does not */
	int64_t note_until;           /* until then; 0: it does not */
	struct book_names clients;
	struct book_names gateways;
	char name[9];                  /* the book's: eight hexadecimal digits */
	char origin[BOOK_ORIGIN_SIZE]; /* what stands before it in the checkpoints' */
	int32_t generation;
	int64_t generation_from[ID_GENERATION_MAX + 1]; /* each one's first record; 0: none */
	int32_t resumed_on; /* the day the last began; INT32_MIN: none */
	enum book_standing standing;
	char standing_why[BOOK_WHY_SIZE];
	struct head head; /* the newest signed here, when the book was opened */
	bool has_head;
	char head_path[PATH_MAX]; /* or empty: none is kept */
	int64_t head_record;      /* of the checkpoint that lies there */
	int64_t payment_last;
	int64_t entry_last;
	int64_t suspense_last;
	int64_t inbox_last;
	int64_t inbox_count;
	int32_t day_last;                /* the latest day anything was booked on */
	int32_t closed_month;            /* the last month that is closed, or 0 */
	int32_t closed_day;              /* its last day, or DATE_NONE */
	int64_t closed_entry;            /* its last entry, or 0 */
	uint8_t tariff[JOB_DIGEST_SIZE]; /* in use */
	bool has_tariff;
	int64_t checkpoint_record; /* the newest, or 0 */
	uint64_t checkpoint_size;
	char checkpoint_note[NOTE_TEXT_SIZE];
	bool failed;
};

/* ---- book.c: small things every job uses ---- */

/* The writer's answer to "is this key used?"; a failed store is seen by book_write(). */
bool book_key_used(struct book *book, struct keyset *set, const struct keyset_key *key,
	int64_t *value);

/* Seals the key and the fingerprint of a request that has a key: what is asked for by now. */
void book_request_ask(struct book *book, const struct job_request *request);

/* Whether the stored fingerprint is the same request's: JOB_REPEATED, else JOB_MISMATCH. */
enum job_outcome book_request_compare(const struct book *book, struct text stored);

/* True when the request was seen before: outcome JOB_REPEATED or JOB_MISMATCH is set. */
bool book_request_seen(struct book *book, struct job *job, const struct job_request *request);

/* The leaf's member `request`, of the job being done; none where there is no key. */
void book_write_request(struct book *book, struct json_writer *w,
	const struct job_request *request);

/* Remembers the request as of job->record: one about a payment that was there. */
void book_request_keep(struct book *book, struct job *job, const struct job_request *request);

/* The card of job->payment if the request's client owns it; else outcome JOB_NOT_FOUND and NULL. */
struct card *book_own_card(struct book *book, struct job *job, int32_t client);

/* Tells the submitter how the payment stands. */
void book_tell(struct job *job, const struct card *card);

/* The client's next event, unless it is KIND_EVENT_NONE. */
void book_event(struct book *book, const struct card *card, int64_t record, enum kind_event event);

/* The row that says how the payment stands after `record`, and the client's event, if any. */
void book_step(struct book *book, struct card *card, int64_t record, enum kind_event event);

/* SHA-256(salt || data): how a leaf commits to what is kept beside it. */
void book_commitment(struct book *book, const uint8_t salt[JOB_SALT_SIZE], struct text data,
	uint8_t out[DIGEST_SIZE]);

/* Salted bytes that a leaf commits to. */
void book_put_private(struct book *book, int64_t record, const uint8_t *salt, struct text data);

/* ---- load.c: what the writer's memory begins with ---- */
/* Reads it from the open store, or writes a new book's beginning.  A book that is damaged where the
 * memory is built on it, or at its newest end, is refused: err names table and row. */
bool load_book(struct book *book, const struct book_options *options, struct err *err) MUST_USE;

/* ---- names.c ---- */
void name_decide(struct book *book, struct job *job);
void name_apply(struct book *book, struct job *job);

/* ---- tariff_use.c ---- */
void tariff_decide(struct book *book, struct job *job);
void tariff_apply(struct book *book, struct job *job);

/* ---- rates_use.c ---- */
void rates_decide(struct book *book, struct job *job);
void rates_apply(struct book *book, struct job *job);

/* ---- close.c: a month is closed ---- */
void close_decide(struct book *book, struct job *job);
void close_apply(struct book *book, struct job *job);
/* The last month that is closed, into the book. */
void close_load(struct book *book);

/* ---- reverse.c: an entry is taken back ---- */
void reverse_decide(struct book *book, struct job *job);
void reverse_apply(struct book *book, struct job *job);

/* ---- inbox.c ---- */
void keep_decide(struct book *book, struct job *job);
void keep_apply(struct book *book, struct job *job);
void clean_decide(struct book *book, struct job *job);
void clean_apply(struct book *book, struct job *job);
void evidence_decide(struct book *book, struct job *job);
void evidence_apply(struct book *book, struct job *job);
/* The evidence of a verdict: its commitment, and whether there is any. */
bool evidence_commit(struct book *book, const struct job_verdict *verdict, uint8_t commitment[32],
	struct buffer *data);
void evidence_keep(struct book *book, const struct job_verdict *verdict, int64_t record,
	const struct buffer *data);

/* ---- create.c ---- */
void create_decide(struct book *book, struct job *job);
void create_apply(struct book *book, struct job *job);
void requote_decide(struct book *book, struct job *job);
void requote_apply(struct book *book, struct job *job);
/* A new calculation: record, row, step and event. */
void requote_write(struct book *book, struct job *job, struct card *card,
	const struct job_calculation *calculation);

/* ---- change.c: cancel, fulfil, expire ---- */
void cancel_decide(struct book *book, struct job *job);
void cancel_apply(struct book *book, struct job *job);
void expire_decide(struct book *book, struct job *job);
void expire_apply(struct book *book, struct job *job);
void fulfil_decide(struct book *book, struct job *job);
void fulfil_apply(struct book *book, struct job *job);

/* ---- erase.c ---- */
typedef void book_act_fn(struct book *book, struct job *job);
book_act_fn erase_decide, erase_apply, forget_decide, forget_apply;

/* ---- ask.c ---- */
void ask_decide(struct book *book, struct job *job);

/* ---- verdict.c: what a gateway said ---- */
void verdict_decide(struct book *book, struct job *job);
void verdict_apply(struct book *book, struct job *job);

#endif
