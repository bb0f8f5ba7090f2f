-- SPDX-License-Identifier: Apache-2.0
INSERT INTO private VALUES (?1, ?2, ?3);
