-- SPDX-License-Identifier: Apache-2.0
SELECT number, kind, booked_at, leaf FROM record WHERE number >= ?1 ORDER BY number;
