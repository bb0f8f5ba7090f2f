/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/sim/oracle.h"

#include <assert.h>
#include <inttypes.h>
#include <openssl/sha.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "tests/sim/audit.h"
#include "tests/sim/bank.h"
#include "tests/sim/law.h"
#include "tests/sim/portal.h"

enum {
	ORACLE_ENTRIES_MAX = 16384,
	ORACLE_PAYMENTS_MAX = 4096,
	ORACLE_SERVICE_SIZE = 32,
	ORACLE_CLOCK_S = 400, /* the banks' clocks are believed so far ahead */
};

/* As the schema numbers them. */
enum { ORACLE_FINAL = 5 };

enum { ORACLE_CAPTURE = 1, ORACLE_EXEMPT, ORACLE_HOLD, ORACLE_SUSPEND };

struct oracle_payment {
	char service[ORACLE_SERVICE_SIZE];
	bool exempt;
	bool settled;
	int64_t held;
};

/* An entry, its postings summed up by what they are. */
struct oracle_entry {
	int64_t number;
	int64_t record;
	int64_t payment;
	int64_t attempt;
	int cause;
	char gateway[64];
	char operation[64];
	int64_t booked_at;
	int32_t booked_day;
	int32_t value_date;
	int32_t paid_on;
	char currency[4];
	int64_t clearing; /* of that gateway; and so on */
	int64_t suspense;
	int64_t fee;
	int64_t relief;
	bool foreign; /* another gateway's clearing, or several moneys */
};

struct oracle {
	int64_t entry; /* the last that was gone through */
	struct oracle_payment payments[ORACLE_PAYMENTS_MAX];
	int64_t payment_count;
	int64_t attempt_record; /* the last step of an attempt that was gone through */
	/* Operations in the book, to find what is missing: by hash, entry numbers. */
	struct text operations[ORACLE_ENTRIES_MAX];
	size_t houses[ORACLE_ENTRIES_MAX];
	size_t operation_count;
};

struct oracle *oracle_new(void)
{
	return mem_new(1, sizeof(struct oracle));
}

static void oracle_forget(struct oracle *o)
{
	for (size_t i = 0; i < o->operation_count; i++) {
		free((void *)(uintptr_t)o->operations[i].bytes);
	}
	memset(o, 0, sizeof(*o));
}

void oracle_free(struct oracle **oracle)
{
	oracle_forget(*oracle);
	free(*oracle);
	*oracle = NULL;
}

/* ---- reading ---- */

static void oracle_read_payments(struct world *w)
{
	struct oracle *o = w->oracle;
	sqlite3_stmt *s = audit_ask(w,
		"SELECT number, service, ground FROM payment WHERE number > ?1 ORDER BY number",
		o->payment_count);

	while (audit_row(w, s)) {
		struct oracle_payment *p = &o->payments[o->payment_count++];

		assert(o->payment_count < ORACLE_PAYMENTS_MAX);
		assert(sqlite3_column_int64(s, 0) == o->payment_count);
		(void)snprintf(p->service, sizeof(p->service), "%s", sqlite3_column_text(s, 1));
		p->exempt = sqlite3_column_bytes(s, 2) > 0 || strcmp(p->service, "eta") == 0;
		p->settled = p->exempt;
	}
	audit_end_rows(s);
}

static void oracle_add_posting(struct oracle_entry *e, const char *account, const char *currency,
	int64_t amount)
{
	char clearing[96];

	(void)snprintf(clearing, sizeof(clearing), "clearing:%s", e->gateway);
	if (e->currency[0] == '\0') {
		(void)snprintf(e->currency, sizeof(e->currency), "%s", currency);
	}
	e->foreign = e->foreign || strcmp(e->currency, currency) != 0;
	if (strcmp(account, clearing) == 0) {
		e->clearing += amount;
	} else if (strncmp(account, "suspense:", 9) == 0) {
		e->suspense += amount;
	} else if (strncmp(account, "fee:", 4) == 0) {
		e->fee += amount;
	} else if (strncmp(account, "relief:", 7) == 0) {
		e->relief += amount;
	} else {
		e->foreign = true;
	}
}

static void oracle_read_entry(struct world *w, sqlite3_stmt *s, struct oracle_entry *e)
{
	sqlite3_stmt *p;

	*e = (struct oracle_entry){ .number = sqlite3_column_int64(s, 0),
		.record = sqlite3_column_int64(s, 1),
		.payment = sqlite3_column_int64(s, 2),
		.attempt = sqlite3_column_int64(s, 3),
		.cause = sqlite3_column_int(s, 4),
		.booked_at = sqlite3_column_int64(s, 7),
		.booked_day = sqlite3_column_int(s, 8),
		.value_date = sqlite3_column_int(s, 9),
		.paid_on = sqlite3_column_int(s, 10) };
	(void)snprintf(e->gateway, sizeof(e->gateway), "%s", sqlite3_column_text(s, 5));
	(void)snprintf(e->operation, sizeof(e->operation), "%s", sqlite3_column_text(s, 6));
	p = audit_ask(w,
		"SELECT a.name, a.currency, p.amount FROM posting p JOIN account a ON a.number = p.account WHERE p.entry = ?1",
		e->number);
	while (audit_row(w, p)) {
		oracle_add_posting(e, (const char *)sqlite3_column_text(p, 0),
			(const char *)sqlite3_column_text(p, 1), sqlite3_column_int64(p, 2));
	}
	audit_end_rows(p);
}

