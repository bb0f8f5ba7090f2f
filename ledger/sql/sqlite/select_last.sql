-- SPDX-License-Identifier: Apache-2.0
-- Where the counters stand.
SELECT (SELECT coalesce(max(number), 0) FROM record),
	(SELECT coalesce(max(booked_at), 0) FROM (SELECT booked_at FROM record ORDER BY number DESC LIMIT 1)),
	(SELECT coalesce(max(number), 0) FROM payment),
	(SELECT coalesce(max(number), 0) FROM entry),
	(SELECT coalesce(max(number), 0) FROM suspense),
	(SELECT coalesce(max(number), 0) FROM inbox),
	(SELECT coalesce(max(number), 0) FROM client),
	(SELECT coalesce(max(number), 0) FROM gateway),
	(SELECT count(*) FROM inbox),
	(SELECT coalesce(max(booked_day), 0) FROM (SELECT booked_day FROM entry ORDER BY number DESC LIMIT 1));
