-- SPDX-License-Identifier: Apache-2.0
-- pgbench: all payments to one payee, as all duties of a kind go to one account of the treasury.
\set payer random(1, 100000)
\set payee 100001
\set amount random(1, 500000)
SELECT pay(gen_random_uuid(), :payer, :payee, :amount, 'VMP-2026-0123456789-abcdef01',
	'\x00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff');
