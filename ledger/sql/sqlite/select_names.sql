-- SPDX-License-Identifier: Apache-2.0
-- ?1: 0 the clients, 1 the gateways.
SELECT number, name, record FROM client WHERE ?1 = 0 UNION ALL SELECT number, name, record FROM gateway WHERE ?1 = 1 ORDER BY 1;
