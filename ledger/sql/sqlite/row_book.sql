-- SPDX-License-Identifier: Apache-2.0
SELECT * FROM book WHERE id >= ?1 ORDER BY id;
