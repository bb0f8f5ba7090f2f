-- SPDX-License-Identifier: Apache-2.0
-- With the checkpoint that was signed right after it.
SELECT p.month, p.record, p.last_day, p.last_entry, p.accounts, p.digest, p.uid, p.client, p.reason, record.booked_at,
	c.record, c.size
FROM period AS p JOIN record ON record.number = p.record
JOIN checkpoint AS c ON c.record = (SELECT min(record) FROM checkpoint WHERE record > p.record)
WHERE p.month = ?1;
