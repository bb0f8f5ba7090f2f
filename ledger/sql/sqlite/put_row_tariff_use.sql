-- SPDX-License-Identifier: Apache-2.0
INSERT INTO tariff_use VALUES (?1, ?2, ?3);
