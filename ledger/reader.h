/* SPDX-License-Identifier: Apache-2.0 */

/*
 * reader - questions to the committed book, on a read-only connection.
 *
 * Rows never change, so a view "as of record n" is exact at any later time: an idempotent answer is
 * derived again from the record its request wrote, and a report walks ranges and states its
 * as_of_record.  No read transaction is held longer than one call (at most READER_ROWS_MAX rows).
 * Texts of a view point into its own arena and live until the view is done with.
 */
#ifndef ALYM_LEDGER_READER_H
#define ALYM_LEDGER_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/err.h"
#include "base/money.h"
#include "base/text.h"
#include "ledger/attempt.h"
#include "ledger/code.h"
#include "ledger/job.h"
#include "ledger/note.h"
#include "ledger/payment.h"
#include "ledger/query.h"
#include "ledger/tree.h"

enum {
	READER_ROWS_MAX = 500,
	READER_POSTINGS_MAX = 16,
	READER_ACCOUNT_SIZE = 128,
	READER_VIEW_ARENA = 65536,
};

#define READER_LATEST INT64_MAX /* as of now */

/* Of a record, an entry, a person: what JSON says exactly.  More is a damaged row. */
#define READER_NUMBER_MAX MONEY_API_MAX

struct reader;

bool reader_open(const char *path, const char *vfs, struct reader **reader, struct err *err)
	MUST_USE;
void reader_close(struct reader **reader);

enum reader_result {
	READER_FOUND,
	READER_ABSENT,
	READER_FAILED, /* err says why */
};

/* A walk in pages: rows after one number, at most so many. */
struct reader_page {
	int64_t after; /* exclusive */
	size_t limit;  /* 1..READER_ROWS_MAX */
	/* out */
	size_t count;  /* rows given */
	int64_t next;  /* payments, entries: where to go on; 0 at the end */
	int64_t as_of; /* accounts, entries: the last record; events: the client's last number */
};

/* ---- payments ---- */

struct attempt_view {
	int64_t number;
	int32_t generation; /* of the book that made it: its payment's, or a later one */
	int64_t payment;
	int32_t gateway_number;
	struct text gateway; /* its name */
	char order[JOB_ORDER_SIZE];
	enum attempt_state state;
	struct money amount;
	struct money captured;
	int64_t created_at;
	int64_t expires_at;
	struct text return_url;
	struct text language;
	struct text route; /* how its gateway was chosen (job.h); empty: it was named */
	struct text handle;
	struct text operation; /* of the last money */
	struct text reason;
	struct text page; /* canonical JSON, or empty */
	int32_t paid_on;  /* or DATE_NONE */
};

struct payment_view {
	int64_t number;
	int32_t generation;
	int64_t as_of_record;
	int32_t client;
	enum payment_state state;
	bool unknown; /* flags of design §3 */
	bool fulfilled;
	bool erased; /* reference, payer and quote_request are empty */
	char code[CODE_SIZE];
	struct money due;  /* whole */
	struct money paid; /* booked as fee */
	struct money held; /* in suspense under the payment */
	int64_t created_at;
	int64_t expires_at;
	struct job_calculation calculation; /* its texts in the arena */
	struct text reference;
	struct text payer;         /* canonical JSON or empty */
	struct text quote_request; /* canonical JSON */
	size_t attempt_count;
	struct attempt_view attempts[ATTEMPT_COUNT_MAX];
	struct buffer arena;
};

void payment_view_init(struct payment_view *view);
void payment_view_done(struct payment_view *view);

/* As of the last record <= as_of. */
enum reader_result reader_payment(struct reader *reader, int64_t number, int64_t as_of,
	struct payment_view *view, struct err *err) MUST_USE;

/* One attempt, with its payment (view) as of now. */
enum reader_result reader_attempt(struct reader *reader, int64_t attempt,
	struct payment_view *payment, struct attempt_view *view, struct err *err) MUST_USE;

/* Code or token -> number, by the keys in the book; nothing is looked up. */
bool reader_code(struct reader *reader, struct text code, int32_t *generation, int64_t *payment);
bool reader_token(struct reader *reader, struct text token, int32_t *generation, int64_t *attempt);
const char *reader_attempt_token(struct reader *reader, const struct attempt_view *attempt,
	char out[CODE_TOKEN_SIZE]);

struct reader_filter {
	int32_t client; /* 0: anybody's */
	bool has_state;
	enum payment_state state;
	int64_t created_from;  /* Unix seconds; 0: open */
	int64_t created_until; /* exclusive; 0: open */
};

