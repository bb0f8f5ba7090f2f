-- SPDX-License-Identifier: Apache-2.0
SELECT (SELECT coalesce(max(number), 0) FROM record), (SELECT coalesce(max(number), 0) FROM entry),
	(SELECT coalesce(max(number), 0) FROM payment), (SELECT count(*) FROM inbox),
	(SELECT count(*) FROM suspense WHERE closed_entry = 0);
