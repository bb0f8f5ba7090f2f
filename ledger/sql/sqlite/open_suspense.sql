-- SPDX-License-Identifier: Apache-2.0
-- What entry ?1 took out of suspense lies there again.
UPDATE suspense SET closed_entry = 0 WHERE closed_entry = ?1 AND closed_entry <> 0;
