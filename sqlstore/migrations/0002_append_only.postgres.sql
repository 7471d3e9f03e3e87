-- What is written is written: a mistake is corrected by another entry.
CREATE FUNCTION append_only() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION '% are append-only', TG_TABLE_NAME; END $$;
CREATE TRIGGER entries_append_only BEFORE UPDATE OR DELETE ON entries FOR EACH ROW EXECUTE FUNCTION append_only();
CREATE TRIGGER postings_append_only BEFORE UPDATE OR DELETE ON postings FOR EACH ROW EXECUTE FUNCTION append_only();
CREATE TRIGGER wallet_lines_append_only BEFORE UPDATE OR DELETE ON wallet_lines FOR EACH ROW EXECUTE FUNCTION append_only();
CREATE TRIGGER events_append_only BEFORE UPDATE OR DELETE ON events FOR EACH ROW EXECUTE FUNCTION append_only();
CREATE TRIGGER seals_append_only BEFORE UPDATE OR DELETE ON seals FOR EACH ROW EXECUTE FUNCTION append_only();

-- Rows that are updated with every change stay on their page.
ALTER TABLE books SET (fillfactor = 20);
ALTER TABLE accounts SET (fillfactor = 70);
ALTER TABLE wallets SET (fillfactor = 70);
