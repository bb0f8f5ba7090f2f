-- SPDX-License-Identifier: Apache-2.0
SELECT number, gateway, amount, expires_at,
	(SELECT state FROM attempt_step WHERE attempt = attempt.number ORDER BY record DESC LIMIT 1),
	(SELECT captured FROM attempt_step WHERE attempt = attempt.number ORDER BY record DESC LIMIT 1),
	(SELECT length(page) FROM attempt_step WHERE attempt = attempt.number ORDER BY record DESC LIMIT 1),
	(SELECT currency FROM attempt_step WHERE attempt = attempt.number ORDER BY record DESC LIMIT 1)
FROM attempt WHERE number BETWEEN ?1 AND ?2 ORDER BY number;
