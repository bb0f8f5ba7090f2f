-- SPDX-License-Identifier: Apache-2.0
SELECT * FROM payment_open WHERE (expires_at, payment) >= (?1, ?2) ORDER BY expires_at, payment;