/* Numbers of payments that match, ascending. */
bool reader_payments(struct reader *reader, const struct reader_filter *filter,
	struct reader_page *page, int64_t *numbers, struct err *err) MUST_USE;

/* The records that calculated a payment, ascending: a view as of one has that calculation. */
bool reader_calculations(struct reader *reader, int64_t payment, struct reader_page *page,
	int64_t *records, struct err *err) MUST_USE;

/* The number of the last payment; 0: there is none. */
bool reader_payment_last(struct reader *reader, int64_t *number, struct err *err) MUST_USE;

/* ---- what waits ---- */

struct waiting_attempt {
	int64_t attempt;
	int32_t gateway;
	enum attempt_state state;
	int64_t next_at;
	int32_t tries;
};

/* Attempts that are not final. */
bool reader_waiting(struct reader *reader, struct reader_page *page,
	struct waiting_attempt *waiting, struct err *err) MUST_USE;

/* Payments whose time ran out before `now` and that are still open or partly paid. */
bool reader_overdue(struct reader *reader, int64_t now, struct reader_page *page, int64_t *numbers,
	struct err *err) MUST_USE;

/* Messages kept but not yet interpreted: after a crash they are gone through again. */
struct kept_message {
	int64_t inbox;
	int32_t gateway;
	int64_t received_at;
	struct text peer; /* in the view's arena */
	struct text head;
	struct text body;
};
enum reader_result reader_kept(struct reader *reader, int64_t after, struct kept_message *message,
	struct buffer *arena, struct err *err) MUST_USE;

/* ---- a book that was resumed ---- */

struct generation_row {
	int32_t number;
	int64_t since;     /* what happened from then on may have been lost */
	int64_t booked_at; /* when it was resumed */
	int64_t record;
};

/* The present generation; ABSENT: it is the first. */
enum reader_result reader_generation(struct reader *reader, struct generation_row *row,
	struct err *err) MUST_USE;

/* Attempts, older than the record, of payments created at `from` or later: their numbers and
 * gateways, in pages. */
bool reader_attempts_since(struct reader *reader, int64_t from, int64_t record,
	struct reader_page *page, struct waiting_attempt *attempts, struct err *err) MUST_USE;

/* ---- events ---- */

struct event_row {
	int64_t number; /* the client's own: 1, 2, 3 ... */
	int64_t record;
	int64_t payment;
	int64_t booked_at;
	char type[40]; /* "payment.paid" */
	int32_t generation;
};

bool reader_events(struct reader *reader, int32_t client, struct reader_page *page,
	struct event_row *rows, struct err *err) MUST_USE;

/* ---- the ledger ---- */

struct account_row {
	int64_t account;
	char name[READER_ACCOUNT_SIZE]; /* "clearing:sandbox" */
	char type[16];                  /* asset liability income expense equity contra_income */
	char currency[MONEY_CURRENCY_SIZE];
	int64_t debit; /* sums ever posted */
	int64_t credit;
	int64_t entries_last; /* the last entry that touched it */
};

/* Which day counts: that on which it was booked, or its value date. */
enum reader_axis { READER_BOOKED, READER_VALUE };

/* As of now, all that were ever posted to; ledger/sums.h has them as of any day and record. */
bool reader_accounts(struct reader *reader, struct reader_page *page, struct account_row *rows,
	struct err *err) MUST_USE;

bool reader_has_account(struct reader *reader, struct text name, bool *has, struct err *err)
	MUST_USE;
bool reader_has_gateway(struct reader *reader, struct text name, bool *has, struct err *err)
	MUST_USE;

struct posting_row {
	char account[READER_ACCOUNT_SIZE];
	struct money amount; /* debit positive, credit negative */
};

struct entry_row {
	int64_t number;
	int64_t record;
	int64_t payment;    /* or 0 */
	int32_t generation; /* of the payment, or 0 */
	char cause[24];     /* "capture", "exempt", "hold", ... */
	char gateway[JOB_NAME_MAX + 1];
	char operation[JOB_OPERATION_MAX + 1];
	int64_t booked_at;
	int32_t value_date;
	int32_t paid_on;
	/* Where it takes another one back, or is taken back: both are told the same. */
	struct {
		int64_t entry; /* that takes back; 0: neither */
		int64_t reverses;
		int64_t record; /* of `entry` */
		struct job_actor actor;
		char reason[JOB_REASON_MAX + 1];
	} reversal;
	size_t posting_count;
	struct posting_row postings[READER_POSTINGS_MAX];
};

enum reader_result reader_entry(struct reader *reader, int64_t number, struct entry_row *row,
	struct err *err) MUST_USE;

