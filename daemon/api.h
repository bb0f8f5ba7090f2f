/* SPDX-License-Identifier: Apache-2.0 */

/*
 * api - the calls on the socket: what the engine's api_*.c share; nobody else includes it but
 * tests.
 *
 * One table says which method of which path is whose.  A handler reads its call and either answers
 * at once or makes one struct that lives until the answer: a query (api_query), or a job followed
 * by a query.  Handlers run on the engine's thread; `run` of a query runs on a reader's thread and
 * touches nothing but its own struct, the reader, the settings, and what any thread may: tariffs,
 * exchange rates and quotes.
 */
#ifndef ALYM_DAEMON_API_H
#define ALYM_DAEMON_API_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/json.h"
#include "daemon/engine_parts.h"
#include "daemon/parameter.h"
#include "daemon/problem.h"
#include "ledger/movement.h"
#include "tariff/quote.h"

enum {
	API_NAME_SIZE = 64,      /* of what stands in a path for {id}, and its NUL */
	API_LIMIT_MAX = 500,     /* items of one answer */
	API_LIMIT_DEFAULT = 100, /* where the caller names none */
	API_LIST_SIZE = 512,     /* of the words that bind a cursor to its list */
};

#define API_JSON "application/json"

/* ---- routes ---- */

struct api_request {
	struct engine *engine;
	struct call *call;
	int32_t client;           /* the book's number of the caller; 0: none */
	bool sees_all;            /* auditors and operators see the payments of all clients */
	char name[API_NAME_SIZE]; /* what the path has for its {name}, decoded; or empty */
};

typedef void api_handle_fn(struct api_request *r);

struct api_route {
	const char *method;
	const char *path; /* as openapi.json spells it: "/v1/payments/{id}" */
	unsigned roles;   /* any of them will do; 0: anybody, also before the engine is ready */
	api_handle_fn *handle;
};

const struct api_route *api_routes(size_t *count);

/* Answers with the problem, and counts it. */
void api_refuse(struct engine *engine, struct call *call, const struct problem *problem);

/* ---- api_body.c, api_key.c: what a POST brings ---- */

/* The body as an object the caller owns.  False: the problem says why. */
bool api_body_read(const struct api_request *r, bool may_be_empty, struct json_value **body,
	struct problem *problem) MUST_USE;

struct api_key {
	char bytes[JOB_KEY_MAX + 1];
};

/* Idempotency-Key, quoted or bare, into `key`. */
bool api_key_take(const struct api_request *r, enum job_route route, struct api_key *key,
	struct job_request *request, struct problem *problem) MUST_USE;

/* All that a request's body says, as canonical JSON: members go to `w`, in the order of names. */
struct api_key_body {
	struct buffer bytes;
	struct json_writer w;
};

void api_key_body_init(struct api_key_body *body);

/* Binds the key to all that was read - what was not, was refused - and ends the body: `request` has
 * the fingerprint of method, path and body. */
void api_key_bind(const struct api_request *r, struct api_key_body *body,
	struct job_request *request);

/* ---- api_query.c: a question, and the answer to the call ---- */

struct api_query;
typedef void api_run_fn(struct reader *reader, struct api_query *query);
typedef void api_then_fn(struct api_query *query);

struct api_query {
	struct query query;
	struct engine *engine;
	struct call *call;
	api_run_fn *run;
	api_then_fn *then;      /* the engine's thread; NULL: api_query_answer() */
	api_then_fn *release;   /* what it owns besides `out`; or NULL */
	struct problem problem; /* NONE: `out` is the answer */
	struct err err;         /* to be logged, when its kind is set */
	bool ran;               /* the world may end before */
	int status;
	const char *content_type;
	bool replayed;
	bool minimal; /* Prefer: return=minimal was asked for, and heeded */
	struct buffer out;
};

/* Zeroed, `size` >= sizeof(struct api_query); answers 200 as JSON unless told otherwise. */
void *api_query_new(const struct api_request *r, size_t size, api_run_fn *run);
void api_query_start(struct api_query *q);

/* Answers the call by what is in `q`, and frees it. */
void api_query_answer(struct api_query *q);

/* On the reader's thread.  True when found; else the problem is set: `what` was not found. */
bool api_query_found(struct api_query *q, enum reader_result result, const char *what) MUST_USE;
void api_query_fail(struct api_query *q);

/* ---- api_list.c: pages ---- */

struct api_page {
	int64_t limit;
	int64_t after;
	int64_t as_of;            /* a record, for lists that are read as of one; else 0 */
	char list[API_LIST_SIZE]; /* which list, by which filters */
};

/* Takes "limit" and "cursor"; `list` is set before. */
void api_page_take(struct parameters *p, struct api_page *page);

/* Then takes "as_of_record", where the cursor has none; READER_LATEST: it is the first page. */
void api_page_take_as_of(struct parameters *p, struct api_page *page);

/* Takes "as_of_record"; READER_LATEST: there is none. */
int64_t api_as_of_take(struct parameters *p);

/* On the reader's thread.  True when found; else the problem is set: the record is yet to come. */
bool api_as_of_found(struct api_query *q, enum reader_result result) MUST_USE;

