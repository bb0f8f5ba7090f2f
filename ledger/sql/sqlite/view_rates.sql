-- SPDX-License-Identifier: Apache-2.0
-- Lists of rates after record ?1, in the order they were taken into use.
SELECT r.record, r.day, r.replaces, r.digest, r.rates, r.source, r.reason, record.booked_at
FROM rates AS r JOIN record ON record.number = r.record
WHERE r.record > ?1 ORDER BY r.record LIMIT ?2;
