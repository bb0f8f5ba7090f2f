-- SPDX-License-Identifier: Apache-2.0
-- The postings of entries ?1 to ?2.
SELECT entry, amount, account.number, name, type, currency
FROM posting LEFT JOIN account ON account.number = posting.account
WHERE entry BETWEEN ?1 AND ?2 ORDER BY entry, line;
