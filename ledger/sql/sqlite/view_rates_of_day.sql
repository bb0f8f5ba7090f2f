-- SPDX-License-Identifier: Apache-2.0
SELECT r.record, r.day, r.replaces, r.digest, r.rates, r.source, r.reason, record.booked_at
FROM rates AS r JOIN record ON record.number = r.record
WHERE r.day = ?1 ORDER BY r.record DESC LIMIT 1;
