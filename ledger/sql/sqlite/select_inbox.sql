-- SPDX-License-Identifier: Apache-2.0
SELECT peer, head, body FROM inbox WHERE number = ?1;
