-- SPDX-License-Identifier: Apache-2.0
-- The record of the newest row of each table that tells one.
SELECT number, record, 'payment' FROM (SELECT number, record FROM payment ORDER BY number DESC LIMIT 1)
UNION ALL SELECT number, record, 'entry' FROM (SELECT number, record FROM entry ORDER BY number DESC LIMIT 1)
UNION ALL SELECT record, record, 'checkpoint' FROM (SELECT max(record) AS record FROM checkpoint)
UNION ALL SELECT record, record, 'tariff_use' FROM (SELECT max(record) AS record FROM tariff_use)
UNION ALL SELECT record, record, 'rates' FROM (SELECT max(record) AS record FROM rates)
UNION ALL SELECT record, record, 'period' FROM (SELECT max(record) AS record FROM period)
UNION ALL SELECT record, record, 'request' FROM (SELECT max(record) AS record FROM request)
UNION ALL SELECT record, record, 'private' FROM (SELECT max(record) AS record FROM private)
UNION ALL SELECT record, record, 'evidence' FROM (SELECT max(record) AS record FROM evidence);
