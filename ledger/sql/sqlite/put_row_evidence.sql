-- SPDX-License-Identifier: Apache-2.0
INSERT INTO evidence VALUES (?1, ?2, ?3);
