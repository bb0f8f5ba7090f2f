-- SPDX-License-Identifier: Apache-2.0
-- What stood on accounts of others' money, or of money that no statement had confirmed.
SELECT line, name, type, currency, debit, credit FROM period_balance JOIN account ON number = account
WHERE month = ?1 AND debit <> credit AND (name LIKE 'suspense:%' OR name LIKE 'clearing:%') ORDER BY line LIMIT ?2;
