-- SPDX-License-Identifier: Apache-2.0
SELECT verify_posting(entry, line, account, amount) FROM posting WHERE entry BETWEEN ?1 AND ?2;
