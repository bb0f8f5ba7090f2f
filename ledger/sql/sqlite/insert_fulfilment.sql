-- SPDX-License-Identifier: Apache-2.0
INSERT INTO fulfilment (payment, record, performed) VALUES (?1, ?2, ?3);
