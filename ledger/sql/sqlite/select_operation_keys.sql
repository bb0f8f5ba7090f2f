-- SPDX-License-Identifier: Apache-2.0
SELECT number, operation_key, record FROM entry WHERE number > ?1 AND operation_key <> x'' ORDER BY number;
