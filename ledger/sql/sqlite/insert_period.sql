-- SPDX-License-Identifier: Apache-2.0
INSERT INTO period (month, record, last_day, last_entry, accounts, digest, uid, client, reason)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9);
