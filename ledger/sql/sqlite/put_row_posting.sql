-- SPDX-License-Identifier: Apache-2.0
INSERT INTO posting VALUES (?1, ?2, ?3, ?4, ?5);
