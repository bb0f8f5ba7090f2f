-- SPDX-License-Identifier: Apache-2.0
SELECT payment.generation, payment.client, payment.expires_at, payment.reference_prev, c.record, c.valid_from, c.valid_until,
	c.currency, c.gross, c.relief, c.due, c.service, c.ground, c.kbk, s.record, s.state, s.fulfilled, s.paid, s.held
FROM payment
JOIN (SELECT * FROM calculation WHERE payment = ?1 ORDER BY record DESC LIMIT 1) AS c
JOIN (SELECT * FROM payment_step WHERE payment = ?1 ORDER BY record DESC LIMIT 1) AS s
WHERE payment.number = ?1;
