-- SPDX-License-Identifier: Apache-2.0
INSERT INTO checkpoint (record, size, note) VALUES (?1, ?2, ?3);
