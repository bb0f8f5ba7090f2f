-- SPDX-License-Identifier: Apache-2.0
INSERT INTO payment_open (expires_at, payment) VALUES (?1, ?2) ON CONFLICT DO NOTHING;
