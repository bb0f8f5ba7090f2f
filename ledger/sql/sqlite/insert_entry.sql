-- SPDX-License-Identifier: Apache-2.0
INSERT OR ROLLBACK INTO entry (number, record, payment, attempt, cause, gateway, operation, operation_key, booked_at, booked_day,
	value_date, paid_on, lines)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13);
