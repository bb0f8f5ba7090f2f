-- SPDX-License-Identifier: Apache-2.0
-- Every account has its balance, and every balance its account.
SELECT account.number, name, type, currency, debit, credit, last_entry, balance.account
FROM account FULL JOIN balance ON balance.account = account.number ORDER BY coalesce(account.number, balance.account);
