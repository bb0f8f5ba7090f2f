-- SPDX-License-Identifier: Apache-2.0
SELECT booked_at FROM record WHERE number = ?1;
