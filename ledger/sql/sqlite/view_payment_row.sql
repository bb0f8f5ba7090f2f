-- SPDX-License-Identifier: Apache-2.0
-- For walking the payments: who, when, in which state now.
SELECT p.number, p.client, p.created_at,
	(SELECT state FROM payment_now WHERE payment = p.number)
FROM payment AS p WHERE p.number > ?1 ORDER BY p.number LIMIT ?2;
