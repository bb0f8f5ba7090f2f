-- SPDX-License-Identifier: Apache-2.0
-- A key of a segment under way; a spill that died may have left the row behind.
INSERT OR REPLACE INTO keyset (name, segment, key, value) VALUES (?1, ?2, ?3, ?4);
