-- SPDX-License-Identifier: Apache-2.0
INSERT INTO payment_change (payment, record, state, fulfilled, due, paid, held) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7);
