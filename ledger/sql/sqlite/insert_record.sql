-- SPDX-License-Identifier: Apache-2.0
INSERT OR ROLLBACK INTO record (number, kind, booked_at, leaf) VALUES (?1, ?2, ?3, ?4);
