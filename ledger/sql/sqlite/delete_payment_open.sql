-- SPDX-License-Identifier: Apache-2.0
DELETE FROM payment_open WHERE expires_at = ?1 AND payment = ?2;
