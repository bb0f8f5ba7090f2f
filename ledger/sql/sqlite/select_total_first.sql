-- SPDX-License-Identifier: Apache-2.0
-- The record with which an attempt's captured sum came to ?2, or went past it.
SELECT min(record) FROM attempt_step WHERE attempt = ?1 AND captured >= ?2;
