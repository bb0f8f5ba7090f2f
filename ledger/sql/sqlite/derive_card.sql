-- SPDX-License-Identifier: Apache-2.0
-- How payment ?1 stood after the records before ?2.
SELECT p.client, p.generation, p.expires_at, p.currency, coalesce(c.record, p.record),
	coalesce(c.state, iif(p.due = 0, 3, 0)), coalesce(c.fulfilled, 0), coalesce(c.due, p.due),
	coalesce(c.paid, 0), coalesce(c.held, 0),
	(SELECT state FROM payment_step WHERE payment = ?1 AND record < ?2 AND state NOT IN (1, 2)
		ORDER BY record DESC LIMIT 1)
FROM payment AS p LEFT JOIN payment_change AS c ON c.payment = p.number
	AND c.record = (SELECT max(record) FROM payment_change WHERE payment = ?1 AND record < ?2)
WHERE p.number = ?1 AND p.record < ?2;
