-- SPDX-License-Identifier: Apache-2.0
-- What entry ?1 put into suspense leaves it by entry ?2.
UPDATE suspense SET closed_entry = ?2 WHERE entry = ?1 AND closed_entry = 0;
