-- SPDX-License-Identifier: Apache-2.0
-- What was erased and stands there all the same.
SELECT 'private', record, 'record ' || erasure || ' erased it, and it is there'
	FROM erased WHERE source = 1 AND record IN (SELECT record FROM private)
UNION ALL
SELECT 'evidence', record, 'record ' || erasure || ' erased it, and it is there'
	FROM erased WHERE source = 2 AND record IN (SELECT record FROM evidence);
