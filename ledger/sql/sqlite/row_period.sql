-- SPDX-License-Identifier: Apache-2.0
SELECT * FROM period WHERE month >= ?1 ORDER BY month;
