-- SPDX-License-Identifier: Apache-2.0
-- The keys of one block of a segment under way.
INSERT INTO keyset (name, segment, block, keys) VALUES (?1, ?2, ?3, ?4);
