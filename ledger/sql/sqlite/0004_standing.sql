-- SPDX-License-Identifier: Apache-2.0
--
-- A book that came back from a copy: what says so, and the generations that follow.

-- Generations after the first.  What the book wrote from `record` on belongs to that generation.
CREATE TABLE generation (
	number INTEGER PRIMARY KEY CHECK (number BETWEEN 2 AND 99),
	record INTEGER NOT NULL REFERENCES record (number),
	day INTEGER NOT NULL, -- on which the book was resumed
	since INTEGER NOT NULL, -- the time of the last record before it: what happened later may be lost
	reason TEXT NOT NULL CHECK (length(reason) BETWEEN 1 AND 200)
) STRICT;
CREATE TRIGGER generation_goes_up BEFORE INSERT ON generation
WHEN EXISTS (SELECT 1 FROM generation WHERE number >= NEW.number OR record >= NEW.record)
BEGIN SELECT RAISE(ABORT, 'generation: the number does not go up'); END;
CREATE TRIGGER generation_stays BEFORE UPDATE ON generation BEGIN SELECT RAISE(ABORT, 'generation: rows never change'); END;
CREATE TRIGGER generation_remains BEFORE DELETE ON generation BEGIN SELECT RAISE(ABORT, 'generation: rows are never deleted'); END;

-- Beside the book: a row says that this file is a copy, which only answers until it is resumed.
CREATE TABLE standing (
	id INTEGER PRIMARY KEY CHECK (id = 1),
	copied_at INTEGER NOT NULL
) STRICT;
