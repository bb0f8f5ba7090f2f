-- SPDX-License-Identifier: Apache-2.0
SELECT * FROM balance WHERE account >= ?1 ORDER BY account;
