-- SPDX-License-Identifier: Apache-2.0
-- What is private after a record, the oldest first, when it was booked, and the leaf that names its payment.
SELECT p.record, r.booked_at, r.leaf
FROM private AS p JOIN record AS r ON r.number = p.record
WHERE p.record > ?1 ORDER BY p.record LIMIT ?2;
