-- SPDX-License-Identifier: Apache-2.0
INSERT INTO conversion VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7);
