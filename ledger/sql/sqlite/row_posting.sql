-- SPDX-License-Identifier: Apache-2.0
SELECT * FROM posting WHERE (entry, line) >= (?1, ?2) ORDER BY entry, line;
