-- SPDX-License-Identifier: Apache-2.0
INSERT INTO client VALUES (?1, ?2, ?3);
