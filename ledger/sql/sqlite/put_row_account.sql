-- SPDX-License-Identifier: Apache-2.0
INSERT INTO account VALUES (?1, ?2, ?3, ?4);
