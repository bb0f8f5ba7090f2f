-- SPDX-License-Identifier: Apache-2.0
--
-- What was erased: by a legal order, of one payment; or because its time was over, of several.

CREATE TABLE erasure (
	record INTEGER PRIMARY KEY REFERENCES record (number),
	payment INTEGER NOT NULL, -- or 0: its time was over
	legal_order TEXT NOT NULL CHECK (length(legal_order) <= 200 AND (payment = 0) = (legal_order = '')),
	reason TEXT NOT NULL CHECK (length(reason) BETWEEN 1 AND 200),
	uid INTEGER NOT NULL CHECK (uid >= 0), -- with an order: who gave it to the daemon
	client INTEGER NOT NULL CHECK (client >= 0)
) STRICT;

-- Each row that went, before it goes.
CREATE TABLE erased (
	source INTEGER NOT NULL CHECK (source IN (1, 2)), -- 1 private, 2 evidence
	record INTEGER NOT NULL REFERENCES record (number),
	erasure INTEGER NOT NULL REFERENCES erasure (record),
	PRIMARY KEY (source, record)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER erasure_stays BEFORE UPDATE ON erasure BEGIN SELECT RAISE(ABORT, 'erasure: rows never change'); END;
CREATE TRIGGER erasure_remains BEFORE DELETE ON erasure BEGIN SELECT RAISE(ABORT, 'erasure: rows are never deleted'); END;
CREATE TRIGGER erasure_is_new BEFORE INSERT ON erasure
WHEN EXISTS (SELECT 1 FROM erasure WHERE record = NEW.record)
BEGIN SELECT RAISE(ABORT, 'erasure: rows are never replaced'); END;
CREATE TRIGGER erased_stays BEFORE UPDATE ON erased BEGIN SELECT RAISE(ABORT, 'erased: rows never change'); END;
CREATE TRIGGER erased_remains BEFORE DELETE ON erased BEGIN SELECT RAISE(ABORT, 'erased: rows are never deleted'); END;
CREATE TRIGGER erased_is_new BEFORE INSERT ON erased
WHEN EXISTS (SELECT 1 FROM erased WHERE source = NEW.source AND record = NEW.record)
BEGIN SELECT RAISE(ABORT, 'erased: rows are never replaced'); END;

-- What leaves commit to goes only when the book says so.
CREATE TRIGGER private_stays BEFORE UPDATE ON private BEGIN SELECT RAISE(ABORT, 'private: rows never change'); END;
CREATE TRIGGER private_remains BEFORE DELETE ON private
WHEN NOT EXISTS (SELECT 1 FROM erased WHERE source = 1 AND record = OLD.record)
BEGIN SELECT RAISE(ABORT, 'private: rows go by an erasure only'); END;
CREATE TRIGGER private_is_new BEFORE INSERT ON private
WHEN EXISTS (SELECT 1 FROM private WHERE record = NEW.record)
BEGIN SELECT RAISE(ABORT, 'private: rows are never replaced'); END;
CREATE TRIGGER evidence_stays BEFORE UPDATE ON evidence BEGIN SELECT RAISE(ABORT, 'evidence: rows never change'); END;
CREATE TRIGGER evidence_remains BEFORE DELETE ON evidence
WHEN NOT EXISTS (SELECT 1 FROM erased WHERE source = 2 AND record = OLD.record)
BEGIN SELECT RAISE(ABORT, 'evidence: rows go by an erasure only'); END;
CREATE TRIGGER evidence_is_new BEFORE INSERT ON evidence
WHEN EXISTS (SELECT 1 FROM evidence WHERE record = NEW.record)
BEGIN SELECT RAISE(ABORT, 'evidence: rows are never replaced'); END;
