-- SPDX-License-Identifier: Apache-2.0
INSERT INTO inbox (number, gateway, received_at, peer, head, body) VALUES (?1, ?2, ?3, ?4, ?5, ?6);
