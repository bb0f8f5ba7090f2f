-- SPDX-License-Identifier: Apache-2.0
SELECT name, currency, amount FROM posting JOIN account ON account.number = posting.account
WHERE entry = ?1 ORDER BY line;
