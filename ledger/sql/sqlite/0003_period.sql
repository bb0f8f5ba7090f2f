-- SPDX-License-Identifier: Apache-2.0
--
-- What operators do to the book: months that are closed, entries that are reversed, and by which request.

-- Closed months, each after the one before: nothing is booked on or before the last one's last day
-- any more (trigger entry_seals).  A month that was skipped had no entry.
CREATE TABLE period (
	month INTEGER PRIMARY KEY CHECK (month BETWEEN 190001 AND 999912), -- 202610
	record INTEGER NOT NULL REFERENCES record (number),
	last_day INTEGER NOT NULL,
	last_entry INTEGER NOT NULL CHECK (last_entry > 0), -- booked on or before last_day
	accounts INTEGER NOT NULL CHECK (accounts > 0), -- rows of period_balance
	digest BLOB NOT NULL CHECK (length(digest) = 32), -- SHA-256 of their canonical list
	uid INTEGER NOT NULL, -- who closed it
	client INTEGER NOT NULL, -- or 0
	reason TEXT NOT NULL CHECK (length(reason) BETWEEN 1 AND 200)
) STRICT;

-- The balances of a month's end on the booked axis, sums ever posted, by name and currency.  They are
-- written before the month's row, which seals them.
CREATE TABLE period_balance (
	month INTEGER NOT NULL,
	line INTEGER NOT NULL CHECK (line > 0),
	account INTEGER NOT NULL REFERENCES account (number),
	debit INTEGER NOT NULL CHECK (debit >= 0),
	credit INTEGER NOT NULL CHECK (credit >= 0 AND debit + credit <> 0),
	PRIMARY KEY (month, line),
	UNIQUE (month, account)
) STRICT, WITHOUT ROWID;

-- Which entry takes which one back, by whom and why; written before the entry, which seals it.
CREATE TABLE reversal (
	entry INTEGER PRIMARY KEY,
	reverses INTEGER NOT NULL UNIQUE CHECK (reverses BETWEEN 1 AND entry - 1),
	uid INTEGER NOT NULL,
	client INTEGER NOT NULL, -- or 0
	reason TEXT NOT NULL CHECK (length(reason) BETWEEN 1 AND 200)
) STRICT;

-- By the entry that made it, and by what closed it: both are asked for by reversals.
CREATE INDEX suspense_entry ON suspense (entry);
CREATE INDEX suspense_closed ON suspense (closed_entry) WHERE closed_entry <> 0;

-- Operators' requests that wrote a record: the answer is derived again from it.
CREATE TABLE act (
	record INTEGER PRIMARY KEY REFERENCES record (number),
	client INTEGER NOT NULL, -- or 0
	request_key BLOB NOT NULL UNIQUE CHECK (length(request_key) = 16),
	fingerprint BLOB NOT NULL CHECK (length(fingerprint) = 16)
) STRICT;

CREATE TRIGGER period_stays BEFORE UPDATE ON period BEGIN SELECT RAISE(ABORT, 'period: rows never change'); END;
CREATE TRIGGER period_remains BEFORE DELETE ON period BEGIN SELECT RAISE(ABORT, 'period: rows are never deleted'); END;
CREATE TRIGGER period_balance_stays BEFORE UPDATE ON period_balance BEGIN SELECT RAISE(ABORT, 'period_balance: rows never change'); END;
CREATE TRIGGER period_balance_remains BEFORE DELETE ON period_balance BEGIN SELECT RAISE(ABORT, 'period_balance: rows are never deleted'); END;
CREATE TRIGGER reversal_stays BEFORE UPDATE ON reversal BEGIN SELECT RAISE(ABORT, 'reversal: rows never change'); END;
CREATE TRIGGER reversal_remains BEFORE DELETE ON reversal BEGIN SELECT RAISE(ABORT, 'reversal: rows are never deleted'); END;
CREATE TRIGGER act_stays BEFORE UPDATE ON act BEGIN SELECT RAISE(ABORT, 'act: rows never change'); END;
CREATE TRIGGER act_remains BEFORE DELETE ON act BEGIN SELECT RAISE(ABORT, 'act: rows are never deleted'); END;

CREATE TRIGGER period_follows BEFORE INSERT ON period
BEGIN
	SELECT RAISE(ABORT, 'period: rows are never replaced, and months are closed in order')
	WHERE EXISTS (SELECT 1 FROM period WHERE month >= NEW.month);
	SELECT RAISE(ABORT, 'period: last_day is not the last of the month')
	WHERE NEW.last_day IS NOT CAST(julianday(printf('%04d-%02d-01', NEW.month / 100, NEW.month % 100), '+1 month')
		- julianday('1970-01-01') AS INTEGER) - 1;
	SELECT RAISE(ABORT, 'period: last_entry is not the last of the month')
	WHERE NOT EXISTS (SELECT 1 FROM entry WHERE number = NEW.last_entry AND booked_day <= NEW.last_day)
		OR EXISTS (SELECT 1 FROM entry WHERE number = NEW.last_entry + 1 AND booked_day <= NEW.last_day);
	SELECT RAISE(ABORT, 'period: its balances are missing or too many')
	WHERE NEW.accounts IS NOT (SELECT count(*) FROM period_balance WHERE month = NEW.month)
		OR NEW.accounts IS NOT (SELECT max(line) FROM period_balance WHERE month = NEW.month);
	SELECT RAISE(ABORT, 'period: its balances do not cancel out')
	WHERE EXISTS (
		SELECT 1 FROM period_balance JOIN account ON account.number = account
		WHERE month = NEW.month GROUP BY currency HAVING sum(debit) <> sum(credit));
END;
CREATE TRIGGER period_balance_is_open BEFORE INSERT ON period_balance
WHEN EXISTS (SELECT 1 FROM period WHERE month >= NEW.month)
	OR EXISTS (SELECT 1 FROM period_balance WHERE month = NEW.month AND (line = NEW.line OR account = NEW.account))
BEGIN SELECT RAISE(ABORT, 'period_balance: its month is closed, or has the row'); END;
CREATE TRIGGER reversal_cancels BEFORE INSERT ON reversal
BEGIN
	SELECT RAISE(ABORT, 'reversal: its entry is sealed or not the next')
	WHERE NEW.entry IS NOT (SELECT coalesce(max(number), 0) + 1 FROM entry);
	SELECT RAISE(ABORT, 'reversal: the entry is reversed')
	WHERE EXISTS (SELECT 1 FROM reversal WHERE reverses = NEW.reverses);
	SELECT RAISE(ABORT, 'reversal: a reversal is not reversed')
	WHERE EXISTS (SELECT 1 FROM reversal WHERE entry = NEW.reverses);
	SELECT RAISE(ABORT, 'reversal: the two do not cancel out')
	WHERE EXISTS (
		SELECT 1 FROM posting WHERE entry IN (NEW.entry, NEW.reverses) GROUP BY account HAVING sum(amount) <> 0);
END;
CREATE TRIGGER act_is_new BEFORE INSERT ON act
WHEN EXISTS (SELECT 1 FROM act WHERE record = NEW.record OR request_key = NEW.request_key)
BEGIN SELECT RAISE(ABORT, 'act: rows are never replaced'); END;
