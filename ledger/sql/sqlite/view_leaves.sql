-- SPDX-License-Identifier: Apache-2.0
SELECT leaf FROM record WHERE number > ?1 ORDER BY number LIMIT ?2;
