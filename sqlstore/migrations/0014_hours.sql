-- What is counted beside the books, so that a chart or a sum reads few rows. No
-- seal covers it; verify works it out again.

-- What happened in each hour of a book's time. Hours are numbered from the first
-- of 1970 in India.
CREATE TABLE hours (
	book BIGINT NOT NULL,
	hour BIGINT NOT NULL,
	what TEXT NOT NULL,        -- refund, payment, payout, credit
	room TEXT NOT NULL,        -- of refunds; empty: razorpay
	destination TEXT NOT NULL, -- of refunds: source, wallet, credit, agent
	made BIGINT NOT NULL,
	made_amount BIGINT NOT NULL,
	done BIGINT NOT NULL,
	done_amount BIGINT NOT NULL,
	failed BIGINT NOT NULL,
	failed_amount BIGINT NOT NULL,
	PRIMARY KEY (book, hour, what, room, destination)
) /* clustered */;

-- The same by days in India: the hour is the first of the day.
CREATE TABLE days (
	book BIGINT NOT NULL,
	hour BIGINT NOT NULL,
	what TEXT NOT NULL,
	room TEXT NOT NULL,
	destination TEXT NOT NULL,
	made BIGINT NOT NULL,
	made_amount BIGINT NOT NULL,
	done BIGINT NOT NULL,
	done_amount BIGINT NOT NULL,
	failed BIGINT NOT NULL,
	failed_amount BIGINT NOT NULL,
	PRIMARY KEY (book, hour, what, room, destination)
) /* clustered */;

-- What the postings of each 2048 entries made of the accounts of a code: block 0
-- is of the entries 1 to 2048.
CREATE TABLE code_sums (
	book BIGINT NOT NULL,
	code TEXT NOT NULL,
	block BIGINT NOT NULL,
	net BIGINT NOT NULL,      -- debits less credits
	accounts BIGINT NOT NULL, -- that had their first posting in it
	PRIMARY KEY (book, code, block)
) /* clustered */;

-- Full verifications of a book: who had it done, and what was found. The last
-- hundred are kept.
CREATE TABLE checkups (
	book BIGINT NOT NULL,
	id TEXT NOT NULL,      -- begins with the wall's time
	person TEXT NOT NULL,
	at BIGINT NOT NULL,
	took BIGINT NOT NULL,  -- nanoseconds
	seal BIGINT NOT NULL,  -- the last one that was looked at
	hash TEXT NOT NULL,
	entries BIGINT NOT NULL,
	postings BIGINT NOT NULL,
	rows_read BIGINT NOT NULL,
	findings BIGINT NOT NULL,
	first TEXT NOT NULL,   -- of them, one a line
	PRIMARY KEY (book, id)
) /* clustered */;

-- What waits for somebody, in indexes that hold nothing else.
CREATE INDEX rail_orders_unknown ON rail_orders (book, id) WHERE state = 'unknown';
CREATE INDEX rail_orders_by_hand ON rail_orders (book, id) WHERE rail = 'manual' AND ended_at = 0;
CREATE INDEX bookings_asked ON bookings (book, id) WHERE state = 'asked';
CREATE INDEX words_open ON words (book, id) WHERE state = 'open';

-- What was before this.
INSERT INTO code_sums (book, code, block, net, accounts)
	SELECT book, substr(account, 1, 4), (entry - 1) / 2048, SUM(side * amount), SUM(CASE WHEN n = 1 THEN 1 ELSE 0 END)
	FROM postings GROUP BY 1, 2, 3;

INSERT INTO hours (book, hour, what, room, destination, made, made_amount, done, done_amount, failed, failed_amount)
	SELECT book, hour, what, room, destination, SUM(made), SUM(made * amount), SUM(done), SUM(done * amount), SUM(failed), SUM(failed * amount)
	FROM (
		SELECT book, (created_at + 19800000000) / 3600000000 AS hour, 'refund' AS what, room, destination, 1 AS made, 0 AS done, 0 AS failed, amount
			FROM refunds
		UNION ALL
		SELECT book, (processed_at + 19800000000) / 3600000000, 'refund', room, destination, 0, 1, 0, amount
			FROM refunds WHERE state = 'done'
		UNION ALL
		SELECT e.book, (e.at + 19800000000) / 3600000000, 'refund', r.room, r.destination, 0, 0, 1, r.amount
			FROM entries e JOIN refunds r ON r.book = e.book AND r.id = e.cause WHERE e.reason = 'refund_failed'
		UNION ALL
		SELECT book, (captured_at + 19800000000) / 3600000000, 'payment', '', '', 1, 1, 0, amount
			FROM payments WHERE captured
		UNION ALL
		SELECT book, (created_at + 19800000000) / 3600000000, 'credit', '', '', 1, 1, 0, amount
			FROM credits WHERE purpose IN ('gift', 'goodwill')
		UNION ALL
		SELECT e.book, (e.at + 19800000000) / 3600000000, 'payout', '', '',
			CASE WHEN e.reason = 'payout_sent' THEN 1 ELSE 0 END,
			CASE WHEN e.reason IN ('payout_done', 'payout_late') THEN 1 ELSE 0 END,
			CASE WHEN e.reason IN ('payout_reversed', 'payout_returned') THEN 1 ELSE 0 END, p.amount
			FROM entries e JOIN payouts p ON p.book = e.book AND p.id = e.cause
			WHERE e.reason IN ('payout_sent', 'payout_done', 'payout_late', 'payout_reversed', 'payout_returned')
	) AS happened
	GROUP BY 1, 2, 3, 4, 5;

INSERT INTO days (book, hour, what, room, destination, made, made_amount, done, done_amount, failed, failed_amount)
	SELECT book, hour / 24 * 24, what, room, destination, SUM(made), SUM(made_amount), SUM(done), SUM(done_amount), SUM(failed), SUM(failed_amount)
	FROM hours GROUP BY 1, 2, 3, 4, 5;
