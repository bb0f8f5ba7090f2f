-- SPDX-License-Identifier: Apache-2.0
-- By which rows of which tariff payment ?1 was calculated last, as of record ?2.
SELECT tariff, tariff_rows FROM calculation WHERE payment = ?1 AND record <= ?2 ORDER BY record DESC LIMIT 1;
