-- SPDX-License-Identifier: Apache-2.0
-- Indexes that have not what their tables have.
SELECT t.name, 'of an index', i.integrity_check FROM (SELECT DISTINCT tbl_name AS name FROM sqlite_master WHERE type = 'index') AS t,
	pragma_integrity_check(t.name) AS i
WHERE i.integrity_check <> 'ok' ORDER BY t.name;
