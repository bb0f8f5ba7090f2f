-- SPDX-License-Identifier: Apache-2.0
SELECT number, request_key, record FROM payment WHERE request_key <> x'' AND record > ?1 ORDER BY number;
