-- Clocks of failed transactions: how long their reversal takes, and what is
-- owed for every day that it is late. Days are YYYYMMDD, in India.
CREATE TABLE tat_clocks (
	book BIGINT NOT NULL,
	id TEXT NOT NULL,
	rule TEXT NOT NULL,
	version BIGINT NOT NULL,
	subject TEXT NOT NULL,      -- what failed
	holder TEXT NOT NULL,       -- whose account with us compensation goes to; empty: nobody's
	t_day BIGINT NOT NULL,      -- of the transaction
	due_day BIGINT NOT NULL,    -- the last day without compensation
	stop_day BIGINT NOT NULL,   -- when the money was back; 0 while it is not
	late_days BIGINT NOT NULL,
	accrued BIGINT NOT NULL,
	state TEXT NOT NULL,        -- running, met, breached, compensated, waived
	paid_to TEXT NOT NULL,      -- the account, or bank
	reference TEXT NOT NULL,    -- the bank's
	reason TEXT NOT NULL,       -- why it was waived
	created_at BIGINT NOT NULL,
	ended_at BIGINT NOT NULL,
	PRIMARY KEY (book, id)
) /* clustered */;
CREATE INDEX tat_clocks_subject ON tat_clocks (book, subject) WHERE subject <> '';

-- What the operator did with money by hand.
CREATE TABLE bookings (
	book BIGINT NOT NULL,
	id TEXT NOT NULL,
	what TEXT NOT NULL,       -- the reason of its entry
	about TEXT NOT NULL,      -- the receipt it identifies, the clock it waives
	party TEXT NOT NULL,      -- provider, partner or customer
	amount BIGINT NOT NULL,
	cost BIGINT NOT NULL,     -- of a provider
	tax BIGINT NOT NULL,      -- that we paid: with cost, or set off against what we collected
	cgst BIGINT NOT NULL,     -- that we collected and paid to the state
	sgst BIGINT NOT NULL,
	igst BIGINT NOT NULL,
	debit TEXT NOT NULL,      -- of an adjustment
	credit TEXT NOT NULL,     -- of an adjustment or an identified receipt
	identified BIGINT NOT NULL, -- of a receipt
	reference TEXT NOT NULL,  -- the bank's or the provider's
	note TEXT NOT NULL,
	person TEXT NOT NULL,
	second TEXT NOT NULL,     -- who agreed, where it takes two
	state TEXT NOT NULL,      -- asked, done, expired
	created_at BIGINT NOT NULL,
	done_at BIGINT NOT NULL,
	PRIMARY KEY (book, id)
) /* clustered */;
CREATE INDEX bookings_about ON bookings (book, about) WHERE about <> '';
