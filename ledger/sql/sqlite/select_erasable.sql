-- SPDX-License-Identifier: Apache-2.0
-- What is kept of a payment's person, the first so many of it.
WITH touched (record) AS (
	SELECT record FROM payment WHERE number = ?1
	UNION SELECT record FROM payment_step WHERE payment = ?1
	UNION SELECT record FROM attempt WHERE number BETWEEN ?1 * 16 + 1 AND ?1 * 16 + 15
	UNION SELECT record FROM attempt_step WHERE attempt BETWEEN ?1 * 16 + 1 AND ?1 * 16 + 15
)
SELECT 1, record FROM private WHERE record IN touched
UNION ALL SELECT 2, record FROM evidence WHERE record IN touched
LIMIT ?2;
