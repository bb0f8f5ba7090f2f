-- SPDX-License-Identifier: Apache-2.0
SELECT prev FROM posting WHERE entry = ?1 AND account = ?2 LIMIT 1;
