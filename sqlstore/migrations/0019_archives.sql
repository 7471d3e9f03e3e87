-- Months that are closed lie in files. A row says which part of a book's past a
-- file holds: seals, and with them entries with their postings, events, and lines
-- of statements. The rows themselves are then deleted.
CREATE TABLE archives (
	book BIGINT NOT NULL,
	n BIGINT NOT NULL,            -- dense from 1
	file TEXT NOT NULL,           -- below the folder of archives
	size BIGINT NOT NULL,
	index_at BIGINT NOT NULL,     -- where the last member begins
	sum TEXT NOT NULL,            -- SHA-256
	first_seal BIGINT NOT NULL,
	seal BIGINT NOT NULL,         -- the last one, and what it says
	sealed_at BIGINT NOT NULL,
	hash TEXT NOT NULL,
	first_entry BIGINT NOT NULL,  -- above the last one if there is none
	entry BIGINT NOT NULL,
	first_event BIGINT NOT NULL,
	event BIGINT NOT NULL,
	postings BIGINT NOT NULL,
	wallet_lines BIGINT NOT NULL,
	lines_digest TEXT NOT NULL,   -- of the lines of statements, as they count in a seal's state
	first_at BIGINT NOT NULL,     -- of the book's time: the earliest and the latest of all of it
	last_at BIGINT NOT NULL,
	youngest TEXT NOT NULL,       -- the greatest name of what something in it is about, without its prefix
	archived_at BIGINT NOT NULL,
	PRIMARY KEY (book, n)
) /* clustered */;
