-- SPDX-License-Identifier: Apache-2.0
-- The records that calculated a payment.
SELECT record FROM calculation WHERE payment = ?1 AND record > ?2 ORDER BY record LIMIT ?3;
