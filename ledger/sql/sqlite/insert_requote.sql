-- SPDX-License-Identifier: Apache-2.0
INSERT INTO requote (payment, record, version, day, valid_from, valid_until, currency, gross, relief, due,
	service, ground, kbk, tariff_rows, tariff, quote)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16);
