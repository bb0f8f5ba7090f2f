-- SPDX-License-Identifier: Apache-2.0
SELECT * FROM event WHERE (client, number) >= (?1, ?2) ORDER BY client, number;
