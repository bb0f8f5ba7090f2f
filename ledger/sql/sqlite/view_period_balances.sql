-- SPDX-License-Identifier: Apache-2.0
SELECT line, name, type, currency, debit, credit FROM period_balance JOIN account ON number = account
WHERE month = ?1 AND line > ?2 ORDER BY line LIMIT ?3;
