-- SPDX-License-Identifier: Apache-2.0
SELECT payment, client, fingerprint, record FROM request WHERE record = ?1;
