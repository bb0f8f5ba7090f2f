-- SPDX-License-Identifier: Apache-2.0
INSERT INTO erasure (record, payment, legal_order, reason, uid, client) VALUES (?1, ?2, ?3, ?4, ?5, ?6);
