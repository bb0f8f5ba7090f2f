-- SPDX-License-Identifier: Apache-2.0
-- Evidence after a record, the oldest first, and when it was booked.
SELECT e.record, r.booked_at
FROM evidence AS e JOIN record AS r ON r.number = e.record
WHERE e.record > ?1 ORDER BY e.record LIMIT ?2;
