-- SPDX-License-Identifier: Apache-2.0
INSERT INTO attempt (number, record, gateway, order_number, currency, amount, created_at, expires_at, return_url, language, route)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11);
