-- SPDX-License-Identifier: Apache-2.0
--
-- The book: one journal of records and what is derived from it.  Rows of the journal's tables are
-- only ever inserted; triggers refuse UPDATE and DELETE, whoever opens the file.  Tables whose comment
-- says "derived" may change: they can be made again from the journal.
--
-- REPLACE fires no trigger of DELETE (recursive_triggers is off unless who opens the file says so), so
-- tables of the journal refuse a key they have: record, payment, posting and entry want the next one,
-- others look.
--
-- Guards that each payment passes refuse by ROLLBACK, which takes the whole transaction back: for ABORT,
-- SQLite keeps what was there before the statement.  They find the last row by ORDER BY and LIMIT, which
-- is one step, where max() walks an aggregate.

-- What makes this book this book.  code_key is secret: it turns payment numbers into payers' codes.
CREATE TABLE book (
	id INTEGER PRIMARY KEY CHECK (id = 1),
	name TEXT NOT NULL CHECK (length(name) = 8),
	generation INTEGER NOT NULL CHECK (generation BETWEEN 1 AND 99),
	code_key BLOB NOT NULL CHECK (length(code_key) = 16),
	created_at INTEGER NOT NULL
) STRICT;

-- The journal.  leaf is the record's canonical JSON (RFC 8785), exactly the bytes of the Merkle tree.
CREATE TABLE record (
	number INTEGER PRIMARY KEY,
	kind INTEGER NOT NULL CHECK (kind BETWEEN 1 AND 32),
	booked_at INTEGER NOT NULL,
	leaf BLOB NOT NULL CHECK (length(leaf) BETWEEN 2 AND 16384)
) STRICT;

CREATE TRIGGER record_goes_on BEFORE INSERT ON record
BEGIN
	SELECT CASE ifnull((
			SELECT CASE WHEN NEW.number IS NOT number + 1 THEN 1 WHEN NEW.booked_at < booked_at THEN 2 ELSE 0 END
			FROM record ORDER BY number DESC LIMIT 1),
			NEW.number IS NOT 1)
		WHEN 1 THEN RAISE(ROLLBACK, 'record: the number is not the next')
		WHEN 2 THEN RAISE(ROLLBACK, 'record: booked_at runs backwards')
	END;
END;

-- Permanent numbers of clients and gateways.
CREATE TABLE client (
	number INTEGER PRIMARY KEY,
	record INTEGER NOT NULL REFERENCES record (number),
	name TEXT NOT NULL UNIQUE CHECK (length(name) BETWEEN 1 AND 64)
) STRICT;
CREATE TABLE gateway (
	number INTEGER PRIMARY KEY,
	record INTEGER NOT NULL REFERENCES record (number),
	name TEXT NOT NULL UNIQUE CHECK (length(name) BETWEEN 1 AND 64)
) STRICT;

-- Tariff sets ever taken into use, byte for byte, and when each was.
CREATE TABLE tariff_file (
	digest BLOB NOT NULL CHECK (length(digest) = 32),
	line INTEGER NOT NULL CHECK (line >= 0),
	name TEXT NOT NULL,
	bytes BLOB NOT NULL,
	PRIMARY KEY (digest, line)
) STRICT, WITHOUT ROWID;
CREATE TABLE tariff_use (
	record INTEGER PRIMARY KEY REFERENCES record (number),
	digest BLOB NOT NULL CHECK (length(digest) = 32),
	reason TEXT NOT NULL
) STRICT;

