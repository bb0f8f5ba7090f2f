-- SPDX-License-Identifier: Apache-2.0
-- What a step does not say stays as the step before had it.
INSERT INTO attempt_step (attempt, record, state, captured, currency, paid_on, operation, handle, reason, page)
SELECT ?1, ?2, ?3, ?4, ?5,
	coalesce(?6, last.paid_on),
	CASE WHEN ?7 <> '' THEN ?7 ELSE coalesce(last.operation, '') END,
	CASE WHEN ?8 <> '' THEN ?8 ELSE coalesce(last.handle, '') END,
	?9,
	CASE WHEN ?10 <> '' THEN ?10 ELSE coalesce(last.page, '') END
FROM (SELECT 1) LEFT JOIN (
	SELECT paid_on, operation, handle, page FROM attempt_step WHERE attempt = ?1 ORDER BY record DESC LIMIT 1) AS last;
