-- SPDX-License-Identifier: Apache-2.0
-- Entries ?1 to ?2 with their leaves.
SELECT e.number, e.record, e.payment, coalesce(payment.generation, 0), e.cause, coalesce(gateway.name, ''), e.operation,
	e.booked_at, e.value_date, e.paid_on, e.booked_day, e.lines, record.leaf,
	coalesce(reversal.reverses, 0)
FROM entry AS e
LEFT JOIN record ON record.number = e.record
LEFT JOIN payment ON payment.number = e.payment
LEFT JOIN gateway ON gateway.number = e.gateway
LEFT JOIN reversal ON reversal.entry = e.number
WHERE e.number BETWEEN ?1 AND ?2 ORDER BY e.number;