/* ---- judging ---- */

/* What the bank has to say about the entry's money. */
static void oracle_judge_money(struct world *w, const struct oracle_entry *e, struct bank_money *m)
{
	int32_t day;

	if (!bank_find_money(w->bank, text_of(e->gateway), text_of(e->operation), m)) {
		world_fail(w, "entry %" PRId64 " books %s, which %s never did", e->number,
			e->operation, e->gateway);
	}
	if (e->clearing != m->amount || strcmp(e->currency, m->currency) != 0) {
		world_fail(w,
			"entry %" PRId64 " books %" PRId64 " %s and %s of %s was %" PRId64 " %s",
			e->number, e->clearing, e->currency, e->operation, e->gateway, m->amount,
			m->currency);
	}
	day = law_day(m->paid_at);
	if (e->value_date != e->paid_on || e->paid_on < day || e->paid_on > e->booked_day ||
		(!m->untimed && e->booked_at - m->paid_at < BANK_WINDOW_S && e->paid_on != day)) {
		world_fail(w,
			"entry %" PRId64 " was paid on day %d and the book says %d (booked on %d)",
			e->number, day, e->paid_on, e->booked_day);
	}
}

/* Whose money it is, by what the bank wrote on it; 0: nobody's we know. */
static int64_t oracle_payment_of(struct world *w, const struct bank_money *m)
{
	int64_t payment = 0;
	sqlite3_stmt *s;

	if (m->code.size > 0) {
		return portal_payment_of_code(w->portal, m->code);
	}
	if (m->order_house != m->house) {
		return 0;
	}
	s = audit_ask(w, "SELECT number >> 4 FROM attempt WHERE CAST(order_number AS INTEGER) = ?1",
		strtoll(m->order.bytes, NULL, 10));
	if (audit_row(w, s)) {
		payment = sqlite3_column_int64(s, 0);
	}
	audit_end_rows(s);
	return payment;
}

struct oracle_place {
	int cause;
	int64_t fee;
	int64_t suspense;
};

/* The rule: where money of that payment goes. */
static struct oracle_place oracle_place(struct oracle_payment *p, const struct oracle_entry *e)
{
	struct oracle_place place = { .cause = ORACLE_SUSPEND, .suspense = -e->clearing };
	int64_t due;
	int64_t have;

	if (p == NULL || p->settled || strcmp(e->currency, "KZT") != 0) {
		return place;
	}
	due = law_gross(text_of(p->service), e->paid_on);
	have = p->held + e->clearing;
	if (have < due) {
		place.cause = ORACLE_HOLD;
		p->held = have;
		return place;
	}
	place.cause = ORACLE_CAPTURE;
	place.fee = -due;
	place.suspense = p->held - (have - due);
	p->held = 0;
	p->settled = true;
	return place;
}

static void oracle_judge(struct world *w, const struct oracle_entry *e)
{
	struct oracle *o = w->oracle;
	struct oracle_payment *p = e->payment > 0 ? &o->payments[e->payment - 1] : NULL;
	struct oracle_place place = { .cause = ORACLE_EXEMPT };
	struct bank_money m;

	if (e->foreign || e->payment > o->payment_count) {
		world_fail(w, "entry %" PRId64 " posts where it has no business", e->number);
	}
	if (e->cause == ORACLE_EXEMPT) {
		place.fee = p != NULL ? -law_gross(text_of(p->service), e->paid_on) : 0;
		if (p == NULL || !p->exempt || e->relief != -place.fee || e->clearing != 0) {
			world_fail(w, "entry %" PRId64 " exempts what is not exempt", e->number);
		}
	} else {
		oracle_judge_money(w, e, &m);
		if (oracle_payment_of(w, &m) != e->payment) {
			world_fail(w,
				"entry %" PRId64 " gives %s of %s to payment %" PRId64
				", and it was for %" PRId64,
				e->number, e->operation, e->gateway, e->payment,
				oracle_payment_of(w, &m));
		}
		place = oracle_place(p, e);
	}
	if (e->cause != place.cause || e->fee != place.fee || e->suspense != place.suspense) {
		world_fail(w,
			"entry %" PRId64 ": cause %d, fee %" PRId64 ", suspense %" PRId64
			" - and by the law %d, %" PRId64 ", %" PRId64,
			e->number, e->cause, e->fee, e->suspense, place.cause, place.fee,
			place.suspense);
	}
}

static void oracle_remember(struct world *w, const struct oracle_entry *e)
{
	struct oracle *o = w->oracle;
	size_t size = strlen(e->operation);

	assert(o->operation_count < ORACLE_ENTRIES_MAX);
	if (size > 0) {
		o->operations[o->operation_count] =
			(struct text){ mem_copy(e->operation, size + 1), size };
		o->houses[o->operation_count++] = strcmp(e->gateway, bank_gateway(0)) != 0;
	}
}

