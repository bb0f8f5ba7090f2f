-- SPDX-License-Identifier: Apache-2.0
SELECT * FROM tile WHERE (level, number) >= (?1, ?2) ORDER BY level, number;
