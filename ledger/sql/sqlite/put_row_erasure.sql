-- SPDX-License-Identifier: Apache-2.0
INSERT INTO erasure VALUES (?1, ?2, ?3, ?4, ?5, ?6);
