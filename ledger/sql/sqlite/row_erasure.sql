-- SPDX-License-Identifier: Apache-2.0
SELECT * FROM erasure WHERE record >= ?1 ORDER BY record;
