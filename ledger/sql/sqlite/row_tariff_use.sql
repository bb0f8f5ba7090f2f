-- SPDX-License-Identifier: Apache-2.0
SELECT * FROM tariff_use WHERE record >= ?1 ORDER BY record;
