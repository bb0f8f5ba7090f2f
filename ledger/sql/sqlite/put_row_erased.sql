-- SPDX-License-Identifier: Apache-2.0
INSERT INTO erased VALUES (?1, ?2, ?3);
