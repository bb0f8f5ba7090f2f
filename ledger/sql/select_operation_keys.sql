-- SPDX-License-Identifier: Apache-2.0
SELECT number, operation_key, record FROM entry WHERE length(operation_key) = 16 AND record > ?1 ORDER BY number;
