-- SPDX-License-Identifier: Apache-2.0
--
-- Exchange rates: the lists taken into use, and what was converted by them.

-- The rates of a day, with the list they were read from byte for byte.  A day's newest row is in use;
-- those that it replaced stay, for what was calculated by them.
CREATE TABLE rates (
	record INTEGER PRIMARY KEY REFERENCES record (number),
	day INTEGER NOT NULL,
	replaces INTEGER NOT NULL CHECK (replaces BETWEEN 0 AND record - 1), -- the day's rates before these, or 0
	digest BLOB NOT NULL CHECK (length(digest) = 32),
	rates TEXT NOT NULL CHECK (length(rates) BETWEEN 2 AND 1024), -- JSON: currency, quant and rate of each
	source TEXT NOT NULL CHECK (length(source) BETWEEN 1 AND 256), -- where the list came from
	reason TEXT NOT NULL CHECK (length(reason) BETWEEN 1 AND 200),
	feed BLOB NOT NULL CHECK (length(feed) BETWEEN 1 AND 49152)
) STRICT;
CREATE UNIQUE INDEX rates_day ON rates (day, replaces); -- one after the other

-- A calculation whose fee is in foreign money and is paid in tenge: what it was before.
CREATE TABLE conversion (
	payment INTEGER NOT NULL REFERENCES payment (number),
	record INTEGER NOT NULL REFERENCES record (number),
	rates BLOB NOT NULL CHECK (length(rates) = 32), -- the digest of the list
	currency TEXT NOT NULL CHECK (length(currency) = 3),
	gross INTEGER NOT NULL CHECK (gross >= 0),
	rate TEXT NOT NULL CHECK (length(rate) BETWEEN 1 AND 15), -- as the list writes it
	quant INTEGER NOT NULL CHECK (quant > 0),
	PRIMARY KEY (payment, record)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER rates_stays BEFORE UPDATE ON rates BEGIN SELECT RAISE(ABORT, 'rates: rows never change'); END;
CREATE TRIGGER rates_remains BEFORE DELETE ON rates BEGIN SELECT RAISE(ABORT, 'rates: rows are never deleted'); END;
CREATE TRIGGER conversion_stays BEFORE UPDATE ON conversion BEGIN SELECT RAISE(ABORT, 'conversion: rows never change'); END;
CREATE TRIGGER conversion_remains BEFORE DELETE ON conversion BEGIN SELECT RAISE(ABORT, 'conversion: rows are never deleted'); END;

CREATE TRIGGER rates_follow BEFORE INSERT ON rates
WHEN EXISTS (SELECT 1 FROM rates WHERE record = NEW.record)
	OR NEW.replaces IS NOT (SELECT coalesce(max(record), 0) FROM rates WHERE day = NEW.day)
BEGIN SELECT RAISE(ABORT, 'rates: rows are never replaced, and follow those of their day'); END;
CREATE TRIGGER conversion_is_new BEFORE INSERT ON conversion
WHEN EXISTS (SELECT 1 FROM conversion WHERE payment = NEW.payment AND record = NEW.record)
BEGIN SELECT RAISE(ABORT, 'conversion: rows are never replaced'); END;
