-- SPDX-License-Identifier: Apache-2.0
SELECT * FROM conversion WHERE (payment, record) >= (?1, ?2) ORDER BY payment, record;
