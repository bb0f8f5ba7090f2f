-- SPDX-License-Identifier: Apache-2.0
INSERT INTO gateway VALUES (?1, ?2, ?3);
