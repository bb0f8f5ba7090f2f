-- SPDX-License-Identifier: Apache-2.0
INSERT INTO generation (number, record, day, since, reason) VALUES (?1, ?2, ?3, ?4, ?5);
