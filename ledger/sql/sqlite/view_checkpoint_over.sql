-- SPDX-License-Identifier: Apache-2.0
-- The first checkpoint that covers record ?1.
SELECT size, note FROM checkpoint WHERE record > ?1 ORDER BY record LIMIT 1;
