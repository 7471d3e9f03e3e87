-- The same words as in 0011, for the tables and indexes that came since. Two of them say more.
DROP TABLE sqlite_stat1;
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
UPDATE sqlite_stat1 SET stat = '500000 50000 1' WHERE idx IN (SELECT name FROM sqlite_schema WHERE type = 'index' AND sql LIKE '% (book, id)%');
-- All that are open have one closed_at; an endpoint has many deliveries, few of them in trouble.
UPDATE sqlite_stat1 SET stat = '1000000 100000 1000 1' WHERE idx = 'exceptions_open';
UPDATE sqlite_stat1 SET stat = '1000000 100000 30000 1 1' WHERE idx = 'deliveries_endpoint';
UPDATE sqlite_stat1 SET stat = '100000 10000 5000 100 1' WHERE idx = 'deliveries_trouble';
ANALYZE sqlite_schema;