-- A payment as it was created, by which request, what it costs and by which law.
CREATE TABLE payment (
	number INTEGER PRIMARY KEY,
	record INTEGER NOT NULL REFERENCES record (number),
	generation INTEGER NOT NULL,
	client INTEGER NOT NULL REFERENCES client (number),
	created_at INTEGER NOT NULL,
	expires_at INTEGER NOT NULL,
	reference_key BLOB NOT NULL CHECK (length(reference_key) = 16),
	reference_prev INTEGER NOT NULL, -- the payment before it with the same reference, or 0
	request_key BLOB NOT NULL CHECK (length(request_key) IN (0, 16)),
	fingerprint BLOB NOT NULL CHECK (length(fingerprint) = length(request_key)),
	version INTEGER NOT NULL,
	day INTEGER NOT NULL,
	valid_from INTEGER NOT NULL,
	valid_until INTEGER NOT NULL CHECK (valid_until > valid_from),
	currency TEXT NOT NULL CHECK (length(currency) = 3),
	gross INTEGER NOT NULL CHECK (gross >= 0),
	relief INTEGER NOT NULL CHECK (relief >= 0),
	due INTEGER NOT NULL CHECK (due >= 0 AND due = gross - relief),
	service TEXT NOT NULL,
	ground TEXT NOT NULL,
	kbk TEXT NOT NULL,
	tariff_rows TEXT NOT NULL,
	tariff BLOB NOT NULL CHECK (length(tariff) = 32),
	quote BLOB NOT NULL CHECK (length(quote) = 32)
) STRICT;
CREATE TRIGGER payment_is_next BEFORE INSERT ON payment
WHEN NEW.number IS NOT ifnull((SELECT number + 1 FROM payment ORDER BY number DESC LIMIT 1), 1)
BEGIN SELECT RAISE(ROLLBACK, 'payment: the number is not the next'); END;

-- What it costs on another day than it was created for.
CREATE TABLE requote (
	payment INTEGER NOT NULL REFERENCES payment (number),
	record INTEGER NOT NULL REFERENCES record (number),
	version INTEGER NOT NULL,
	day INTEGER NOT NULL,
	valid_from INTEGER NOT NULL,
	valid_until INTEGER NOT NULL CHECK (valid_until > valid_from),
	currency TEXT NOT NULL CHECK (length(currency) = 3),
	gross INTEGER NOT NULL CHECK (gross >= 0),
	relief INTEGER NOT NULL CHECK (relief >= 0),
	due INTEGER NOT NULL CHECK (due >= 0 AND due = gross - relief),
	service TEXT NOT NULL,
	ground TEXT NOT NULL,
	kbk TEXT NOT NULL,
	tariff_rows TEXT NOT NULL,
	tariff BLOB NOT NULL CHECK (length(tariff) = 32),
	quote BLOB NOT NULL CHECK (length(quote) = 32),
	PRIMARY KEY (payment, record)
) STRICT, WITHOUT ROWID;

-- All that a payment was ever calculated to.
CREATE VIEW calculation (payment, record, version, day, valid_from, valid_until, currency, gross, relief, due,
	service, ground, kbk, tariff_rows, tariff, quote) AS
SELECT number, record, version, day, valid_from, valid_until, currency, gross, relief, due,
	service, ground, kbk, tariff_rows, tariff, quote FROM payment
UNION ALL
SELECT payment, record, version, day, valid_from, valid_until, currency, gross, relief, due,
	service, ground, kbk, tariff_rows, tariff, quote FROM requote;

-- Each record that touched a payment after its own, and how the payment stood after it.
CREATE TABLE payment_change (
	payment INTEGER NOT NULL REFERENCES payment (number),
	record INTEGER NOT NULL REFERENCES record (number),
	state INTEGER NOT NULL CHECK (state BETWEEN 0 AND 5),
	fulfilled INTEGER NOT NULL CHECK (fulfilled IN (0, 1)),
	due INTEGER NOT NULL CHECK (due >= 0),
	paid INTEGER NOT NULL CHECK (paid IN (0, due)),
	held INTEGER NOT NULL CHECK (held >= 0),
	PRIMARY KEY (payment, record)
) STRICT, WITHOUT ROWID;

