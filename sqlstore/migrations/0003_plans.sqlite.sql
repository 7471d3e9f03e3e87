-- Without statistics SQLite takes ten rows for a book and reads all of it where
-- an index would do. These say what a large book looks like, before there is one.
ANALYZE;
DELETE FROM sqlite_stat1;
INSERT INTO sqlite_stat1 (tbl, idx, stat) SELECT name, name, '1000000 100000 1' FROM sqlite_schema
	WHERE type = 'table' AND sql LIKE '%PRIMARY KEY (book, id)%';
INSERT INTO sqlite_stat1 (tbl, idx, stat) SELECT name, name, '1000000 100000 1' FROM sqlite_schema
	WHERE type = 'table' AND sql LIKE '%PRIMARY KEY (book, n%)%';
INSERT INTO sqlite_stat1 (tbl, idx, stat) SELECT name, name, '1000000 100000 50 1' FROM sqlite_schema
	WHERE type = 'table' AND name IN ('postings', 'wallet_lines');
INSERT INTO sqlite_stat1 (tbl, idx, stat) SELECT tbl_name, name, '1000000 100000 4 1' FROM sqlite_schema
	WHERE type = 'index' AND sql IS NOT NULL AND sql LIKE '% (book, %';
ANALYZE sqlite_schema;
