/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/sim/audit.h"

#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

#include "base/id.h"
#include "tests/sim/bank.h"
#include "tests/sim/portal.h"

/* Each must give no row; what it gives is the finding.  Written against the tables, not with our
 * own code. */
static const struct {
	const char *what;
	const char *sql;
} always[] = {
	{ "an entry that does not balance",
		"SELECT p.entry FROM posting p JOIN account a ON a.number = p.account GROUP BY p.entry, a.currency "
		"HAVING sum(p.amount) <> 0" },
	{ "a posting without its entry",
		"SELECT entry FROM posting WHERE entry NOT IN (SELECT number FROM entry)" },
	{ "an entry with missing lines",
		"SELECT number FROM entry e WHERE lines <> (SELECT count(*) FROM posting WHERE entry = e.number)" },
	{ "a gap in the records",
		"SELECT * FROM (SELECT count(*) AS n, coalesce(max(number), 0) AS top FROM record) WHERE n <> top" },
	{ "a gap in the entries",
		"SELECT * FROM (SELECT count(*) AS n, coalesce(max(number), 0) AS top FROM entry) WHERE n <> top" },
	{ "a gap in the payments",
		"SELECT * FROM (SELECT count(*) AS n, coalesce(max(number), 0) AS top FROM payment) WHERE n <> top" },
	{ "a gap in a client's events",
		"SELECT client FROM event GROUP BY client HAVING count(*) <> max(number)" },
	{ "a balance that its postings do not give",
		"SELECT a.number FROM account a LEFT JOIN balance b ON b.account = a.number WHERE coalesce(b.debit, 0) <> "
		"(SELECT coalesce(sum(amount), 0) FROM posting WHERE account = a.number AND amount > 0) OR "
		"coalesce(b.credit, 0) <> "
		"(SELECT coalesce(-sum(amount), 0) FROM posting WHERE account = a.number AND amount < 0)" },
	{ "day sums that its postings do not give",
		"SELECT a.number FROM account a JOIN (SELECT 0 AS axis UNION SELECT 1) x WHERE "
		"(SELECT coalesce(sum(debit - credit), 0) FROM day_sum WHERE account = a.number AND axis = x.axis) <> "
		"(SELECT coalesce(sum(amount), 0) FROM posting WHERE account = a.number)" },
	{ "a day sum on the wrong day",
		"SELECT d.account FROM day_sum d WHERE d.debit - d.credit <> (SELECT coalesce(sum(p.amount), 0) FROM posting p "
		"JOIN entry e ON e.number = p.entry WHERE p.account = d.account AND "
		"CASE d.axis WHEN 0 THEN e.booked_day ELSE e.value_date END = d.day)" },
	{ "an operation booked twice",
		"SELECT operation FROM entry WHERE operation <> '' GROUP BY gateway, operation HAVING count(*) > 1" },
	{ "a payment paid twice",
		"SELECT payment FROM entry WHERE cause IN (1, 2) GROUP BY payment HAVING count(*) > 1" },
	{ "a fee that is not what the payment owed",
		"SELECT e.number FROM entry e JOIN payment_step s ON s.payment = e.payment AND s.record = e.record "
		"WHERE e.cause = 1 AND s.due <> (SELECT -sum(p.amount) FROM posting p JOIN account a ON a.number = p.account "
		"WHERE p.entry = e.number AND a.name LIKE 'fee:%')" },
	{ "a clearing account credited",
		"SELECT p.entry FROM posting p JOIN account a ON a.number = p.account WHERE a.name LIKE 'clearing:%' AND "
		"p.amount < 0" },
	{ "suspense that its items do not give",
		"SELECT a.number FROM account a WHERE a.name LIKE 'suspense:%' AND "
		"(SELECT coalesce(sum(amount), 0) FROM suspense WHERE account = a.number AND closed_entry = 0) <> "
		"(SELECT coalesce(-sum(amount), 0) FROM posting WHERE account = a.number)" },
	{ "money held that its items do not give",
		"SELECT s.payment FROM payment_step s WHERE s.record = (SELECT max(record) FROM payment_step WHERE payment = "
		"s.payment) AND s.held <> (SELECT coalesce(sum(amount), 0) FROM suspense WHERE payment = s.payment AND "
		"closed_entry = 0 AND reason = 1)" },
	{ "an open attempt that nobody waits for",
		"SELECT a.number FROM attempt a WHERE (SELECT state FROM attempt_step WHERE attempt = a.number ORDER BY record "
		"DESC LIMIT 1) < 5 AND a.number NOT IN (SELECT attempt FROM attempt_open)" },
	{ "a payment to be paid that never runs out",
		"SELECT p.number FROM payment p WHERE (SELECT state FROM payment_step WHERE payment = p.number ORDER BY record "
		"DESC LIMIT 1) = 0 AND p.number NOT IN (SELECT payment FROM payment_open)" },
	{ "a request answered twice",
		"SELECT request_key FROM request GROUP BY request_key HAVING count(*) > 1" },
	{ "two live payments with one reference",
		"SELECT reference_key FROM payment p WHERE (SELECT state FROM payment_step WHERE payment = p.number ORDER BY "
		"record DESC LIMIT 1) IN (0, 1, 3) GROUP BY client, reference_key HAVING count(*) > 1" },
};

