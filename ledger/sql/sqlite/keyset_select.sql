-- SPDX-License-Identifier: Apache-2.0
-- The keys of one block of a complete segment.
SELECT keys FROM keyset WHERE name = ?1 AND segment = ?2 AND block = ?3;
