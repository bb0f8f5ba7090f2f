-- SPDX-License-Identifier: Apache-2.0
SELECT * FROM period_balance WHERE (month, line) >= (?1, ?2) ORDER BY month, line;
