-- SPDX-License-Identifier: Apache-2.0
INSERT INTO attempt_open (attempt, gateway, state, next_at, tries) VALUES (?1, ?2, ?3, ?4, 0)
ON CONFLICT (attempt) DO UPDATE SET state = excluded.state, next_at = excluded.next_at, tries = tries + 1;
