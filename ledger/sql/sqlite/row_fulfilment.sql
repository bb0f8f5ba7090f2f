-- SPDX-License-Identifier: Apache-2.0
SELECT * FROM fulfilment WHERE payment >= ?1 ORDER BY payment;
