-- SPDX-License-Identifier: Apache-2.0
SELECT * FROM day_sum WHERE (account, axis, day) >= (?1, ?2, ?3) ORDER BY account, axis, day;
