-- SPDX-License-Identifier: Apache-2.0
-- A client or record that is missing is NULL.
SELECT payment.generation, client.number, payment.expires_at, payment.reference_prev, c.record, c.valid_from, c.valid_until,
	c.currency, c.gross, c.relief, c.due, c.service, c.ground, c.kbk, record.number, s.state, s.fulfilled, s.paid, s.held
FROM payment
JOIN (SELECT * FROM calculation WHERE payment = ?1 ORDER BY record DESC LIMIT 1) AS c
JOIN (SELECT * FROM payment_step WHERE payment = ?1 ORDER BY record DESC LIMIT 1) AS s
LEFT JOIN client ON client.number = payment.client
LEFT JOIN record ON record.number = s.record
WHERE payment.number = ?1;
