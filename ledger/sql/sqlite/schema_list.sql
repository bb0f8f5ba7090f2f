-- SPDX-License-Identifier: Apache-2.0
-- What ANALYZE leaves is nobody's; whatever else has such a name is.
SELECT type || ' ' || name, coalesce(sql, '') FROM sqlite_master
WHERE type <> 'table' OR name NOT IN ('sqlite_stat1', 'sqlite_stat4') ORDER BY type, name;