-- A payment's whole life: it begins open, or exempt where nothing is due.  (The casts are for SQLite's
-- optimizer, which takes a view apart only where its halves have the same types.)
CREATE VIEW payment_step (payment, record, state, fulfilled, due, paid, held) AS
SELECT number, record, CAST(iif(due = 0, 3, 0) AS INTEGER), CAST(0 AS INTEGER), due, CAST(0 AS INTEGER), CAST(0 AS INTEGER)
FROM payment
UNION ALL
SELECT payment, record, state, fulfilled, due, paid, held FROM payment_change;

-- How each payment stands now.
CREATE VIEW payment_now (payment, record, state, fulfilled, due, paid, held) AS
SELECT p.number, coalesce(c.record, p.record), coalesce(c.state, iif(p.due = 0, 3, 0)), coalesce(c.fulfilled, 0),
	coalesce(c.due, p.due), coalesce(c.paid, 0), coalesce(c.held, 0)
FROM payment AS p LEFT JOIN payment_change AS c ON c.payment = p.number
	AND c.record = (SELECT max(record) FROM payment_change WHERE payment = p.number);

-- One order at one gateway; number = payment * 16 + 1..15.
CREATE TABLE attempt (
	number INTEGER PRIMARY KEY,
	record INTEGER NOT NULL REFERENCES record (number),
	gateway INTEGER NOT NULL REFERENCES gateway (number),
	order_number TEXT NOT NULL CHECK (length(order_number) BETWEEN 1 AND 15),
	currency TEXT NOT NULL CHECK (length(currency) = 3),
	amount INTEGER NOT NULL CHECK (amount > 0),
	created_at INTEGER NOT NULL,
	expires_at INTEGER NOT NULL,
	return_url TEXT NOT NULL,
	language TEXT NOT NULL,
	route TEXT NOT NULL -- how its gateway was chosen: the method, and who was passed over and why; empty: it was named
) STRICT;
CREATE TABLE attempt_step (
	attempt INTEGER NOT NULL REFERENCES attempt (number),
	record INTEGER NOT NULL REFERENCES record (number),
	state INTEGER NOT NULL CHECK (state BETWEEN 0 AND 9),
	captured INTEGER NOT NULL CHECK (captured >= 0),
	currency TEXT NOT NULL CHECK (length(currency) = 3), -- of captured: the bank may take another than was ordered
	paid_on INTEGER,
	operation TEXT NOT NULL,
	handle TEXT NOT NULL,
	reason TEXT NOT NULL,
	page TEXT NOT NULL,
	PRIMARY KEY (attempt, record)
) STRICT, WITHOUT ROWID;

-- Orders of gateways that want their last digits unique within a day.
CREATE TABLE attempt_order (
	gateway INTEGER NOT NULL REFERENCES gateway (number),
	serial INTEGER NOT NULL,
	day INTEGER NOT NULL,
	number INTEGER NOT NULL,
	attempt INTEGER NOT NULL REFERENCES attempt (number),
	PRIMARY KEY (gateway, serial)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX attempt_order_number ON attempt_order (gateway, number);

-- Derived: attempts that are not final - the outbox (state 0) and what is to be asked about, and when.
CREATE TABLE attempt_open (
	attempt INTEGER PRIMARY KEY REFERENCES attempt (number),
	gateway INTEGER NOT NULL,
	state INTEGER NOT NULL,
	next_at INTEGER NOT NULL,
	tries INTEGER NOT NULL
) STRICT;

-- Derived: payments that are still to be paid, by the end of their time.
CREATE TABLE payment_open (
	expires_at INTEGER NOT NULL,
	payment INTEGER NOT NULL REFERENCES payment (number),
	PRIMARY KEY (expires_at, payment)
) STRICT, WITHOUT ROWID;

CREATE TABLE fulfilment (
	payment INTEGER PRIMARY KEY REFERENCES payment (number), -- a duty is used once
	record INTEGER NOT NULL REFERENCES record (number),
	performed INTEGER NOT NULL CHECK (performed IN (0, 1))
) STRICT;

-- Accounts, in the order they were first posted to.
CREATE TABLE account (
	number INTEGER PRIMARY KEY,
	name TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 127),
	type INTEGER NOT NULL CHECK (type BETWEEN 0 AND 5),
	currency TEXT NOT NULL CHECK (length(currency) = 3),
	UNIQUE (name, currency)
) STRICT;

