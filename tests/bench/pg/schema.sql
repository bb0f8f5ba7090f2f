-- SPDX-License-Identifier: Apache-2.0
-- The transaction of a payment as PostgreSQL does it best: what somebody would build who does not
-- take Alym.  The way - the tables, integer keys from sequences, one stored procedure and so one
-- round trip per payment - is that of the prototypes by which Alym's targets were set, retold here.
--
-- A payment is: the idempotency row, the payment, an entry with its hash, two postings, an event in
-- the outbox, and the balances of both accounts, of which the payer's must not become negative.

DROP SCHEMA IF EXISTS public CASCADE;
CREATE SCHEMA public;

CREATE TABLE account (
	id       bigint PRIMARY KEY,
	code     text   NOT NULL UNIQUE,
	currency text   NOT NULL
);
-- Half-empty pages: updates stay on theirs.
CREATE TABLE balance (
	account    bigint PRIMARY KEY,
	debit      bigint NOT NULL,
	credit     bigint NOT NULL,
	last_entry bigint NOT NULL
) WITH (fillfactor = 50);
CREATE TABLE payment (
	id        bigserial   PRIMARY KEY,
	payer     bigint      NOT NULL,
	payee     bigint      NOT NULL,
	amount    bigint      NOT NULL CHECK (amount > 0),
	currency  text        NOT NULL,
	service   text        NOT NULL,
	reference text        NOT NULL,
	state     int         NOT NULL,
	created   timestamptz NOT NULL DEFAULT now()
);
CREATE TABLE entry (
	id      bigserial   PRIMARY KEY,
	payment bigint      NOT NULL,
	kind    int         NOT NULL,
	booked  timestamptz NOT NULL DEFAULT now(),
	hash    bytea       NOT NULL
);
CREATE TABLE posting (
	entry   bigint NOT NULL,
	line    int    NOT NULL,
	account bigint NOT NULL,
	amount  bigint NOT NULL,
	PRIMARY KEY (entry, line)
);
CREATE INDEX posting_of_account ON posting (account, entry);
CREATE TABLE idempotency (
	key         uuid   PRIMARY KEY,
	payment     bigint NOT NULL,
	fingerprint bytea  NOT NULL
);
CREATE TABLE outbox (
	id      bigserial   PRIMARY KEY,
	payment bigint      NOT NULL,
	topic   text        NOT NULL,
	payload text        NOT NULL,
	created timestamptz NOT NULL DEFAULT now()
);
-- Messages of banks, kept before they are understood, and what proved a capture.
CREATE TABLE inbox (
	id       bigserial   PRIMARY KEY,
	received timestamptz NOT NULL DEFAULT now(),
	message  text        NOT NULL
);
CREATE TABLE evidence (
	entry   bigint PRIMARY KEY,
	message text   NOT NULL
);
-- The head of the hash chain, for pay_chained().
CREATE TABLE chain (
	id   int   PRIMARY KEY,
	head bytea NOT NULL
) WITH (fillfactor = 10);

-- 100,000 payers and 1,000 payees.
INSERT INTO account SELECT i, 'A' || lpad(i::text, 9, '0'), 'KZT' FROM generate_series(1, 101000) i;
INSERT INTO balance SELECT i, 1000000000000, 0, 0 FROM generate_series(1, 101000) i;
INSERT INTO chain VALUES (1, sha256(''));

-- The hash is of the entry alone: a chain makes every payment wait for the one before.
CREATE FUNCTION pay(its_key uuid, its_payer bigint, its_payee bigint, its_amount bigint,
	its_reference text, its_fingerprint bytea)
RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
	number bigint := nextval('payment_id_seq');
	entry_number bigint := nextval('entry_id_seq');
	touched int;
BEGIN
	INSERT INTO idempotency VALUES (its_key, number, its_fingerprint) ON CONFLICT DO NOTHING;
	GET DIAGNOSTICS touched = ROW_COUNT;
	IF touched = 0 THEN
		RETURN (SELECT payment FROM idempotency WHERE key = its_key);
	END IF;
	INSERT INTO payment (id, payer, payee, amount, currency, service, reference, state)
		VALUES (number, its_payer, its_payee, its_amount, 'KZT', 'visa.exit', its_reference, 2);
	INSERT INTO entry (id, payment, kind, hash) VALUES (entry_number, number, 1,
		sha256(convert_to(number || '|1|KZT|' || its_payer || ':-' || its_amount || '|' ||
			its_payee || ':' || its_amount || '|visa.exit|' || its_reference, 'UTF8')));
	INSERT INTO posting VALUES (entry_number, 1, its_payer, -its_amount),
		(entry_number, 2, its_payee, its_amount);
	INSERT INTO outbox (payment, topic, payload) VALUES (number, 'payment.paid',
		'{"type":"payment.paid","payment":"' || number || '","payer":' || its_payer ||
		',"payee":' || its_payee || ',"amount":' || its_amount ||
		',"currency":"KZT","service":"visa.exit","reference":"' || its_reference || '"}');
	UPDATE balance SET credit = credit + its_amount, last_entry = entry_number
		WHERE account = its_payer AND debit - credit >= its_amount;
	GET DIAGNOSTICS touched = ROW_COUNT;
	IF touched = 0 THEN
		RAISE EXCEPTION 'the payer has too little';
	END IF;
	UPDATE balance SET debit = debit + its_amount, last_entry = entry_number
		WHERE account = its_payee;
	RETURN number;
