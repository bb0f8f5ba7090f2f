-- SPDX-License-Identifier: Apache-2.0
SELECT booked_day FROM entry WHERE number = ?1;
