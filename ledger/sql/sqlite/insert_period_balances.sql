-- SPDX-License-Identifier: Apache-2.0
-- Month ?1's: those of closed month ?2 (0: none), whose last day is ?3, and what was booked after it until ?4.
INSERT INTO period_balance (month, line, account, debit, credit)
SELECT ?1, row_number() OVER (ORDER BY name, currency), number, debit, credit FROM (
	SELECT a.number, a.name, a.currency,
		coalesce(b.debit, 0) + (SELECT coalesce(sum(debit), 0) FROM day_sum
			WHERE account = a.number AND axis = 0 AND day > ?3 AND day <= ?4) AS debit,
		coalesce(b.credit, 0) + (SELECT coalesce(sum(credit), 0) FROM day_sum
			WHERE account = a.number AND axis = 0 AND day > ?3 AND day <= ?4) AS credit
	FROM account AS a LEFT JOIN period_balance AS b ON b.month = ?2 AND b.account = a.number)
WHERE debit <> 0 OR credit <> 0;
