-- SPDX-License-Identifier: Apache-2.0
-- The next entry, and the next that is posted to.
SELECT (SELECT min(number) FROM entry WHERE number > ?1) AS entry,
	(SELECT min(entry) FROM posting WHERE entry > ?1) AS posting;
