-- SPDX-License-Identifier: Apache-2.0
INSERT INTO standing VALUES (?1, ?2);
