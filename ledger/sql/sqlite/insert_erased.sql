-- SPDX-License-Identifier: Apache-2.0
INSERT INTO erased (source, record, erasure) VALUES (?1, ?2, ?3);
