-- SPDX-License-Identifier: Apache-2.0
SELECT * FROM erased WHERE (source, record) >= (?1, ?2) ORDER BY source, record;
