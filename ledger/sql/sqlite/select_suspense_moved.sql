-- SPDX-License-Identifier: Apache-2.0
-- What the entry put into suspense and another one took out: that one.
SELECT closed_entry FROM suspense WHERE entry = ?1 AND closed_entry <> 0 LIMIT 1;
