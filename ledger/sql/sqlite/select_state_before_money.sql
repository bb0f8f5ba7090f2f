-- SPDX-License-Identifier: Apache-2.0
-- Neither partly paid nor paid.
SELECT state FROM payment_step WHERE payment = ?1 AND state NOT IN (1, 2) ORDER BY record DESC LIMIT 1;