/* {"items":[ is open and is closed with "next" behind it; 0: null.  Other members sort before. */
void api_page_close(struct json_writer *w, const struct api_page *page, int64_t next);

/* Only "next". */
void api_page_next(struct json_writer *w, const struct api_page *page, int64_t next);

/* ---- api_answer.c: a payment as the answer ---- */

struct api_payment {
	struct api_query query;
	int64_t number;
	int32_t generation; /* 0: whichever */
	int64_t as_of;
	int32_t client; /* whose it must be; 0: anybody's */
};

/* Whether the caller may see it, and meant it: the right generation, the right client. */
bool api_payment_is_theirs(const struct api_payment *p, const struct payment_view *view);

/* Heeds "Prefer: return=minimal" (RFC 7240): the payment without its quote. */
void api_payment_prefer(struct api_query *q);

/* For query.run: views it into the answer. */
void api_payment_run(struct reader *reader, struct api_query *query);

/* Views the payment as of the record that the job wrote, or had written. */
void api_payment_of_job(struct api_payment *p, const struct job *job);

/* Why the book said no. */
void api_problem_of_job(const struct job *job, struct problem *problem);

/* The payment a path names, into p's number and generation. */
bool api_payment_named(const struct api_request *r, struct api_payment *p, struct problem *problem)
	MUST_USE;

/*
 * A request that can not be granted now may repeat one that was.  api_probe() makes the job a
 * question by the key alone; its answer is the repetition's, or else the refusal.
 */
void api_probe(struct job *job, const struct job_request *request);
void api_probe_answer(struct api_payment *p, const struct job *job, const struct problem *refusal);

/* ---- api_quotes.c ---- */

struct api_quote {
	struct quote_request request; /* its texts are the body's */
	struct quoted *quoted;        /* to be dropped */
};

/* Quotes q->request for a day by the current set and the daemon's rules; `prefix` ("quote." or "")
 * stands before the name of a field at fault. */
bool api_quote_make(struct engine *engine, int32_t day, const char *prefix, struct api_quote *q,
	struct problem *problem) MUST_USE;

/* ---- drafts of the tariff: one at a time ---- */

/* ---- api_ledger.c ---- */

/* Takes "axis": by the day money was booked (the default), or by its value date. */
enum reader_axis api_axis_take(struct parameters *p);

/* The days "from" and "to", both inclusive; DATE_NONE: open. */
struct api_days {
	int32_t from;
	int32_t to;
};
struct api_days api_days_take(struct parameters *p);

/* Debit less credit. */
struct money api_account_balance(const struct account_row *row);

/* ---- api_proofs.c ---- */

/* True where a checkpoint may be made on demand now: whoever hears it makes one. */
bool api_checkpoint_is_due(struct engine *engine) MUST_USE;

/* ---- api_rotate.c ---- */

enum { API_KEYS_MAX = 2 }; /* that sign checkpoints */

/* The key before the newest, as long as it signs, too; else "". */
const char *api_key_before(struct engine *engine);

/* ---- api_reports.c: what all reports have ---- */

/* The period, axis and record that are asked for, with READER_LATEST for none; makes the query a
 * long one.  False: the problem says why not. */
bool api_report_take(struct api_request *r, struct api_query *query, struct movements *asked)
	MUST_USE;

/* On the reader's thread.  True when found; else the problem is set, naming the field. */
bool api_report_found(struct api_query *query, enum reader_result result) MUST_USE;

/* Opens the object and writes what sorts before "items"; "to" comes behind them. */
void api_report_open(struct reader *reader, struct api_query *query, struct json_writer *w,
	const struct movements *asked, int64_t as_of);
/* The member that says whether what was booked until that day can change no more. */
void api_final_write(struct reader *reader, struct api_query *query, struct json_writer *w,
	const struct movements *asked, int64_t as_of);
void api_report_write_day(struct json_writer *w, const char *name, int32_t day);

/* ---- the handlers ---- */

api_handle_fn api_livez_get, api_readyz_get, api_metrics_get, api_openapi_get;
api_handle_fn api_quotes_post, api_services_get, api_service_get;
api_handle_fn api_payments_post, api_payments_get, api_payment_get;
api_handle_fn api_recompute_get, api_recompute_all_get;
api_handle_fn api_attempts_post, api_cancel_post, api_fulfilment_post, api_erase_post;
api_handle_fn api_check_post, api_impact_post, api_activate_post;
api_handle_fn api_accounts_get, api_balances_get, api_entries_get, api_entry_get;
api_handle_fn api_record_get, api_private_get, api_evidence_get;
api_handle_fn api_key_get, api_rotate_post, api_checkpoint_get, api_inclusion_get;
api_handle_fn api_consistency_get, api_tile_get, api_trial_balance_get;
api_handle_fn api_entry_evidence_get, api_relief_get, api_settlement_get, api_commission_get;
api_handle_fn api_rates_post, api_rates_get, api_export_get, api_verification_get;
api_handle_fn api_periods_get, api_period_get, api_close_post, api_reverse_post;
api_handle_fn api_backup_post, api_backup_get, api_backup_data_get, api_backup_end_post;
api_handle_fn api_resume_post;

#endif
