-- SPDX-License-Identifier: Apache-2.0
-- The complete segments of a set, the oldest first.
SELECT segment, covered, filter FROM keyset_segment WHERE name = ?1 ORDER BY segment;
