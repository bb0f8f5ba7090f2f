-- SPDX-License-Identifier: Apache-2.0
-- With the last entry that the sums can have.
SELECT account.number, name, type, currency, coalesce(debit, 0), coalesce(credit, 0), coalesce(last_entry, 0),
	(SELECT coalesce(max(number), 0) FROM entry)
FROM account LEFT JOIN balance ON balance.account = account.number
WHERE account.number > ?1 ORDER BY account.number LIMIT ?2;
