-- SPDX-License-Identifier: Apache-2.0
SELECT number, gateway FROM attempt WHERE number > ?1 AND record < ?2 ORDER BY number LIMIT ?3;
