-- SPDX-License-Identifier: Apache-2.0
SELECT number, request_key, record FROM payment WHERE number > ?1 AND request_key <> x'' ORDER BY number;
