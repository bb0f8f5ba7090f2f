-- SPDX-License-Identifier: Apache-2.0
SELECT number, reference_key, record FROM payment WHERE number > ?1 ORDER BY number;
