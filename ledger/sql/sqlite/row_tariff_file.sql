-- SPDX-License-Identifier: Apache-2.0
SELECT * FROM tariff_file WHERE (digest, line) >= (?1, ?2) ORDER BY digest, line;
