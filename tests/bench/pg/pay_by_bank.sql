-- SPDX-License-Identifier: Apache-2.0
-- pgbench: a payment created, a bank's message kept, and the payment captured: three transactions, as
-- Alym's "create + callback" has three durable steps.
\set payer random(1, 100000)
\set payee 100000 + random_exponential(1, 1000, 4.0)
\set amount random(1, 500000)
SELECT open_payment(gen_random_uuid(), :payer, :payee, :amount, 'VMP-2026-0123456789-abcdef01',
	'\x00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff') AS payment \gset
SELECT keep_message('{"amount":{"amount":216250,"currency":"KZT"},"kind":"payment","merchant":"bench",'
	'"operation":"0123456789abcdef","order":"0123456789","status":"done"}') AS message \gset
SELECT capture(:payment, :message, gen_random_uuid());
