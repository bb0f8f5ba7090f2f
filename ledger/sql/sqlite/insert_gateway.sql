-- SPDX-License-Identifier: Apache-2.0
INSERT INTO gateway (number, record, name) VALUES (?1, ?2, ?3);