/* The leaf commits to the evidence by SHA-256(salt || data). */
static void oracle_judge_evidence(struct world *w, const struct oracle_entry *e)
{
	uint8_t digest[SHA256_DIGEST_LENGTH];
	char text[2 * SHA256_DIGEST_LENGTH + 1] = "";
	sqlite3_stmt *s = audit_ask(w,
		"SELECT v.salt || v.data, json_extract(CAST(r.leaf AS TEXT), '$.body.evidence'), instr(v.data, "
		"CAST('\"' || e.operation || '\"' AS BLOB)) FROM evidence v JOIN record r ON r.number = v.record JOIN entry e "
		"ON e.record = v.record WHERE v.record = ?1",
		e->record);

	if (audit_row(w, s)) {
		(void)SHA256(sqlite3_column_blob(s, 0), (size_t)sqlite3_column_bytes(s, 0), digest);
		text_hex(digest, sizeof(digest), text);
	}
	if (e->cause != ORACLE_EXEMPT &&
		(text[0] == '\0' || sqlite3_column_type(s, 1) == SQLITE_NULL ||
			sqlite3_column_int(s, 2) == 0 ||
			strcmp(text, (const char *)sqlite3_column_text(s, 1)) != 0)) {
		world_fail(w, "entry %" PRId64 " has not the evidence its leaf commits to",
			e->number);
	}
	audit_end_rows(s);
}

/* What became of an attempt is what its bank has said: nobody else ends it. */
static void oracle_grow_attempts(struct world *w)
{
	static const char *const states[] = { "captured", "declined", "not_attempted", "released",
		"expired" };
	struct oracle *o = w->oracle;
	sqlite3_stmt *s = audit_ask(w,
		"SELECT s.record, s.state, a.order_number, g.name FROM attempt_step s JOIN attempt a ON a.number = s.attempt JOIN "
		"gateway g ON g.number = a.gateway WHERE s.record > ?1 ORDER BY s.record",
		o->attempt_record);

	while (audit_row(w, s)) {
		int state = sqlite3_column_int(s, 1);
		const char *order = (const char *)sqlite3_column_text(s, 2);
		const char *gateway = (const char *)sqlite3_column_text(s, 3);

		if (state >= ORACLE_FINAL &&
			!bank_bears_out(w->bank, text_of(gateway), text_of(order),
				states[state - ORACLE_FINAL])) {
			world_fail(w, "order %s is %s, and %s never said so", order,
				states[state - ORACLE_FINAL], gateway);
		}
		o->attempt_record = sqlite3_column_int64(s, 0);
	}
	audit_end_rows(s);
}

void oracle_grow(struct world *w)
{
	struct oracle *o = w->oracle;
	sqlite3_stmt *s;

	oracle_read_payments(w);
	oracle_grow_attempts(w);
	s = audit_ask(w,
		"SELECT e.number, e.record, e.payment, e.attempt, e.cause, coalesce(g.name, ''), e.operation, e.booked_at, "
		"e.booked_day, e.value_date, e.paid_on FROM entry e LEFT JOIN gateway g ON g.number = e.gateway WHERE e.number > ?1 "
		"ORDER BY e.number",
		o->entry);
	while (audit_row(w, s)) {
		struct oracle_entry e;

		oracle_read_entry(w, s, &e);
		oracle_judge(w, &e);
		oracle_judge_evidence(w, &e);
		oracle_remember(w, &e);
		o->entry = e.number;
	}
	audit_end_rows(s);
}

void oracle_again(struct world *w)
{
	oracle_forget(w->oracle);
	oracle_grow(w);
}

/* ---- what is missing ---- */

static size_t oracle_count(const struct oracle *o, const struct bank_money *m)
{
	size_t count = 0;

	for (size_t i = 0; i < o->operation_count; i++) {
		count += o->houses[i] == m->house && text_is(o->operations[i], m->operation);
	}
	return count;
}

void oracle_check(struct world *w)
{
	struct bank_money m;

	for (size_t i = 0; bank_money(w->bank, i, &m); i++) {
		size_t count = oracle_count(w->oracle, &m);

		if (count > 1 || (m.told && count != (m.taken ? 1 : 0))) {
			world_fail(w, "%s of %s was %s, and is booked %zu times", m.operation,
				bank_gateway(m.house),
				!m.told   ? "taken"
				: m.taken ? "acknowledged"
					  : "refused",
				count);
		}
	}
}

void oracle_end(struct world *w)
{
	struct bank_money m;

	for (size_t i = 0; bank_money(w->bank, i, &m); i++) {
		size_t count = oracle_count(w->oracle, &m);

		if (count != (m.taken ? 1 : 0)) {
			world_fail(w, "%s of %s was %s and is booked %zu times in the end",
				m.operation, bank_gateway(m.house), m.taken ? "taken" : "not taken",
				count);
		}
	}
}
