-- SPDX-License-Identifier: Apache-2.0
SELECT record, client, fingerprint FROM act WHERE request_key = ?1;
