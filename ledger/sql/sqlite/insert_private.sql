-- SPDX-License-Identifier: Apache-2.0
INSERT INTO private (record, salt, data) VALUES (?1, ?2, ?3);
