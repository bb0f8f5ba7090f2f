-- SPDX-License-Identifier: Apache-2.0
-- Of entries ?1 + 1 to ?2, those whose value date is in ?3 to ?4.
SELECT p.entry, p.account, p.amount, e.booked_day, e.value_date, e.record, e.payment
FROM posting AS p JOIN entry AS e ON e.number = p.entry
WHERE p.entry > ?1 AND p.entry <= ?2 AND e.value_date BETWEEN ?3 AND ?4 ORDER BY p.entry, p.line;
