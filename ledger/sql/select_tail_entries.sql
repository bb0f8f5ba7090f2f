-- SPDX-License-Identifier: Apache-2.0
-- The newest entries, the last first, with what each is sealed with.
SELECT entry.number, entry.record, lines, kind, (SELECT count(*) FROM posting WHERE posting.entry = entry.number)
FROM entry LEFT JOIN record ON record.number = entry.record ORDER BY entry.number DESC LIMIT ?1;
