-- SPDX-License-Identifier: Apache-2.0
INSERT INTO balance VALUES (?1, ?2, ?3, ?4);
