-- SPDX-License-Identifier: Apache-2.0
SELECT currency, sum(debit), sum(credit) FROM period_balance JOIN account ON number = account
WHERE month = ?1 GROUP BY currency ORDER BY currency;
