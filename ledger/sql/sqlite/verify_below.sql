-- SPDX-License-Identifier: Apache-2.0
-- Numbers begin at 1.
SELECT 'record', number, 'it is below 1' FROM record WHERE number < 1
UNION ALL SELECT 'entry', number, 'it is below 1' FROM entry WHERE number < 1
UNION ALL SELECT 'posting', entry || '/' || line, 'there is no such entry' FROM posting WHERE entry < 1;