static sqlite3 *audit_open(struct world *w)
{
	sqlite3 *db = NULL;

	if (sqlite3_open_v2("book.db", &db, SQLITE_OPEN_READONLY, "sim") != SQLITE_OK) {
		world_fail(w, "the audit can not open the book: %s", sqlite3_errmsg(db));
	}
	(void)sqlite3_exec(db, "PRAGMA query_only = ON; PRAGMA wal_autocheckpoint = 0", NULL, NULL,
		NULL);
	return db;
}

static int64_t audit_number(struct world *w, sqlite3 *db, const char *sql, const char *text,
	int64_t number)
{
	sqlite3_stmt *s = NULL;
	int64_t found = -1;

	if (sqlite3_prepare_v2(db, sql, -1, &s, NULL) != SQLITE_OK) {
		world_fail(w, "audit: %s: %s", sql, sqlite3_errmsg(db));
	}
	if (text != NULL) {
		(void)sqlite3_bind_text(s, 1, text, -1, SQLITE_STATIC);
	} else if (sqlite3_bind_parameter_count(s) > 0) {
		(void)sqlite3_bind_int64(s, 1, number);
	}
	if (sqlite3_step(s) == SQLITE_ROW) {
		found = sqlite3_column_int64(s, 0);
	}
	(void)sqlite3_finalize(s);
	return found;
}

static void audit_tables(struct world *w, sqlite3 *db)
{
	for (size_t i = 0; i < sizeof(always) / sizeof(*always); i++) {
		sqlite3_stmt *s = NULL;

		if (sqlite3_prepare_v2(db, always[i].sql, -1, &s, NULL) != SQLITE_OK) {
			world_fail(w, "audit: %s: %s", always[i].sql, sqlite3_errmsg(db));
		}
		if (sqlite3_step(s) == SQLITE_ROW) {
			world_fail(w, "the book has %s: %s", always[i].what,
				sqlite3_column_text(s, 0));
		}
		(void)sqlite3_finalize(s);
	}
}

/* What a client or the bank was told is there. */
static void audit_acknowledged(struct world *w, sqlite3 *db)
{
	const char *operation;

	for (size_t i = 0; i < portal_payment_count(w->portal); i++) {
		struct id id;

		if (!id_parse(text_of(portal_payment(w->portal, i)), ID_PAYMENT, &id) ||
			audit_number(w, db, "SELECT number FROM payment WHERE number = ?1", NULL,
				id.number) != id.number) {
			world_fail(w, "payment %s was acknowledged and is lost",
				portal_payment(w->portal, i));
		}
	}
	for (size_t i = 0; (operation = bank_acknowledged(w->bank, i)) != NULL; i++) {
		if (audit_number(w, db, "SELECT count(*) FROM entry WHERE operation = ?1",
			    operation, 0) != 1) {
			world_fail(w, "%s was acknowledged and is not booked once", operation);
		}
	}
}

void audit_always(struct world *w)
{
	sqlite3 *db = audit_open(w);

	audit_tables(w, db);
	audit_acknowledged(w, db);
	(void)sqlite3_close(db);
}

static void audit_money(struct world *w, sqlite3 *db, const char *currency)
{
	int64_t clearing = audit_number(w, db,
		"SELECT coalesce(sum(amount), 0) FROM posting p JOIN account a ON a.number = p.account "
		"WHERE a.name = 'clearing:sandbox' AND a.currency = ?1",
		currency, 0);

	if (clearing != bank_money(w->bank, currency)) {
		world_fail(w, "the bank took %lld %s and the book has %lld",
			(long long)bank_money(w->bank, currency), currency, (long long)clearing);
	}
}

/* The tree that the checkpoint signs is that of the leaves on disk. */
static void audit_tree(struct world *w)
{
	struct tree_hasher *hasher = tree_hasher_new();
	struct tree tree = { 0 };
	struct tree_hash root;
	struct tree_proof proof;
	struct buffer leaf;
	struct err err = { 0 };
	uint64_t size = 0;
	char note[NOTE_TEXT_SIZE];

	if (reader_checkpoint(w->reader, UINT64_MAX, note, &size, &err) != READER_FOUND) {
		world_fail(w, "there is no checkpoint: %s", err.message);
	}
	buffer_init(&leaf, 16384);
	for (uint64_t i = 1; i <= size; i++) {
		struct tree_hash hash;

		buffer_reset(&leaf);
		if (reader_record(w->reader, (int64_t)i, &leaf, &err) != READER_FOUND) {
			world_fail(w, "record %llu can not be read", (unsigned long long)i);
		}
		hash = tree_leaf(hasher, buffer_text(&leaf));
		tree_append(hasher, &tree, &hash);
	}
	buffer_done(&leaf);
	if (reader_inclusion(w->reader, 1, size, &root, &proof, &err) != READER_FOUND) {
		world_fail(w, "no proof for record 1: %s", err.message);
	}
	if (memcmp(tree_root(hasher, &tree).bytes, root.bytes, sizeof(root.bytes)) != 0) {
		world_fail(w, "the tree is not that of its leaves");
	}
	tree_hasher_free(&hasher);
}

void audit_end(struct world *w)
{
	sqlite3 *db;

	audit_always(w);
	db = audit_open(w);
	audit_money(w, db, "KZT");
	audit_money(w, db, "USD");
	if (audit_number(w, db, "SELECT count(*) FROM attempt_open", NULL, 0) != 0) {
		world_fail(w, "an attempt is not final");
	}
	(void)sqlite3_close(db);
	audit_tree(w);
}
