-- SPDX-License-Identifier: Apache-2.0
SELECT generation.number, generation.since, record.booked_at, generation.record
FROM generation JOIN record ON record.number = generation.record ORDER BY generation.number DESC LIMIT 1;
