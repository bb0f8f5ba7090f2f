-- SPDX-License-Identifier: Apache-2.0
INSERT INTO conversion (payment, record, rates, currency, gross, rate, quant) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7);
