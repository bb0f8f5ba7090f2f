-- SPDX-License-Identifier: Apache-2.0
INSERT INTO evidence (record, salt, data) VALUES (?1, ?2, ?3);
