-- SPDX-License-Identifier: Apache-2.0
-- Blocks of no segment, but for the one that is being written, the next of its set; segments of no set.  The
-- segments' list is made once: a segment's row is long, and is read whole when it is looked for.
WITH s (name, segment) AS MATERIALIZED (SELECT name, segment FROM keyset_segment)
SELECT k.name, k.segment, k.block FROM keyset AS k
WHERE (k.name, k.segment) NOT IN s
	AND (k.name > ?1 OR k.segment <> (SELECT coalesce(max(segment), 0) + 1 FROM s WHERE s.name = k.name))
UNION ALL SELECT name, segment, -1 FROM s WHERE name > ?1;
