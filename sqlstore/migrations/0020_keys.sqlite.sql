-- A row of keys holds a whole answer, that of a bulk call a hundred kilobytes. In a
-- tree of rows such a row is read to its end whenever a search passes it, to compare
-- a few letters; beside an index it is read by who asks for it.
CREATE TABLE keys_new (
	book BIGINT NOT NULL,
	id TEXT NOT NULL,
	digest TEXT NOT NULL,
	answer TEXT NOT NULL,
	code TEXT NOT NULL,
	why TEXT NOT NULL,
	field TEXT NOT NULL,
	detail TEXT NOT NULL,
	created_at BIGINT NOT NULL,
	PRIMARY KEY (book, id)
);
INSERT INTO keys_new SELECT book, id, digest, answer, code, why, field, detail, created_at FROM keys;
DROP TABLE keys;
ALTER TABLE keys_new RENAME TO keys;
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ('keys', 'sqlite_autoindex_keys_1', '1000000 100000 1');
ANALYZE sqlite_schema;
