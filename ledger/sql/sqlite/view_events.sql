-- SPDX-License-Identifier: Apache-2.0
SELECT e.number, e.record, e.payment, record.booked_at, e.type,
	(SELECT coalesce(max(number), 1) FROM generation WHERE generation.record <= e.record)
FROM event AS e JOIN record ON record.number = e.record
WHERE e.client = ?1 AND e.number > ?2 ORDER BY e.number LIMIT ?3;
