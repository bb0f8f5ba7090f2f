-- SPDX-License-Identifier: Apache-2.0
INSERT INTO period_balance VALUES (?1, ?2, ?3, ?4, ?5);
