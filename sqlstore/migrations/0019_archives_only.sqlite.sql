-- What is written is written, and may leave the tables only for an archive that
-- has it.
DROP TRIGGER entries_no_delete;
CREATE TRIGGER entries_no_delete BEFORE DELETE ON entries
	WHEN OLD.no > COALESCE((SELECT entry FROM archives WHERE book = OLD.book ORDER BY n DESC LIMIT 1), 0)
	BEGIN SELECT RAISE(ABORT, 'entries are append-only'); END;
DROP TRIGGER postings_no_delete;
CREATE TRIGGER postings_no_delete BEFORE DELETE ON postings
	WHEN OLD.entry > COALESCE((SELECT entry FROM archives WHERE book = OLD.book ORDER BY n DESC LIMIT 1), 0)
	BEGIN SELECT RAISE(ABORT, 'postings are append-only'); END;
DROP TRIGGER wallet_lines_no_delete;
CREATE TRIGGER wallet_lines_no_delete BEFORE DELETE ON wallet_lines
	WHEN OLD.entry > COALESCE((SELECT entry FROM archives WHERE book = OLD.book ORDER BY n DESC LIMIT 1), 0)
	BEGIN SELECT RAISE(ABORT, 'wallet_lines are append-only'); END;
DROP TRIGGER events_no_delete;
CREATE TRIGGER events_no_delete BEFORE DELETE ON events
	WHEN OLD.no > COALESCE((SELECT event FROM archives WHERE book = OLD.book ORDER BY n DESC LIMIT 1), 0)
	BEGIN SELECT RAISE(ABORT, 'events are append-only'); END;
DROP TRIGGER seals_no_delete;
CREATE TRIGGER seals_no_delete BEFORE DELETE ON seals
	WHEN OLD.n > COALESCE((SELECT seal FROM archives WHERE book = OLD.book ORDER BY n DESC LIMIT 1), 0)
	BEGIN SELECT RAISE(ABORT, 'seals are append-only'); END;
CREATE TRIGGER archives_no_update BEFORE UPDATE ON archives BEGIN SELECT RAISE(ABORT, 'archives are append-only'); END;
CREATE TRIGGER archives_no_delete BEFORE DELETE ON archives BEGIN SELECT RAISE(ABORT, 'archives are append-only'); END;
