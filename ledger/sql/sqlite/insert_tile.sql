-- SPDX-License-Identifier: Apache-2.0
INSERT INTO tile (level, number, hashes) VALUES (?1, ?2, ?3);
