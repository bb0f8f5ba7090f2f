-- SPDX-License-Identifier: Apache-2.0
SELECT block, keys FROM keyset WHERE name = ?1 AND segment = ?2 ORDER BY block;
