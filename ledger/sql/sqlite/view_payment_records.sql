-- SPDX-License-Identifier: Apache-2.0
SELECT record FROM payment_step WHERE payment = ?1 AND record > ?2 ORDER BY record LIMIT ?3;
