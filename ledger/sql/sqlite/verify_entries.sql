-- SPDX-License-Identifier: Apache-2.0
SELECT verify_entry(number, booked_day, value_date, lines) FROM entry WHERE number BETWEEN ?1 AND ?2;
