-- SPDX-License-Identifier: Apache-2.0
SELECT * FROM rates WHERE record >= ?1 ORDER BY record;
