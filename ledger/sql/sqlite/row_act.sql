-- SPDX-License-Identifier: Apache-2.0
SELECT * FROM act WHERE record >= ?1 ORDER BY record;