-- Postings first, the entry last: the entry's row seals them.  prev is the account's
-- entry before this one, or 0: the same in all of an entry's postings to an account.
CREATE TABLE posting (
	entry INTEGER NOT NULL,
	line INTEGER NOT NULL CHECK (line BETWEEN 1 AND 16),
	account INTEGER NOT NULL REFERENCES account (number),
	amount INTEGER NOT NULL CHECK (amount <> 0), -- debit positive, credit negative
	prev INTEGER NOT NULL CHECK (prev BETWEEN 0 AND entry - 1),
	PRIMARY KEY (entry, line)
) STRICT, WITHOUT ROWID;
CREATE TABLE entry (
	number INTEGER PRIMARY KEY,
	record INTEGER NOT NULL REFERENCES record (number),
	payment INTEGER NOT NULL, -- or 0
	attempt INTEGER NOT NULL, -- or 0
	cause INTEGER NOT NULL CHECK (cause BETWEEN 1 AND 16),
	gateway INTEGER NOT NULL, -- or 0
	operation TEXT NOT NULL,
	operation_key BLOB NOT NULL CHECK (length(operation_key) IN (0, 16)),
	booked_at INTEGER NOT NULL,
	booked_day INTEGER NOT NULL,
	value_date INTEGER NOT NULL,
	paid_on INTEGER NOT NULL,
	lines INTEGER NOT NULL CHECK (lines BETWEEN 2 AND 16)
) STRICT;

CREATE TRIGGER posting_is_unsealed BEFORE INSERT ON posting
WHEN NEW.entry IS NOT ifnull((SELECT number + 1 FROM entry ORDER BY number DESC LIMIT 1), 1)
BEGIN SELECT RAISE(ROLLBACK, 'posting: its entry is sealed or not the next'); END;
CREATE TRIGGER entry_seals BEFORE INSERT ON entry
BEGIN
	SELECT CASE ifnull((
			SELECT CASE WHEN NEW.number IS NOT number + 1 THEN 1
				WHEN NEW.booked_at < booked_at OR NEW.booked_day < booked_day THEN 2 ELSE 0 END
			FROM entry ORDER BY number DESC LIMIT 1),
			NEW.number IS NOT 1)
		WHEN 1 THEN RAISE(ROLLBACK, 'entry: the number is not the next')
		WHEN 2 THEN RAISE(ROLLBACK, 'entry: booked_at or booked_day runs backwards')
	END;
	SELECT RAISE(ROLLBACK, 'entry: the period is closed')
	WHERE NEW.booked_day <= (SELECT last_day FROM period ORDER BY month DESC LIMIT 1); -- 0003
	SELECT RAISE(ROLLBACK, 'entry: it reverses nothing')
	WHERE NEW.cause = 5 AND NOT EXISTS (SELECT 1 FROM reversal WHERE entry = NEW.number); -- 0003
	-- Nearly every entry is in tenge alone: its lines, of which there are at most 16, make their number.
	-- One whose account is none, which no currency would have in its sum, is a line too many.
	SELECT CASE
		WHEN sum(iif(currency = 'KZT', 1, 17)) = NEW.lines AND sum(amount) = 0 THEN 0
		WHEN NEW.lines IS NOT (
			SELECT iif(count(*) = count(currency), count(*), 0)
			FROM posting LEFT JOIN account ON account.number = posting.account
			WHERE posting.entry = NEW.number)
		THEN RAISE(ROLLBACK, 'entry: lines are missing or too many')
		WHEN EXISTS (
			SELECT 1 FROM posting JOIN account ON account.number = posting.account
			WHERE posting.entry = NEW.number GROUP BY account.currency HAVING sum(posting.amount) <> 0)
		THEN RAISE(ROLLBACK, 'entry: it does not balance')
	END FROM posting LEFT JOIN account ON account.number = posting.account WHERE posting.entry = NEW.number;
