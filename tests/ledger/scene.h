/* SPDX-License-Identifier: Apache-2.0 */

/*
 * scene - a book in a folder of its own, and short ways to act on it: for tests only.
 *
 * One client ("portal", 1) and two gateways ("sandbox", 1; "other", 2); it is always
 * 2026-03-01T06:00:00Z (day SCENE_DAY in Almaty) until a test says otherwise.
 */
#ifndef ALYM_TESTS_LEDGER_SCENE_H
#define ALYM_TESTS_LEDGER_SCENE_H

#include <stdbool.h>
#include <stdint.h>

#include "ledger/book.h"
#include "ledger/reader.h"

#define SCENE_NOW INT64_C(1772344800) /* 2026-03-01T06:00:00Z */

enum { SCENE_DAY = 20513 }; /* 2026-03-01 */

struct scene {
	char folder[64];
	char path[96];
	struct book *book;
	struct reader *reader;
	int64_t now;
	int32_t today;
	struct zone *almaty; /* of the book; or NULL */
	int64_t keys_window;
	int64_t cards_max;
	char head[112]; /* of the newest checkpoint; empty: not kept */
	uint8_t salt;
	uint8_t later_seed; /* each byte of the key that took the first one's place; 0: lost */
};

void scene_open(struct scene *s);
void scene_close(struct scene *s); /* removes the folder */
/* For cmocka_unit_test_setup_teardown(): *state is a scene, opened and closed. */
int scene_setup(void **state);
int scene_teardown(void **state);
/* Closes and opens the book again, as after a crash of the process. */
void scene_reopen(struct scene *s);
/* Opens the book only, of a scene that has none open. */
bool scene_open_book(struct scene *s, struct err *err);

/* Commits one job alone; gives its outcome. */
enum job_outcome scene_do(struct scene *s, struct job *job);

/* A payment of `due` tenge-minor; the day's calculation covers the whole of 2026. */
int64_t scene_create(struct scene *s, const char *reference, int64_t due);
void scene_create_job(struct scene *s, struct job *job, const char *reference, const char *key,
	int64_t due);

/* The same with an order at "sandbox", whose number is written to `order`. */
int64_t scene_order(struct scene *s, const char *reference, int64_t due,
	char order[JOB_ORDER_SIZE]);

/* What "sandbox" says of an order, but for money. */
enum job_outcome scene_verdict(struct scene *s, struct job *job, const char *order,
	enum attempt_event event);

/* Money for a payment by its code. */
enum job_outcome scene_money(struct scene *s, struct job *job, int64_t payment, int64_t amount,
	const char *operation);

/* The postings of an entry, "clearing:sandbox 100; fee:visa.multiple:108126 -100"; valid until the
 * next call. */
const char *scene_entry(struct scene *s, int64_t number);

/* How the payment stands: "open", "paid" ... */
const char *scene_state(struct scene *s, int64_t payment);

/* A posting to an account in tenge: "treasury:halyk". */
struct scene_posting {
	const char *account;
	int64_t amount; /* 0: there are no more */
};

/* Writes an entry into the file, past the writer, which has to be gone: what nothing books yet. The
 * sums that the book keeps are brought up.  Gives the entry's record. */
int64_t scene_inscribe(struct scene *s, int64_t payment, int32_t value_date,
	const struct scene_posting *postings);
/* Ends the writer, for scene_inscribe(); the reader stays. */
void scene_retire(struct scene *s);

/* Sum of an account, debit less credit; 0 when it does not exist. */
int64_t scene_balance(struct scene *s, const char *account);

#endif
