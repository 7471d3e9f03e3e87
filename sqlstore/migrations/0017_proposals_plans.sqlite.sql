-- The same words as in 0011, for the table and the indexes of this step; what was
-- said before stays.
CREATE TEMP TABLE said AS SELECT tbl, idx, stat FROM sqlite_stat1;
DROP TABLE sqlite_stat1;
ANALYZE;
DELETE FROM sqlite_stat1;
INSERT INTO sqlite_stat1 (tbl, idx, stat) SELECT tbl, idx, stat FROM said;
DROP TABLE said;
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ('proposals', 'proposals', '1000000 100000 1');
INSERT INTO sqlite_stat1 (tbl, idx, stat) SELECT tbl_name, name, '1000000 100000 4 1' FROM sqlite_schema
	WHERE type = 'index' AND name IN ('proposals_payment_id', 'proposals_state', 'refunds_again_of', 'refunds_destination', 'payments_status', 'transfers_recipient',
		'payouts_state', 'payouts_utr', 'payouts_reference');
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ('refunds', 'refunds_razorpay', '500000 50000 1');
ANALYZE sqlite_schema;
