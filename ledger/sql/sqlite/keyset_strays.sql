-- SPDX-License-Identifier: Apache-2.0
-- Blocks of no segment, but for the one that is being written, the next of its set; segments of no set.
SELECT k.name, k.segment, k.block FROM keyset AS k
WHERE NOT EXISTS (SELECT 1 FROM keyset_segment AS s WHERE s.name = k.name AND s.segment = k.segment)
	AND (k.name > ?1 OR k.segment <>
		(SELECT coalesce(max(segment), 0) + 1 FROM keyset_segment AS s WHERE s.name = k.name))
UNION ALL SELECT name, segment, -1 FROM keyset_segment WHERE name > ?1;
