-- SPDX-License-Identifier: Apache-2.0
SELECT * FROM attempt_step WHERE (attempt, record) >= (?1, ?2) ORDER BY attempt, record;
