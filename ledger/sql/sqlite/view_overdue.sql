-- SPDX-License-Identifier: Apache-2.0
SELECT payment FROM payment_open WHERE expires_at <= ?1 AND payment > ?2 ORDER BY payment LIMIT ?3;
