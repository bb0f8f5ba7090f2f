-- SPDX-License-Identifier: Apache-2.0
INSERT INTO payment_open VALUES (?1, ?2);
