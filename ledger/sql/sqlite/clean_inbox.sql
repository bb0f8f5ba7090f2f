-- SPDX-License-Identifier: Apache-2.0
-- Past their time, or beyond the quota (the oldest first); at most 10000 at once.
DELETE FROM inbox WHERE number IN (
	SELECT number FROM inbox
	WHERE received_at < ?1 OR number <= (SELECT coalesce(max(number), 0) FROM inbox) - ?2
	ORDER BY number LIMIT 10000);
