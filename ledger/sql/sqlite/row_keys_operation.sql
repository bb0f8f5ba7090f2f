-- SPDX-License-Identifier: Apache-2.0
SELECT number, record, operation_key FROM entry WHERE number >= ?1 ORDER BY number;
