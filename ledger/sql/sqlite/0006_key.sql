-- SPDX-License-Identifier: Apache-2.0
--
-- Keys that checkpoints are signed by since the first one, which the book was founded with.  What is
-- secret of them lies in files beside the book.
CREATE TABLE checkpoint_key (
	record INTEGER PRIMARY KEY REFERENCES record (number),
	public BLOB NOT NULL UNIQUE CHECK (length(public) = 32),
	until INTEGER NOT NULL CHECK (until >= 0), -- Unix seconds: before it the key before this one signs, too
	client INTEGER NOT NULL, -- who rotated; 0: no client
	uid INTEGER NOT NULL,
	reason TEXT NOT NULL CHECK (length(reason) BETWEEN 1 AND 200)
) STRICT;

CREATE TRIGGER checkpoint_key_stays BEFORE UPDATE ON checkpoint_key
BEGIN SELECT RAISE(ABORT, 'checkpoint_key: rows never change'); END;
CREATE TRIGGER checkpoint_key_remains BEFORE DELETE ON checkpoint_key
BEGIN SELECT RAISE(ABORT, 'checkpoint_key: rows are never deleted'); END;
CREATE TRIGGER checkpoint_key_is_new BEFORE INSERT ON checkpoint_key
WHEN EXISTS (SELECT 1 FROM checkpoint_key WHERE record >= NEW.record OR public = NEW.public)
BEGIN SELECT RAISE(ABORT, 'checkpoint_key: rows are never replaced'); END;
