-- What is written is written, and may leave the tables only for an archive that
-- has it.
CREATE FUNCTION entry_archived() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN
	IF OLD.no <= (SELECT entry FROM archives WHERE book = OLD.book ORDER BY n DESC LIMIT 1) THEN RETURN OLD; END IF;
	RAISE EXCEPTION '% are append-only', TG_TABLE_NAME;
END $$;
DROP TRIGGER entries_append_only ON entries;
CREATE TRIGGER entries_append_only BEFORE UPDATE ON entries FOR EACH ROW EXECUTE FUNCTION append_only();
CREATE TRIGGER entries_no_delete BEFORE DELETE ON entries FOR EACH ROW EXECUTE FUNCTION entry_archived();
CREATE FUNCTION part_archived() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN
	IF OLD.entry <= (SELECT entry FROM archives WHERE book = OLD.book ORDER BY n DESC LIMIT 1) THEN RETURN OLD; END IF;
	RAISE EXCEPTION '% are append-only', TG_TABLE_NAME;
END $$;
DROP TRIGGER postings_append_only ON postings;
CREATE TRIGGER postings_append_only BEFORE UPDATE ON postings FOR EACH ROW EXECUTE FUNCTION append_only();
CREATE TRIGGER postings_no_delete BEFORE DELETE ON postings FOR EACH ROW EXECUTE FUNCTION part_archived();
DROP TRIGGER wallet_lines_append_only ON wallet_lines;
CREATE TRIGGER wallet_lines_append_only BEFORE UPDATE ON wallet_lines FOR EACH ROW EXECUTE FUNCTION append_only();
CREATE TRIGGER wallet_lines_no_delete BEFORE DELETE ON wallet_lines FOR EACH ROW EXECUTE FUNCTION part_archived();
CREATE FUNCTION event_archived() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN
	IF OLD.no <= (SELECT event FROM archives WHERE book = OLD.book ORDER BY n DESC LIMIT 1) THEN RETURN OLD; END IF;
	RAISE EXCEPTION '% are append-only', TG_TABLE_NAME;
END $$;
DROP TRIGGER events_append_only ON events;
CREATE TRIGGER events_append_only BEFORE UPDATE ON events FOR EACH ROW EXECUTE FUNCTION append_only();
CREATE TRIGGER events_no_delete BEFORE DELETE ON events FOR EACH ROW EXECUTE FUNCTION event_archived();
CREATE FUNCTION seal_archived() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN
	IF OLD.n <= (SELECT seal FROM archives WHERE book = OLD.book ORDER BY n DESC LIMIT 1) THEN RETURN OLD; END IF;
	RAISE EXCEPTION '% are append-only', TG_TABLE_NAME;
END $$;
DROP TRIGGER seals_append_only ON seals;
CREATE TRIGGER seals_append_only BEFORE UPDATE ON seals FOR EACH ROW EXECUTE FUNCTION append_only();
CREATE TRIGGER seals_no_delete BEFORE DELETE ON seals FOR EACH ROW EXECUTE FUNCTION seal_archived();
CREATE TRIGGER archives_append_only BEFORE UPDATE OR DELETE ON archives FOR EACH ROW EXECUTE FUNCTION append_only();
