/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/sim/rules.h"

/* clang-format off */

/* How a payment or an attempt stands now. */
#define LAST_OF(payment) "(SELECT state FROM payment_now WHERE payment = " payment ")"
#define LAST_OF_ATTEMPT(attempt) "(SELECT state FROM attempt_step WHERE attempt = " attempt " ORDER BY record DESC LIMIT 1)"
#define SUM_OF(prefix, currency) "(SELECT coalesce(sum(o.amount), 0) FROM account y JOIN posting o ON o.account = y.number " \
	"WHERE y.name LIKE '" prefix ":%' AND y.currency = " currency ")"

const struct rule rules_always[] = {
	/* ---- numbers without gaps ---- */
	{ "a gap in the records",
		"SELECT n FROM (SELECT count(*) AS n, coalesce(max(number), 0) AS top FROM record) WHERE n <> top" },
	{ "a gap in the entries",
		"SELECT n FROM (SELECT count(*) AS n, coalesce(max(number), 0) AS top FROM entry) WHERE n <> top" },
	{ "a gap in the payments",
		"SELECT n FROM (SELECT count(*) AS n, coalesce(max(number), 0) AS top FROM payment) WHERE n <> top" },
	{ "a gap in a client's events",
		"SELECT client FROM event GROUP BY client HAVING count(*) <> max(number)" },
	{ "a gap in a payment's attempts",
		"SELECT number >> 4 FROM attempt GROUP BY number >> 4 HAVING count(*) <> max(number & 15)" },
	{ "records of a kind without their rows",
		"SELECT kind FROM record WHERE kind IN (5, 8, 11, 12) GROUP BY kind HAVING count(*) <> CASE kind "
		"WHEN 5 THEN (SELECT count(*) FROM payment) WHEN 8 THEN (SELECT count(*) FROM entry WHERE cause <> 2) "
		"WHEN 11 THEN (SELECT count(*) FROM fulfilment) ELSE (SELECT count(*) FROM checkpoint) END" },
	{ "a complete tile that is not there",
		"SELECT n FROM (SELECT count(*) AS n FROM tile WHERE level = 0) WHERE n <> (SELECT max(number) / 256 FROM record)" },
	{ "a leaf that says another number",
		"SELECT number FROM record WHERE CAST(json_extract(CAST(leaf AS TEXT), '$.number') AS INTEGER) <> number" },

	/* ---- entries ---- */
	{ "an entry that does not balance",
		"SELECT p.entry FROM posting p JOIN account a ON a.number = p.account GROUP BY p.entry, a.currency "
		"HAVING sum(p.amount) <> 0" },
	{ "a posting without its entry",
		"SELECT entry FROM posting WHERE entry NOT IN (SELECT number FROM entry)" },
	{ "an entry with missing lines",
		"SELECT number FROM entry e WHERE lines <> (SELECT count(*) FROM posting WHERE entry = e.number)" },
	{ "an account of a wrong kind",
		"SELECT name FROM account WHERE type IS NOT CASE WHEN name LIKE 'clearing:%' THEN 0 WHEN name LIKE 'suspense:%' "
		"THEN 1 WHEN name LIKE 'fee:%' THEN 2 WHEN name LIKE 'relief:%' THEN 5 END" },
	{ "a posting that names the wrong one before it",
		"SELECT entry FROM (SELECT entry, prev, coalesce(max(entry) OVER (PARTITION BY account ORDER BY entry "
		"RANGE BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS real FROM posting) WHERE prev <> real" },
	{ "a clearing account credited",
		"SELECT p.entry FROM posting p JOIN account a ON a.number = p.account WHERE a.name LIKE 'clearing:%' AND "
		"p.amount < 0" },
	{ "an entry booked on a day of its own",
		"SELECT number FROM entry e WHERE booked_at <> (SELECT booked_at FROM record WHERE number = e.record)" },

	/* ---- sums, derived again ---- */
	{ "a balance that its postings do not give",
		"SELECT a.number FROM account a LEFT JOIN balance b ON b.account = a.number LEFT JOIN (SELECT account, "
		"sum(max(amount, 0)) AS debit, sum(max(-amount, 0)) AS credit, max(entry) AS last FROM posting GROUP BY account) "
		"AS p ON p.account = a.number WHERE coalesce(b.debit, 0) <> coalesce(p.debit, 0) OR coalesce(b.credit, 0) <> "
		"coalesce(p.credit, 0) OR coalesce(b.last_entry, 0) <> coalesce(p.last, 0)" },
	{ "a day sum that its postings do not give",
		"SELECT account FROM (SELECT account, axis, day, debit, credit FROM day_sum UNION ALL "
		"SELECT p.account, x.axis, CASE x.axis WHEN 0 THEN e.booked_day ELSE e.value_date END, -max(p.amount, 0), "
		"-max(-p.amount, 0) FROM posting p JOIN entry e ON e.number = p.entry JOIN (SELECT 0 AS axis UNION ALL SELECT 1) x) "
		"GROUP BY account, axis, day HAVING sum(debit) <> 0 OR sum(credit) <> 0" },
	{ "suspense that its items do not give",
		"SELECT a.number FROM account a WHERE a.name LIKE 'suspense:%' AND "
		"(SELECT coalesce(sum(amount), 0) FROM suspense WHERE account = a.number AND closed_entry = 0) <> "
		"(SELECT coalesce(-sum(amount), 0) FROM posting WHERE account = a.number)" },
	{ "money held that its items do not give",
		"SELECT s.payment FROM payment_now s LEFT JOIN (SELECT payment, sum(amount) AS held FROM suspense WHERE "
		"closed_entry = 0 AND reason = 1 GROUP BY payment) AS h ON h.payment = s.payment WHERE s.held <> coalesce(h.held, 0)" },
	{ "money at the banks that is neither fee nor suspense",
		"SELECT a.currency FROM (SELECT DISTINCT currency FROM account) a WHERE " SUM_OF("clearing", "a.currency") " <> "
		"(SELECT coalesce(sum(s.paid), 0) FROM payment_now s WHERE a.currency = 'KZT') + (SELECT coalesce(sum(i.amount), 0) FROM suspense i JOIN account x "
		"ON x.number = i.account WHERE i.closed_entry = 0 AND x.currency = a.currency)" },

	/* ---- once ---- */
	{ "an operation booked twice",
		"SELECT operation FROM entry WHERE operation <> '' GROUP BY gateway, operation HAVING count(*) > 1" },
	{ "a payment paid twice",
		"SELECT payment FROM entry WHERE cause IN (1, 2) GROUP BY payment HAVING count(*) > 1" },
	{ "a request answered twice",
		"SELECT min(record) FROM (SELECT record, request_key FROM request UNION ALL SELECT record, request_key FROM payment "
		"WHERE request_key <> x'') GROUP BY request_key HAVING count(*) > 1" },
	{ "two live payments with one reference",
		"SELECT min(number) FROM payment p WHERE NOT EXISTS (SELECT 1 FROM payment_change WHERE payment = p.number AND "
		"state IN (4, 5)) GROUP BY client, reference_key HAVING count(*) > 1" },
	{ "two orders with one number",
		"SELECT order_number FROM attempt GROUP BY gateway, order_number HAVING count(*) > 1" },

	/* ---- states ---- */
	{ "a payment whose state and money differ",
		"SELECT payment FROM payment_step WHERE (state = 2) <> (paid > 0) OR (state = 1) <> (held > 0) OR "
		"(state = 3) <> (due = 0)" },
	{ "a payment that came back from paid or exempt",
		"SELECT payment FROM (SELECT payment, state, lag(state) OVER (PARTITION BY payment ORDER BY record) AS before "
		"FROM payment_step) WHERE before IN (2, 3) AND state <> before" },
	{ "an attempt that came back from captured",
		"SELECT attempt FROM (SELECT attempt, state, lag(state) OVER (PARTITION BY attempt ORDER BY record) AS before "
		"FROM attempt_step) WHERE before = 5 AND state <> 5 OR before > 5 AND state NOT IN (before, 5)" },
	{ "two attempts that may both bring money, opened one over the other",
		"SELECT a.number FROM attempt a JOIN attempt b ON b.number BETWEEN (a.number | 15) - 15 AND a.number - 1 WHERE "
		"(SELECT state FROM attempt_step WHERE attempt = b.number AND record < a.record ORDER BY record DESC LIMIT 1) < 5" },
	{ "a change of state that nobody is told",
		"SELECT payment FROM (SELECT payment, record, state, lag(state, 1, -1) OVER (PARTITION BY payment ORDER BY record) "
		"AS before FROM payment_step) s WHERE state <> before AND NOT EXISTS (SELECT 1 FROM event e WHERE e.record = "
		"s.record AND e.payment = s.payment)" },
	{ "an event that is no step of its payment",
		"SELECT e.number FROM event e LEFT JOIN payment p ON p.number = e.payment AND p.client = e.client LEFT JOIN "
		"payment_change s ON s.payment = e.payment AND s.record = e.record WHERE p.number IS NULL OR "
		"(p.record <> e.record AND s.record IS NULL)" },

	/* ---- what waits ---- */
	{ "an open attempt that nobody waits for",
		"SELECT a.number FROM attempt a WHERE " LAST_OF_ATTEMPT("a.number") " < 5 AND a.number NOT IN (SELECT attempt "
		"FROM attempt_open)" },
	{ "an attempt waited for that is another",
		"SELECT o.attempt FROM attempt_open o WHERE o.state <> " LAST_OF_ATTEMPT("o.attempt") " OR o.state >= 5 OR "
		"o.gateway <> (SELECT gateway FROM attempt WHERE number = o.attempt)" },
	{ "a payment to be paid that never runs out",
		"SELECT p.number FROM payment p WHERE " LAST_OF("p.number") " = 0 AND p.number NOT IN (SELECT payment FROM "
		"payment_open)" },
	{ "a payment that runs out and is not open",
		"SELECT payment FROM payment_open WHERE " LAST_OF("payment_open.payment") " <> 0" },

	/* ---- what proves ---- */
	{ "money without evidence",
		"SELECT number FROM entry WHERE cause <> 2 AND record NOT IN (SELECT record FROM evidence)" },
	{ "a payment without what it commits to",
		"SELECT number FROM payment WHERE record NOT IN (SELECT record FROM private)" },
};

