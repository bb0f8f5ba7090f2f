-- SPDX-License-Identifier: Apache-2.0
-- Of entries ?1 + 1 to ?2 with value dates ?3 to ?4: those of gateway ?5, service ?6 and account ?7, each a
-- name or nothing.
SELECT e.number FROM entry AS e
WHERE e.number > ?1 AND e.number <= ?2 AND e.value_date BETWEEN ?3 AND ?4
	AND (?5 = '' OR e.gateway = (SELECT number FROM gateway WHERE name = ?5))
	AND (?7 = '' OR EXISTS (SELECT 1 FROM posting WHERE entry = e.number
		AND account IN (SELECT number FROM account WHERE name = ?7)))
	AND (?6 = '' OR EXISTS (SELECT 1 FROM payment WHERE number = e.payment AND service = ?6))
ORDER BY e.number LIMIT ?8;
