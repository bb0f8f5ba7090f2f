-- SPDX-License-Identifier: Apache-2.0
SELECT record, record, request_key FROM request WHERE record >= ?1 ORDER BY record;
