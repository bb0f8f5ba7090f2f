-- SPDX-License-Identifier: Apache-2.0
-- Whether a month that was closed as of record ?2 ends on day ?1 or later.
SELECT EXISTS (SELECT 1 FROM period WHERE last_day >= ?1 AND record <= ?2);
