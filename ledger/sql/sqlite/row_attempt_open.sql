-- SPDX-License-Identifier: Apache-2.0
SELECT * FROM attempt_open WHERE attempt >= ?1 ORDER BY attempt;
