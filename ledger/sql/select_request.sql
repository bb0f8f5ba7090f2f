-- SPDX-License-Identifier: Apache-2.0
SELECT payment, client, fingerprint FROM request WHERE record = ?1;
