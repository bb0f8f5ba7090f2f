-- SPDX-License-Identifier: Apache-2.0
SELECT account.number, coalesce(last_entry, 0) FROM account LEFT JOIN balance ON balance.account = account.number
WHERE name = ?1;
