-- SPDX-License-Identifier: Apache-2.0
INSERT INTO account (number, name, type, currency) VALUES (?1, ?2, ?3, ?4);
