-- SPDX-License-Identifier: Apache-2.0
-- The newest entries, the last first, with what each is sealed with.  What an exempt payment books is
-- part of the payment's record.
SELECT entry.number, entry.record, lines, kind = CASE cause WHEN 2 THEN 5 ELSE 8 END,
	(SELECT count(*) FROM posting WHERE posting.entry = entry.number)
FROM entry LEFT JOIN record ON record.number = entry.record ORDER BY entry.number DESC LIMIT ?1;
