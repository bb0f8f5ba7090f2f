-- SPDX-License-Identifier: Apache-2.0
INSERT INTO event (client, number, record, payment, type) VALUES (?1, ?2, ?3, ?4, ?5);
