-- SPDX-License-Identifier: Apache-2.0
-- All that is open is asked about as if it were new.
UPDATE attempt_open SET next_at = ?1, tries = 0;
