-- SPDX-License-Identifier: Apache-2.0
-- A new state begins the schedule anew; a hold that goes round between authorized (3) and unknown (4) does not.
INSERT INTO attempt_open (attempt, gateway, state, next_at, tries) VALUES (?1, ?2, ?3, ?4, 0)
ON CONFLICT (attempt) DO UPDATE SET state = excluded.state, next_at = excluded.next_at, tries = CASE
	WHEN state = excluded.state OR (state = 4 AND excluded.state = 3) THEN tries + 1
	WHEN state = 3 AND excluded.state = 4 THEN tries
	ELSE 0 END;
