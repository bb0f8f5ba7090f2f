-- SPDX-License-Identifier: Apache-2.0
INSERT INTO attempt_order VALUES (?1, ?2, ?3, ?4, ?5);
