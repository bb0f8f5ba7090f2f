-- SPDX-License-Identifier: Apache-2.0
SELECT * FROM request WHERE record >= ?1 ORDER BY record;
