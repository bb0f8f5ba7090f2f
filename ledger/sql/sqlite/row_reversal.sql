-- SPDX-License-Identifier: Apache-2.0
SELECT * FROM reversal WHERE entry >= ?1 ORDER BY entry;
