-- SPDX-License-Identifier: Apache-2.0
INSERT OR ROLLBACK INTO payment (number, record, version, day, valid_from, valid_until, currency, gross, relief, due,
	service, ground, kbk, tariff_rows, tariff, quote,
	generation, client, created_at, expires_at, reference_key, reference_prev, request_key, fingerprint)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22, ?23, ?24);
