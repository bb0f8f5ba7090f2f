-- SPDX-License-Identifier: Apache-2.0
SELECT entry, line, amount, prev, account, account.number
FROM posting LEFT JOIN account ON account.number = posting.account WHERE entry > ?1 ORDER BY entry, line;
