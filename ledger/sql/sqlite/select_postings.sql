-- SPDX-License-Identifier: Apache-2.0
SELECT account, amount, line FROM posting WHERE entry = ?1 ORDER BY line;
