-- SPDX-License-Identifier: Apache-2.0
-- How many rows the tables have that the quick level goes through.
SELECT 'checkpoint', count(*) FROM checkpoint
UNION ALL SELECT 'tile', count(*) FROM tile
UNION ALL SELECT 'balance', count(*) FROM balance
UNION ALL SELECT 'day_sum', count(*) FROM day_sum;