const size_t rules_always_count = sizeof(rules_always) / sizeof(*rules_always);

const struct rule rules_end[] = {
	{ "an attempt that is not final", "SELECT attempt FROM attempt_open" },
	{ "damage", "SELECT quick_check FROM pragma_quick_check() WHERE quick_check <> 'ok'" },
	{ "an entry whose leaf posts otherwise",
		"SELECT e.number FROM entry e JOIN record r ON r.number = e.record WHERE (SELECT group_concat("
		"json_extract(l.value, '$.account') || ' ' || json_extract(l.value, '$.amount') || json_extract(l.value, "
		"'$.currency')) FROM json_each(CAST(r.leaf AS TEXT), CASE e.cause WHEN 2 THEN '$.body.entry.postings' ELSE '$.body.postings' END) AS l) <> (SELECT group_concat(a.name || ' ' "
		"|| p.amount || a.currency) FROM posting p JOIN account a ON a.number = p.account WHERE p.entry = e.number)" },
	{ "an open suspense item without its posting",
		"SELECT number FROM suspense s WHERE NOT EXISTS (SELECT 1 FROM posting p WHERE p.entry = s.entry AND p.account = "
		"s.account AND p.amount = -s.amount)" },
	{ "an index that lost rows", "SELECT integrity_check FROM pragma_integrity_check() WHERE integrity_check <> 'ok'" },
};

const size_t rules_end_count = sizeof(rules_end) / sizeof(*rules_end);

/* clang-format on */
