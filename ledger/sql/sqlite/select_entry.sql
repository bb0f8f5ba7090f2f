-- SPDX-License-Identifier: Apache-2.0
SELECT cause, payment, attempt, gateway, value_date, paid_on FROM entry WHERE number = ?1;
