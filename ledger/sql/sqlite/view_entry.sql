-- SPDX-License-Identifier: Apache-2.0
SELECT e.record, e.payment, coalesce(payment.generation, 0), e.cause, coalesce(gateway.name, ''), e.operation, e.booked_at,
	e.value_date, e.paid_on
FROM entry AS e LEFT JOIN payment ON payment.number = e.payment LEFT JOIN gateway ON gateway.number = e.gateway
WHERE e.number = ?1;
