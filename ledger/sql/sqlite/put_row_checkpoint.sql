-- SPDX-License-Identifier: Apache-2.0
INSERT INTO checkpoint VALUES (?1, ?2, ?3);
