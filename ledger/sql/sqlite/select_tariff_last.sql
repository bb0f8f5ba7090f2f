-- SPDX-License-Identifier: Apache-2.0
SELECT digest, record FROM tariff_use ORDER BY record DESC LIMIT 1;
