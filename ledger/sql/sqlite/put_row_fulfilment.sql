-- SPDX-License-Identifier: Apache-2.0
INSERT INTO fulfilment VALUES (?1, ?2, ?3);
