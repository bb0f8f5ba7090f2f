-- SPDX-License-Identifier: Apache-2.0
SELECT number, gateway, received_at, peer, head, body FROM inbox WHERE number > ?1 ORDER BY number LIMIT 1;