END $$;

-- The same, tamper-evident: each entry's hash covers the hash of the entry before.  The row lock on
-- the head is taken as late as may be, and the entry's number under it.
CREATE FUNCTION pay_chained(its_key uuid, its_payer bigint, its_payee bigint, its_amount bigint,
	its_reference text, its_fingerprint bytea)
RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
	number bigint := nextval('payment_id_seq');
	entry_number bigint;
	its_hash bytea;
	touched int;
BEGIN
	INSERT INTO idempotency VALUES (its_key, number, its_fingerprint) ON CONFLICT DO NOTHING;
	GET DIAGNOSTICS touched = ROW_COUNT;
	IF touched = 0 THEN
		RETURN (SELECT payment FROM idempotency WHERE key = its_key);
	END IF;
	INSERT INTO payment (id, payer, payee, amount, currency, service, reference, state)
		VALUES (number, its_payer, its_payee, its_amount, 'KZT', 'visa.exit', its_reference, 2);
	INSERT INTO outbox (payment, topic, payload) VALUES (number, 'payment.paid',
		'{"type":"payment.paid","payment":"' || number || '","payer":' || its_payer ||
		',"payee":' || its_payee || ',"amount":' || its_amount ||
		',"currency":"KZT","service":"visa.exit","reference":"' || its_reference || '"}');
	UPDATE balance SET credit = credit + its_amount
		WHERE account = its_payer AND debit - credit >= its_amount;
	GET DIAGNOSTICS touched = ROW_COUNT;
	IF touched = 0 THEN
		RAISE EXCEPTION 'the payer has too little';
	END IF;
	UPDATE balance SET debit = debit + its_amount WHERE account = its_payee;
	UPDATE chain SET head = sha256(head ||
		convert_to(number || '|1|KZT|' || its_payer || ':-' || its_amount || '|' ||
			its_payee || ':' || its_amount || '|visa.exit|' || its_reference, 'UTF8'))
		WHERE id = 1 RETURNING head INTO its_hash;
	entry_number := nextval('entry_id_seq');
	INSERT INTO entry (id, payment, kind, hash) VALUES (entry_number, number, 1, its_hash);
	INSERT INTO posting VALUES (entry_number, 1, its_payer, -its_amount),
		(entry_number, 2, its_payee, its_amount);
	RETURN number;
END $$;

-- The same payment through a bank, in three transactions.
CREATE FUNCTION open_payment(its_key uuid, its_payer bigint, its_payee bigint, its_amount bigint,
	its_reference text, its_fingerprint bytea)
RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
	number bigint := nextval('payment_id_seq');
	touched int;
BEGIN
	INSERT INTO idempotency VALUES (its_key, number, its_fingerprint) ON CONFLICT DO NOTHING;
	GET DIAGNOSTICS touched = ROW_COUNT;
	IF touched = 0 THEN
		RETURN (SELECT payment FROM idempotency WHERE key = its_key);
	END IF;
	INSERT INTO payment (id, payer, payee, amount, currency, service, reference, state)
		VALUES (number, its_payer, its_payee, its_amount, 'KZT', 'visa.exit', its_reference, 0);
	INSERT INTO outbox (payment, topic, payload) VALUES (number, 'payment.created',
		'{"type":"payment.created","payment":"' || number || '"}');
	RETURN number;
END $$;

CREATE FUNCTION keep_message(its_message text) RETURNS bigint LANGUAGE sql AS $$
	INSERT INTO inbox (message) VALUES (its_message) RETURNING id;
$$;

-- its_key is the bank's operation: the same one is booked once.
CREATE FUNCTION capture(its_payment bigint, its_message bigint, its_key uuid)
RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
	entry_number bigint := nextval('entry_id_seq');
	p payment%ROWTYPE;
	touched int;
BEGIN
	INSERT INTO idempotency VALUES (its_key, its_payment, '') ON CONFLICT DO NOTHING;
	GET DIAGNOSTICS touched = ROW_COUNT;
	IF touched = 0 THEN
		RETURN its_payment;
	END IF;
	UPDATE payment SET state = 2 WHERE id = its_payment AND state = 0 RETURNING * INTO STRICT p;
	INSERT INTO entry (id, payment, kind, hash) VALUES (entry_number, p.id, 1,
		sha256(convert_to(p.id || '|1|KZT|' || p.payer || ':-' || p.amount || '|' ||
			p.payee || ':' || p.amount || '|visa.exit|' || p.reference, 'UTF8')));
	INSERT INTO posting VALUES (entry_number, 1, p.payer, -p.amount),
		(entry_number, 2, p.payee, p.amount);
	WITH kept AS (DELETE FROM inbox WHERE id = its_message RETURNING message)
		INSERT INTO evidence SELECT entry_number, message FROM kept;
	INSERT INTO outbox (payment, topic, payload) VALUES (p.id, 'payment.paid',
		'{"type":"payment.paid","payment":"' || p.id || '","amount":' || p.amount || '}');
	UPDATE balance SET credit = credit + p.amount, last_entry = entry_number
		WHERE account = p.payer AND debit - credit >= p.amount;
	GET DIAGNOSTICS touched = ROW_COUNT;
	IF touched = 0 THEN
		RAISE EXCEPTION 'the payer has too little';
	END IF;
	UPDATE balance SET debit = debit + p.amount, last_entry = entry_number
		WHERE account = p.payee;
	RETURN entry_number;
END $$;
