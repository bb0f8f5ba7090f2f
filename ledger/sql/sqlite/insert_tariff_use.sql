-- SPDX-License-Identifier: Apache-2.0
INSERT INTO tariff_use (record, digest, reason) VALUES (?1, ?2, ?3);
