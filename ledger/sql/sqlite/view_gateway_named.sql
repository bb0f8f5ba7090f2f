-- SPDX-License-Identifier: Apache-2.0
SELECT number FROM gateway WHERE name = ?1;
