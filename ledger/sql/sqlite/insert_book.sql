-- SPDX-License-Identifier: Apache-2.0
INSERT INTO book (id, name, generation, code_key, created_at) VALUES (1, ?1, ?2, ?3, ?4);
