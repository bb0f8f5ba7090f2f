-- SPDX-License-Identifier: Apache-2.0
SELECT record, request_key, record FROM request WHERE record > ?1 ORDER BY record;
