-- SPDX-License-Identifier: Apache-2.0
-- For walking the entries: ?3 an account's name or nothing.
SELECT e.number, e.payment, e.booked_day,
	?3 = '' OR EXISTS (SELECT 1 FROM posting JOIN account ON account.number = posting.account
		WHERE posting.entry = e.number AND account.name = ?3)
FROM entry AS e WHERE e.number > ?1 ORDER BY e.number LIMIT ?2;