struct entry_filter {
	struct text account; /* name, or empty */
	struct text gateway; /* name, or empty */
	struct text service; /* of its payment: code, or empty */
	int64_t payment;     /* or 0 */
	int32_t day_from;    /* Almaty, on that axis; or DATE_NONE */
	int32_t day_until;   /* inclusive; or DATE_NONE */
	enum reader_axis axis;
	int64_t as_of; /* a record, or READER_LATEST */
	int64_t slice; /* entries a call looks at, at most; 0: as many as is good */
};

/*
 * Numbers of entries that match, ascending; page->as_of: the record.  One slice of a long query: it
 * may find nothing and go on at page->next.  READER_ABSENT: the book has no such record yet.
 */
enum reader_result reader_entries(struct reader *reader, const struct entry_filter *filter,
	struct reader_page *page, int64_t *numbers, struct err *err) MUST_USE;

/* The exact bytes of a record's leaf, into `leaf`. */
enum reader_result reader_record(struct reader *reader, int64_t number, struct buffer *leaf,
	struct err *err) MUST_USE;

/* What a leaf's "private" or "evidence" is the SHA-256 of, salt and data, into `bytes`.  Absent:
 * the record commits to none, or it was erased. */
enum reader_result reader_opening(struct reader *reader, int64_t record, bool evidence,
	struct buffer *bytes, struct err *err) MUST_USE;

/* The newest checkpoint at or under `size_max` records. */
enum reader_result reader_checkpoint(struct reader *reader, uint64_t size_max,
	char note[NOTE_TEXT_SIZE], uint64_t *size, struct err *err) MUST_USE;

enum reader_result reader_inclusion(struct reader *reader, int64_t record, uint64_t size,
	struct tree_hash *root, struct tree_proof *proof, struct err *err) MUST_USE;
enum reader_result reader_consistency(struct reader *reader, uint64_t first, uint64_t second,
	struct tree_proof *proof, struct err *err) MUST_USE;

/*
 * The first `width` (1..256) hashes of a tile, 32 bytes each; and the leaves they are of, each
 * behind its size in two bytes, the higher first (C2SP tlog-tiles).  Absent: the book is not that
 * long.
 */
enum reader_result reader_tile(struct reader *reader, unsigned level, uint64_t number, size_t width,
	struct buffer *hashes, struct err *err) MUST_USE;
enum reader_result reader_bundle(struct reader *reader, uint64_t number, size_t width,
	struct buffer *leaves, struct err *err) MUST_USE;

/* ---- tariff sets taken into use ---- */

/* The set taken into use last. */
enum reader_result reader_tariff_last(struct reader *reader, uint8_t digest[JOB_DIGEST_SIZE],
	struct err *err) MUST_USE;

/* The i-th file of a set (from 0), into the arena. */
enum reader_result reader_tariff_file(struct reader *reader, const uint8_t digest[JOB_DIGEST_SIZE],
	size_t i, struct job_tariff_file *file, struct buffer *arena, struct err *err) MUST_USE;

/* ---- exchange rates taken into use ---- */

struct rates_row {
	int64_t record;
	int64_t replaces; /* the record whose rates of that day these replace, or 0 */
	int64_t booked_at;
	int32_t day;
	uint8_t digest[JOB_DIGEST_SIZE];
	char rates[JOB_RATES_MAX + 1]; /* canonical JSON, as struct job_rates has it */
	char source[JOB_SOURCE_MAX + 1];
	char reason[JOB_REASON_MAX + 1];
};

/* Those after record page->after, replaced ones too, in the order they were taken into use. */
bool reader_rates(struct reader *reader, struct reader_page *page, struct rates_row *rows,
	struct err *err) MUST_USE;

/* Those in use for that day. */
enum reader_result reader_rates_of_day(struct reader *reader, int32_t day, struct rates_row *row,
	struct err *err) MUST_USE;

/* ---- what is kept beside the book ---- */

/*
 * Rows whose time was over before `until` (Unix seconds): evidence that was booked before it; what
 * is private of payments that ended before it.  page->limit rows are looked at, those after record
 * page->after; page->next is 0 when no more can be over.
 */
bool reader_retention(struct reader *reader, enum job_source source, int64_t until,
	struct reader_page *page, struct job_erased *rows, struct err *err) MUST_USE;

/* ---- figures for metrics ---- */

struct reader_figures {
	int64_t records;
	int64_t entries;
	int64_t payments;
	int64_t inbox;     /* messages kept, not yet verified */
	int64_t suspense;  /* items without a home */
	int64_t log_bytes; /* of the write-ahead log; it is bounded (ledger/store.h) */
};
bool reader_figures(struct reader *reader, struct reader_figures *figures, struct err *err)
	MUST_USE;

#endif
