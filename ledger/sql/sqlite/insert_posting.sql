-- SPDX-License-Identifier: Apache-2.0
INSERT OR ROLLBACK INTO posting (entry, line, account, amount, prev) VALUES (?1, ?2, ?3, ?4, ?5);
