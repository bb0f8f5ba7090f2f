-- SPDX-License-Identifier: Apache-2.0
-- The request that created payment ?1, and the record its answer is as of: the next is of the attempt
-- that was opened with it, where no request of its own opened one.
SELECT number, client, fingerprint, coalesce((SELECT record FROM attempt
	WHERE number = payment.number * 16 + 1 AND record = payment.record + 1
	AND NOT EXISTS (SELECT 1 FROM request WHERE request.record = attempt.record)), record)
FROM payment WHERE number = ?1;
