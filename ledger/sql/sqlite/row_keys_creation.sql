-- SPDX-License-Identifier: Apache-2.0
SELECT number, record, request_key FROM payment WHERE number >= ?1 ORDER BY number;
