-- SPDX-License-Identifier: Apache-2.0
INSERT INTO payment (number, record, generation, client, created_at, expires_at, reference_key, reference_prev)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8);
