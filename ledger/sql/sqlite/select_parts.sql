-- SPDX-License-Identifier: Apache-2.0
SELECT account, sum(amount), min(number) FROM suspense WHERE payment = ?1 AND closed_entry = 0 AND reason = 1 GROUP BY account ORDER BY account;