END;

-- Derived: sums ever posted, now and by day on both axes (0 booked, 1 value).
CREATE TABLE balance (
	account INTEGER PRIMARY KEY REFERENCES account (number),
	debit INTEGER NOT NULL CHECK (debit >= 0),
	credit INTEGER NOT NULL CHECK (credit >= 0),
	last_entry INTEGER NOT NULL
) STRICT;
CREATE TABLE day_sum (
	account INTEGER NOT NULL REFERENCES account (number),
	axis INTEGER NOT NULL CHECK (axis IN (0, 1)),
	day INTEGER NOT NULL,
	debit INTEGER NOT NULL CHECK (debit >= 0),
	credit INTEGER NOT NULL CHECK (credit >= 0),
	PRIMARY KEY (account, axis, day)
) STRICT, WITHOUT ROWID;

-- Derived: money without a home, until an entry gives it one.
CREATE TABLE suspense (
	number INTEGER PRIMARY KEY,
	entry INTEGER NOT NULL,
	payment INTEGER NOT NULL, -- or 0
	account INTEGER NOT NULL REFERENCES account (number),
	amount INTEGER NOT NULL CHECK (amount > 0),
	reason INTEGER NOT NULL CHECK (reason BETWEEN 1 AND 8),
	closed_entry INTEGER NOT NULL -- or 0
) STRICT;
CREATE INDEX suspense_open ON suspense (payment) WHERE closed_entry = 0;

-- Which request about a payment that was there wrote which record: the answer is derived again as of it.
CREATE TABLE request (
	record INTEGER PRIMARY KEY REFERENCES record (number),
	payment INTEGER NOT NULL,
	client INTEGER NOT NULL REFERENCES client (number),
	request_key BLOB NOT NULL CHECK (length(request_key) = 16),
	fingerprint BLOB NOT NULL CHECK (length(fingerprint) = 16)
) STRICT;

-- Derived: each client's own numbers 1, 2, 3 ... over the records that concern it.
CREATE TABLE event (
	client INTEGER NOT NULL REFERENCES client (number),
	number INTEGER NOT NULL CHECK (number > 0),
	record INTEGER NOT NULL REFERENCES record (number),
	payment INTEGER NOT NULL,
	type INTEGER NOT NULL CHECK (type BETWEEN 1 AND 32),
	PRIMARY KEY (client, number)
) STRICT, WITHOUT ROWID;

-- What a leaf commits to by SHA-256(salt || data); the law may order a row erased.
CREATE TABLE private (
	record INTEGER PRIMARY KEY REFERENCES record (number),
	salt BLOB NOT NULL CHECK (length(salt) = 32),
	data BLOB NOT NULL
) STRICT;
CREATE TABLE evidence (
	record INTEGER PRIMARY KEY REFERENCES record (number),
	salt BLOB NOT NULL CHECK (length(salt) = 32),
	data BLOB NOT NULL
) STRICT;

-- Raw messages from gateways, kept before they are interpreted; verified ones move to evidence.
CREATE TABLE inbox (
	number INTEGER PRIMARY KEY,
	gateway INTEGER NOT NULL REFERENCES gateway (number),
	received_at INTEGER NOT NULL,
	peer TEXT NOT NULL,
	head BLOB NOT NULL,
	body BLOB NOT NULL
) STRICT;

-- Signed notes, newest last; a checkpoint covers the records before its own.
CREATE TABLE checkpoint (
	record INTEGER PRIMARY KEY REFERENCES record (number),
	size INTEGER NOT NULL CHECK (size = record - 1),
	note TEXT NOT NULL
) STRICT;

