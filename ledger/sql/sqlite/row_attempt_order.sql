-- SPDX-License-Identifier: Apache-2.0
SELECT * FROM attempt_order WHERE (gateway, serial) >= (?1, ?2) ORDER BY gateway, serial;
