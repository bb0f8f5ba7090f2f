-- SPDX-License-Identifier: Apache-2.0
SELECT * FROM checkpoint WHERE record >= ?1 ORDER BY record;
