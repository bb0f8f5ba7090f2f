-- SPDX-License-Identifier: Apache-2.0
-- A payment as it stood after record ?2.
SELECT p.generation, p.client, p.created_at, p.expires_at,
	c.version, c.day, c.valid_from, c.valid_until, c.currency, c.gross, c.relief, c.due, c.service, c.ground, c.kbk,
	c.tariff_rows, c.tariff, c.quote,
	s.record, s.state, s.fulfilled, s.due, s.paid, s.held, private.data,
	v.rates, v.currency, v.gross, v.rate, v.quant
FROM payment AS p
JOIN (SELECT * FROM calculation WHERE payment = ?1 AND record <= ?2 ORDER BY record DESC LIMIT 1) AS c
JOIN (SELECT * FROM payment_step WHERE payment = ?1 AND record <= ?2 ORDER BY record DESC LIMIT 1) AS s
LEFT JOIN conversion AS v ON v.payment = c.payment AND v.record = c.record
LEFT JOIN private ON private.record = p.record
WHERE p.number = ?1;
