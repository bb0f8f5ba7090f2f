-- SPDX-License-Identifier: Apache-2.0
-- An entry's record and payment, and what was taken: its first posting is clearing's.
SELECT record, payment, amount, currency FROM entry
JOIN posting ON posting.entry = entry.number AND line = 1
JOIN account ON account.number = account WHERE entry.number = ?1;
