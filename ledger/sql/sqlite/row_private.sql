-- SPDX-License-Identifier: Apache-2.0
SELECT * FROM private WHERE record >= ?1 ORDER BY record;
