-- SPDX-License-Identifier: Apache-2.0
INSERT INTO day_sum (account, axis, day, debit, credit) VALUES (?1, ?2, ?3, ?4, ?5)
ON CONFLICT (account, axis, day) DO UPDATE SET debit = debit + excluded.debit, credit = credit + excluded.credit;
