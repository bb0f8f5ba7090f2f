/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/sim/audit.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/id.h"
#include "base/mem.h"
#include "tests/sim/bank.h"
#include "tests/sim/chain.h"
#include "tests/sim/oracle.h"
#include "tests/sim/portal.h"
#include "tests/sim/rules.h"

enum { AUDIT_STATEMENTS_MAX = 128 };

struct audit {
	sqlite3 *db;
	sqlite3_stmt *statements[AUDIT_STATEMENTS_MAX];
	const char *texts[AUDIT_STATEMENTS_MAX];
	size_t count;
};

sqlite3_stmt *audit_ask(struct world *w, const char *sql, int64_t number)
{
	struct audit *a = w->audit;
	size_t i = 0;

	while (i < a->count && a->texts[i] != sql) {
		i++;
	}
	if (i == a->count) {
		assert(i < AUDIT_STATEMENTS_MAX);
		a->texts[a->count++] = sql;
		if (sqlite3_prepare_v2(a->db, sql, -1, &a->statements[i], NULL) != SQLITE_OK) {
			world_fail(w, "audit: %s: %s", sql, sqlite3_errmsg(a->db));
		}
	}
	if (sqlite3_bind_parameter_count(a->statements[i]) > 0) {
		(void)sqlite3_bind_int64(a->statements[i], 1, number);
	}
	return a->statements[i];
}

void audit_end_rows(sqlite3_stmt *s)
{
	(void)sqlite3_reset(s);
}

bool audit_row(struct world *w, sqlite3_stmt *s)
{
	int rc = sqlite3_step(s);

	if (rc != SQLITE_ROW && rc != SQLITE_DONE) {
		world_fail(w, "the book can not be read: %s", sqlite3_errmsg(w->audit->db));
	}
	return rc == SQLITE_ROW;
}

void audit_open(struct world *w)
{
	struct audit *a = mem_new(1, sizeof(*a));

	w->audit = a;
	if (sqlite3_open_v2(world_book, &a->db, SQLITE_OPEN_READONLY, world_vfs) != SQLITE_OK) {
		world_fail(w, "the audit can not open the book: %s", sqlite3_errmsg(a->db));
	}
	(void)sqlite3_exec(a->db, "PRAGMA query_only = ON; PRAGMA wal_autocheckpoint = 0", NULL,
		NULL, NULL);
}

void audit_close(struct world *w)
{
	struct audit *a = w->audit;

	w->audit = NULL;
	if (a == NULL) {
		return;
	}
	for (size_t i = 0; i < a->count; i++) {
		(void)sqlite3_finalize(a->statements[i]);
	}
	(void)sqlite3_close(a->db);
	free(a);
}

void audit_keep(const struct world *w, const char *path)
{
	FILE *f = fopen(path, "wb");
	sqlite3_int64 size = 0;
	unsigned char *bytes;

	if (f == NULL || w->audit == NULL) {
		return;
	}
	bytes = sqlite3_serialize(w->audit->db, "main", &size, 0);
	if (bytes != NULL && size > 0) {
		bytes[18] = bytes[19] = 1; /* its log is in it: a book without one */
		(void)fwrite(bytes, 1, (size_t)size, f);
	}
	sqlite3_free(bytes);
	(void)fclose(f);
}

static void audit_rules(struct world *w, const struct rule *rules, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		sqlite3_stmt *s = audit_ask(w, rules[i].sql, 0);

		if (audit_row(w, s)) {
			world_fail(w, "the book has %s: %s", rules[i].what,
				sqlite3_column_text(s, 0));
		}
		audit_end_rows(s);
	}
}

static int64_t audit_number(struct world *w, const char *sql, int64_t number)
{
	sqlite3_stmt *s = audit_ask(w, sql, number);
	int64_t found = audit_row(w, s) ? sqlite3_column_int64(s, 0) : -1;

	audit_end_rows(s);
	return found;
}

/* What a client was told is there: payments by number, and as many requests as were granted. */
static void audit_acknowledged(struct world *w)
{
	int64_t payments = audit_number(w, "SELECT count(*) FROM payment", 0);
	int64_t requests = audit_number(w,
		"SELECT (SELECT count(*) FROM request) + (SELECT count(*) FROM payment WHERE request_key <> x'')",
		0);

	for (size_t i = 0; i < portal_payment_count(w->portal); i++) {
		struct id id;

		if (!id_parse(text_of(portal_payment(w->portal, i)), ID_PAYMENT, &id) ||
			id.number > payments) {
			world_fail(w, "payment %s was acknowledged and is lost",
				portal_payment(w->portal, i));
		}
	}
	if (requests < portal_granted(w->portal)) {
		world_fail(w, "%" PRId64 " requests were granted and the book knows %" PRId64,
			portal_granted(w->portal), requests);
	}
	if (payments > portal_creations(w->portal)) {
		world_fail(w, "%" PRId64 " payments were asked for and the book has %" PRId64,
			portal_creations(w->portal), payments);
	}
}

void audit_always(struct world *w)
{
	audit_rules(w, rules_always, rules_always_count);
	audit_acknowledged(w);
	oracle_check(w);
}

void audit_end(struct world *w)
{
	audit_rules(w, rules_end, rules_end_count);
	for (int32_t i = 0; i < WORLD_CLIENTS; i++) {
		int64_t count =
			audit_number(w, "SELECT count(*) FROM event WHERE client = ?1", i + 1);

		if (count != portal_events(w->portal, (size_t)i)) {
			world_fail(w,
				"client %d heard of %" PRId64 " events and there are %" PRId64,
				(int)i + 1, portal_events(w->portal, (size_t)i), count);
		}
	}
	audit_always(w);
	oracle_end(w);
	chain_end(w);
}
