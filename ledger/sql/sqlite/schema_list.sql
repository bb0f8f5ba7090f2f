-- SPDX-License-Identifier: Apache-2.0
-- A type may be nothing: SQLite itself reads it of no index that it made.  What ANALYZE leaves is nobody's; whatever else has such a name is.
SELECT coalesce(type, '') || ' ' || coalesce(name, ''), coalesce(sql, '') FROM sqlite_master
WHERE type <> 'table' OR name NOT IN ('sqlite_stat1', 'sqlite_stat4') ORDER BY type, name;
