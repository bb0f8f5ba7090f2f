-- SPDX-License-Identifier: Apache-2.0
-- How its attempts did.
SELECT a.number, a.gateway, s.state, s.captured, s.currency, s.paid_on, s.operation, s.handle, s.page
FROM attempt AS a JOIN attempt_step AS s ON s.attempt = a.number
	AND s.record = (SELECT max(record) FROM attempt_step WHERE attempt = a.number AND record < ?2)
WHERE a.number BETWEEN ?1 * 16 + 1 AND ?1 * 16 + 15 AND a.record < ?2 ORDER BY a.number;