-- Derived: the tree's complete tiles as C2SP tlog-tiles cuts them: 256 hashes of 32 bytes.
CREATE TABLE tile (
	level INTEGER NOT NULL CHECK (level BETWEEN 0 AND 7),
	number INTEGER NOT NULL CHECK (number >= 0),
	hashes BLOB NOT NULL CHECK (length(hashes) = 8192),
	PRIMARY KEY (level, number)
) STRICT, WITHOUT ROWID;

-- Derived: keys that left the window in memory, in sorted segments; a segment counts once its row is there.
CREATE TABLE keyset (
	name INTEGER NOT NULL CHECK (name > 0),
	segment INTEGER NOT NULL CHECK (segment > 0),
	block INTEGER NOT NULL CHECK (block >= 0),
	keys BLOB NOT NULL CHECK (length(keys) > 0 AND length(keys) % 24 = 0), -- ascending: 16 bytes of key, 8 of value
	PRIMARY KEY (name, segment, block)
) STRICT, WITHOUT ROWID;
CREATE TABLE keyset_segment (
	name INTEGER NOT NULL CHECK (name > 0),
	segment INTEGER NOT NULL CHECK (segment > 0),
	covered INTEGER NOT NULL CHECK (covered >= 0), -- the record up to which all keys are in complete segments
	filter BLOB NOT NULL CHECK (length(filter) > 0 AND length(filter) % 64 = 0), -- Bloom, blocks of 64 bytes
	PRIMARY KEY (name, segment)
) STRICT, WITHOUT ROWID;

