-- SPDX-License-Identifier: Apache-2.0
-- What a spill that died left behind of a segment.
DELETE FROM keyset WHERE name = ?1 AND segment = ?2;
