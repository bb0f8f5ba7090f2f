-- SPDX-License-Identifier: Apache-2.0
INSERT INTO balance (account, debit, credit, last_entry) VALUES (?1, ?2, ?3, ?4)
ON CONFLICT (account) DO UPDATE SET debit = excluded.debit, credit = excluded.credit, last_entry = excluded.last_entry;