-- Append-only: what was written stays as it was written.
CREATE TRIGGER book_stays BEFORE UPDATE ON book BEGIN SELECT RAISE(ABORT, 'book: rows never change'); END;
CREATE TRIGGER book_remains BEFORE DELETE ON book BEGIN SELECT RAISE(ABORT, 'book: rows are never deleted'); END;
CREATE TRIGGER book_is_new BEFORE INSERT ON book
WHEN EXISTS (SELECT 1 FROM book)
BEGIN SELECT RAISE(ABORT, 'book: rows are never replaced'); END;
CREATE TRIGGER record_stays BEFORE UPDATE ON record BEGIN SELECT RAISE(ABORT, 'record: rows never change'); END;
CREATE TRIGGER record_remains BEFORE DELETE ON record BEGIN SELECT RAISE(ABORT, 'record: rows are never deleted'); END;
CREATE TRIGGER client_stays BEFORE UPDATE ON client BEGIN SELECT RAISE(ABORT, 'client: rows never change'); END;
CREATE TRIGGER client_remains BEFORE DELETE ON client BEGIN SELECT RAISE(ABORT, 'client: rows are never deleted'); END;
CREATE TRIGGER gateway_stays BEFORE UPDATE ON gateway BEGIN SELECT RAISE(ABORT, 'gateway: rows never change'); END;
CREATE TRIGGER gateway_remains BEFORE DELETE ON gateway BEGIN SELECT RAISE(ABORT, 'gateway: rows are never deleted'); END;
CREATE TRIGGER tariff_file_stays BEFORE UPDATE ON tariff_file BEGIN SELECT RAISE(ABORT, 'tariff_file: rows never change'); END;
CREATE TRIGGER tariff_file_remains BEFORE DELETE ON tariff_file BEGIN SELECT RAISE(ABORT, 'tariff_file: rows are never deleted'); END;
CREATE TRIGGER tariff_use_stays BEFORE UPDATE ON tariff_use BEGIN SELECT RAISE(ABORT, 'tariff_use: rows never change'); END;
CREATE TRIGGER tariff_use_remains BEFORE DELETE ON tariff_use BEGIN SELECT RAISE(ABORT, 'tariff_use: rows are never deleted'); END;
CREATE TRIGGER payment_stays BEFORE UPDATE ON payment BEGIN SELECT RAISE(ABORT, 'payment: rows never change'); END;
CREATE TRIGGER payment_remains BEFORE DELETE ON payment BEGIN SELECT RAISE(ABORT, 'payment: rows are never deleted'); END;
CREATE TRIGGER requote_stays BEFORE UPDATE ON requote BEGIN SELECT RAISE(ABORT, 'requote: rows never change'); END;
CREATE TRIGGER requote_remains BEFORE DELETE ON requote BEGIN SELECT RAISE(ABORT, 'requote: rows are never deleted'); END;
CREATE TRIGGER payment_change_stays BEFORE UPDATE ON payment_change BEGIN SELECT RAISE(ABORT, 'payment_change: rows never change'); END;
CREATE TRIGGER payment_change_remains BEFORE DELETE ON payment_change BEGIN SELECT RAISE(ABORT, 'payment_change: rows are never deleted'); END;
CREATE TRIGGER attempt_stays BEFORE UPDATE ON attempt BEGIN SELECT RAISE(ABORT, 'attempt: rows never change'); END;
CREATE TRIGGER attempt_remains BEFORE DELETE ON attempt BEGIN SELECT RAISE(ABORT, 'attempt: rows are never deleted'); END;
CREATE TRIGGER attempt_step_stays BEFORE UPDATE ON attempt_step BEGIN SELECT RAISE(ABORT, 'attempt_step: rows never change'); END;
CREATE TRIGGER attempt_step_remains BEFORE DELETE ON attempt_step BEGIN SELECT RAISE(ABORT, 'attempt_step: rows are never deleted'); END;
CREATE TRIGGER attempt_order_stays BEFORE UPDATE ON attempt_order BEGIN SELECT RAISE(ABORT, 'attempt_order: rows never change'); END;
CREATE TRIGGER attempt_order_remains BEFORE DELETE ON attempt_order BEGIN SELECT RAISE(ABORT, 'attempt_order: rows are never deleted'); END;
CREATE TRIGGER fulfilment_stays BEFORE UPDATE ON fulfilment BEGIN SELECT RAISE(ABORT, 'fulfilment: rows never change'); END;
CREATE TRIGGER fulfilment_remains BEFORE DELETE ON fulfilment BEGIN SELECT RAISE(ABORT, 'fulfilment: rows are never deleted'); END;
CREATE TRIGGER account_stays BEFORE UPDATE ON account BEGIN SELECT RAISE(ABORT, 'account: rows never change'); END;
CREATE TRIGGER account_remains BEFORE DELETE ON account BEGIN SELECT RAISE(ABORT, 'account: rows are never deleted'); END;
CREATE TRIGGER posting_stays BEFORE UPDATE ON posting BEGIN SELECT RAISE(ABORT, 'posting: rows never change'); END;
CREATE TRIGGER posting_remains BEFORE DELETE ON posting BEGIN SELECT RAISE(ABORT, 'posting: rows are never deleted'); END;
CREATE TRIGGER entry_stays BEFORE UPDATE ON entry BEGIN SELECT RAISE(ABORT, 'entry: rows never change'); END;
CREATE TRIGGER entry_remains BEFORE DELETE ON entry BEGIN SELECT RAISE(ABORT, 'entry: rows are never deleted'); END;
CREATE TRIGGER request_stays BEFORE UPDATE ON request BEGIN SELECT RAISE(ABORT, 'request: rows never change'); END;
CREATE TRIGGER request_remains BEFORE DELETE ON request BEGIN SELECT RAISE(ABORT, 'request: rows are never deleted'); END;
CREATE TRIGGER checkpoint_stays BEFORE UPDATE ON checkpoint BEGIN SELECT RAISE(ABORT, 'checkpoint: rows never change'); END;
CREATE TRIGGER checkpoint_remains BEFORE DELETE ON checkpoint BEGIN SELECT RAISE(ABORT, 'checkpoint: rows are never deleted'); END;

