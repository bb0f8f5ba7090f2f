-- SPDX-License-Identifier: Apache-2.0
INSERT INTO reversal (entry, reverses, uid, client, reason) VALUES (?1, ?2, ?3, ?4, ?5);
