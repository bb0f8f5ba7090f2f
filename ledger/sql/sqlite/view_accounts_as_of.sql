-- SPDX-License-Identifier: Apache-2.0
-- As of the end of day ?3 on axis ?4, with the last entry that the sums can have.
SELECT account.number, name, type, currency, coalesce(sum(debit), 0), coalesce(sum(credit), 0), 0,
	(SELECT coalesce(max(number), 0) FROM entry)
FROM account LEFT JOIN day_sum ON day_sum.account = account.number AND axis = ?4 AND day <= ?3
WHERE account.number > ?1 GROUP BY account.number ORDER BY account.number LIMIT ?2;
