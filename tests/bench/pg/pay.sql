-- SPDX-License-Identifier: Apache-2.0
-- pgbench: payments to a thousand payees, some of them more popular.
\set payer random(1, 100000)
\set payee 100000 + random_exponential(1, 1000, 4.0)
\set amount random(1, 500000)
SELECT pay(gen_random_uuid(), :payer, :payee, :amount, 'VMP-2026-0123456789-abcdef01',
	'\x00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff');
