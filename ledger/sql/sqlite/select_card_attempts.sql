-- SPDX-License-Identifier: Apache-2.0
-- A gateway or step that is missing is NULL.
SELECT attempt.number, gateway.number, amount, expires_at, s.state, s.captured, length(s.page), s.currency,
	(SELECT coalesce(max(number), 1) FROM generation WHERE generation.record <= attempt.record)
FROM attempt
LEFT JOIN gateway ON gateway.number = attempt.gateway
LEFT JOIN attempt_step AS s ON s.attempt = attempt.number
	AND s.record = (SELECT max(record) FROM attempt_step WHERE attempt = attempt.number)
WHERE attempt.number BETWEEN ?1 AND ?2 ORDER BY attempt.number;
