-- SPDX-License-Identifier: Apache-2.0
-- Attempts ?1 to ?2 as they stood after record ?3.
SELECT a.number, a.gateway, gateway.name, a.order_number, a.currency, a.amount, a.created_at, a.expires_at, a.return_url,
	a.language, s.state, s.captured, s.currency,
	(SELECT coalesce(max(number), 1) FROM generation WHERE generation.record <= a.record),
	s.operation, s.handle, s.reason, s.page, s.paid_on, a.route
FROM attempt AS a
JOIN gateway ON gateway.number = a.gateway
JOIN attempt_step AS s ON s.attempt = a.number
	AND s.record = (SELECT max(record) FROM attempt_step WHERE attempt = a.number AND record <= ?3)
WHERE a.number BETWEEN ?1 AND ?2 AND a.record <= ?3 ORDER BY a.number;
