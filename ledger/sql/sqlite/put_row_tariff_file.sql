-- SPDX-License-Identifier: Apache-2.0
INSERT INTO tariff_file VALUES (?1, ?2, ?3, ?4);
