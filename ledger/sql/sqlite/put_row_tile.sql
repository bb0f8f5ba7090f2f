-- SPDX-License-Identifier: Apache-2.0
INSERT INTO tile VALUES (?1, ?2, ?3);
