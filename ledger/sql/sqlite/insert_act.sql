-- SPDX-License-Identifier: Apache-2.0
INSERT INTO act (record, client, request_key, fingerprint) VALUES (?1, ?2, ?3, ?4);
