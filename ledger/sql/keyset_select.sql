-- SPDX-License-Identifier: Apache-2.0
-- The number of a key in one complete segment.
SELECT value FROM keyset WHERE name = ?1 AND segment = ?2 AND key = ?3;
