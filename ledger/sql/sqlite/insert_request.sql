-- SPDX-License-Identifier: Apache-2.0
INSERT INTO request (record, payment, client, request_key, fingerprint) VALUES (?1, ?2, ?3, ?4, ?5);
