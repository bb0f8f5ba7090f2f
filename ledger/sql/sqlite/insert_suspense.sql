-- SPDX-License-Identifier: Apache-2.0
INSERT INTO suspense (number, entry, payment, account, amount, reason, closed_entry) VALUES (?1, ?2, ?3, ?4, ?5, ?6, 0);
