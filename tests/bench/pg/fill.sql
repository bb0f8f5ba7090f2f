-- SPDX-License-Identifier: Apache-2.0
-- psql: `payments` payments in an empty book, all at once, as pay() would have left them.
INSERT INTO payment (id, payer, payee, amount, currency, service, reference, state)
	SELECT i, 1 + i % 100000, 100001 + i * i % 1000, 1 + i % 500000, 'KZT', 'visa.exit',
		'VMP-2026-0123456789-abcdef01', 2
	FROM generate_series(1, :payments::bigint) i;
INSERT INTO idempotency SELECT gen_random_uuid(), id,
		'\x00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff' FROM payment;
INSERT INTO entry (id, payment, kind, hash) SELECT id, id, 1, sha256(convert_to(id || '|1|KZT|' || payer ||
		':-' || amount || '|' || payee || ':' || amount || '|visa.exit|' || reference, 'UTF8'))
	FROM payment;
INSERT INTO posting SELECT id, line, CASE line WHEN 1 THEN payer ELSE payee END,
		CASE line WHEN 1 THEN -amount ELSE amount END
	FROM payment, generate_series(1, 2) line;
INSERT INTO outbox (id, payment, topic, payload) SELECT id, id, 'payment.paid',
		'{"type":"payment.paid","payment":"' || id || '","payer":' || payer ||
		',"payee":' || payee || ',"amount":' || amount ||
		',"currency":"KZT","service":"visa.exit","reference":"' || reference || '"}'
	FROM payment;
UPDATE balance SET debit = balance.debit + of.debit, credit = balance.credit + of.credit, last_entry = of.last_entry
	FROM (SELECT account, coalesce(sum(amount) FILTER (WHERE amount > 0), 0) AS debit,
			-coalesce(sum(amount) FILTER (WHERE amount < 0), 0) AS credit,
			max(entry) AS last_entry
		FROM posting GROUP BY account) of
	WHERE balance.account = of.account;
SELECT setval('payment_id_seq', :payments), setval('entry_id_seq', :payments),
	setval('outbox_id_seq', :payments);
VACUUM ANALYZE;
CHECKPOINT;
