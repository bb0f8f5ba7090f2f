-- SPDX-License-Identifier: Apache-2.0
-- How many rows each table has that follows from the leaves, and the records.
SELECT 'book', count(*) FROM book
UNION ALL SELECT 'client', count(*) FROM client
UNION ALL SELECT 'gateway', count(*) FROM gateway
UNION ALL SELECT 'tariff_file', count(*) FROM tariff_file
UNION ALL SELECT 'tariff_use', count(*) FROM tariff_use
UNION ALL SELECT 'payment', count(*) FROM payment
UNION ALL SELECT 'requote', count(*) FROM requote
UNION ALL SELECT 'conversion', count(*) FROM conversion
UNION ALL SELECT 'payment_change', count(*) FROM payment_change
UNION ALL SELECT 'attempt', count(*) FROM attempt
UNION ALL SELECT 'attempt_step', count(*) FROM attempt_step
UNION ALL SELECT 'attempt_order', count(*) FROM attempt_order
UNION ALL SELECT 'attempt_open', count(*) FROM attempt_open
UNION ALL SELECT 'payment_open', count(*) FROM payment_open
UNION ALL SELECT 'fulfilment', count(*) FROM fulfilment
UNION ALL SELECT 'account', count(*) FROM account
UNION ALL SELECT 'entry', count(*) FROM entry
UNION ALL SELECT 'posting', count(*) FROM posting
UNION ALL SELECT 'balance', count(*) FROM balance
UNION ALL SELECT 'day_sum', count(*) FROM day_sum
UNION ALL SELECT 'suspense', count(*) FROM suspense
UNION ALL SELECT 'request', count(*) FROM request
UNION ALL SELECT 'event', count(*) FROM event
UNION ALL SELECT 'private', count(*) FROM private
UNION ALL SELECT 'evidence', count(*) FROM evidence
UNION ALL SELECT 'checkpoint', count(*) FROM checkpoint
UNION ALL SELECT 'tile', count(*) FROM tile
UNION ALL SELECT 'rates', count(*) FROM rates
UNION ALL SELECT 'period', count(*) FROM period
UNION ALL SELECT 'period_balance', count(*) FROM period_balance
UNION ALL SELECT 'act', count(*) FROM act
UNION ALL SELECT 'erasure', count(*) FROM erasure
UNION ALL SELECT 'erased', count(*) FROM erased
UNION ALL SELECT 'generation', count(*) FROM generation
UNION ALL SELECT 'checkpoint_key', count(*) FROM checkpoint_key
UNION ALL SELECT 'record', count(*) FROM record;