-- ... nor is it replaced, where that is not refused already.
CREATE TRIGGER client_is_new BEFORE INSERT ON client
WHEN EXISTS (SELECT 1 FROM client WHERE number = NEW.number OR name = NEW.name)
BEGIN SELECT RAISE(ABORT, 'client: rows are never replaced'); END;
CREATE TRIGGER gateway_is_new BEFORE INSERT ON gateway
WHEN EXISTS (SELECT 1 FROM gateway WHERE number = NEW.number OR name = NEW.name)
BEGIN SELECT RAISE(ABORT, 'gateway: rows are never replaced'); END;
CREATE TRIGGER tariff_file_is_new BEFORE INSERT ON tariff_file -- or the same
WHEN EXISTS (SELECT 1 FROM tariff_file WHERE digest = NEW.digest AND line = NEW.line
	AND (name <> NEW.name OR bytes <> NEW.bytes))
BEGIN SELECT RAISE(ABORT, 'tariff_file: rows are never replaced'); END;
CREATE TRIGGER tariff_use_is_new BEFORE INSERT ON tariff_use
WHEN EXISTS (SELECT 1 FROM tariff_use WHERE record = NEW.record)
BEGIN SELECT RAISE(ABORT, 'tariff_use: rows are never replaced'); END;
CREATE TRIGGER requote_is_new BEFORE INSERT ON requote
WHEN EXISTS (SELECT 1 FROM requote WHERE payment = NEW.payment AND record = NEW.record)
BEGIN SELECT RAISE(ABORT, 'requote: rows are never replaced'); END;
CREATE TRIGGER payment_change_is_new BEFORE INSERT ON payment_change
WHEN EXISTS (SELECT 1 FROM payment_change WHERE payment = NEW.payment AND record = NEW.record)
BEGIN SELECT RAISE(ABORT, 'payment_change: rows are never replaced'); END;
CREATE TRIGGER attempt_is_new BEFORE INSERT ON attempt
WHEN EXISTS (SELECT 1 FROM attempt WHERE number = NEW.number)
BEGIN SELECT RAISE(ABORT, 'attempt: rows are never replaced'); END;
CREATE TRIGGER attempt_step_is_new BEFORE INSERT ON attempt_step
WHEN EXISTS (SELECT 1 FROM attempt_step WHERE attempt = NEW.attempt AND record = NEW.record)
BEGIN SELECT RAISE(ABORT, 'attempt_step: rows are never replaced'); END;
CREATE TRIGGER attempt_order_is_new BEFORE INSERT ON attempt_order
WHEN EXISTS (SELECT 1 FROM attempt_order WHERE gateway = NEW.gateway AND (serial = NEW.serial OR number = NEW.number))
BEGIN SELECT RAISE(ABORT, 'attempt_order: rows are never replaced'); END;
CREATE TRIGGER request_is_new BEFORE INSERT ON request
WHEN EXISTS (SELECT 1 FROM request WHERE record = NEW.record)
BEGIN SELECT RAISE(ABORT, 'request: rows are never replaced'); END;
CREATE TRIGGER fulfilment_is_new BEFORE INSERT ON fulfilment
WHEN EXISTS (SELECT 1 FROM fulfilment WHERE payment = NEW.payment)
BEGIN SELECT RAISE(ABORT, 'fulfilment: rows are never replaced'); END;
CREATE TRIGGER account_is_new BEFORE INSERT ON account
WHEN EXISTS (SELECT 1 FROM account WHERE number = NEW.number OR (name = NEW.name AND currency = NEW.currency))
BEGIN SELECT RAISE(ABORT, 'account: rows are never replaced'); END;
CREATE TRIGGER checkpoint_is_new BEFORE INSERT ON checkpoint
WHEN EXISTS (SELECT 1 FROM checkpoint WHERE record = NEW.record)
BEGIN SELECT RAISE(ABORT, 'checkpoint: rows are never replaced'); END;
