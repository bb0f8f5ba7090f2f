-- SPDX-License-Identifier: Apache-2.0
SELECT name, currency, debit, credit FROM period_balance JOIN account ON number = account
WHERE month = ?1 ORDER BY line;
