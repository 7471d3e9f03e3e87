-- Long jobs: a list of refunds or credits that is done row by row.
CREATE TABLE jobs (
	book BIGINT NOT NULL,
	id TEXT NOT NULL,
	what TEXT NOT NULL,          -- refund, credit
	state TEXT NOT NULL,         -- draft, checking, checked, asked, running, paused, done, cancelled, failed
	note TEXT NOT NULL,
	made_by TEXT NOT NULL,
	starter TEXT NOT NULL,       -- who asked for its start
	second TEXT NOT NULL,        -- who agreed, where it takes two
	speed TEXT NOT NULL,
	reverse_all BOOLEAN NOT NULL,
	budget BIGINT NOT NULL,      -- 0: none
	next BIGINT NOT NULL,        -- the row to be looked at next
	rows BIGINT NOT NULL,
	bad BIGINT NOT NULL,         -- rows in each state; what is left was not checked
	ready BIGINT NOT NULL,
	done BIGINT NOT NULL,
	refused BIGINT NOT NULL,
	twins BIGINT NOT NULL,       -- rows about what an earlier row is about
	left_over BIGINT NOT NULL,   -- of the rows that are ready
	moved BIGINT NOT NULL,       -- of the rows that are done
	quoted BIGINT NOT NULL,      -- left_over, when it was started
	to_source BIGINT NOT NULL,   -- what the check found
	to_wallet BIGINT NOT NULL,
	to_credit BIGINT NOT NULL,
	fees BIGINT NOT NULL,
	merchant BIGINT NOT NULL,
	reason TEXT NOT NULL,        -- why it is paused or has failed
	created_at BIGINT NOT NULL,
	checked_at BIGINT NOT NULL,
	started_at BIGINT NOT NULL,
	ended_at BIGINT NOT NULL,
	PRIMARY KEY (book, id)
) /* clustered */;

-- The rows of a job, numbered from 1.
CREATE TABLE job_rows (
	book BIGINT NOT NULL,
	id TEXT NOT NULL,            -- the job's, a slash and the number
	job_id TEXT NOT NULL,
	no BIGINT NOT NULL,
	names TEXT NOT NULL,         -- the payment, as it was given, or the customer
	contact TEXT NOT NULL,
	email TEXT NOT NULL,
	purpose TEXT NOT NULL,
	order_reference TEXT NOT NULL,
	asked BIGINT NOT NULL,       -- 0: all that is left
	reference TEXT NOT NULL,
	notes TEXT NOT NULL,
	state TEXT NOT NULL,         -- waiting, bad, ready, done, refused
	twins TEXT NOT NULL,         -- the job and what the row is about
	twin BIGINT NOT NULL,        -- an earlier row about the same
	payment_id TEXT NOT NULL,
	destination TEXT NOT NULL,
	amount BIGINT NOT NULL,      -- as the check found it, and what was moved once it is done
	fee BIGINT NOT NULL,
	merchant BIGINT NOT NULL,    -- what the check saw leave the merchant
	refused_of TEXT NOT NULL,    -- the job, if the row was refused
	made TEXT NOT NULL,          -- the refund or credit
	code TEXT NOT NULL,          -- why it was refused
	why TEXT NOT NULL,
	field TEXT NOT NULL,
	detail TEXT NOT NULL,
	created_at BIGINT NOT NULL,
	ended_at BIGINT NOT NULL,
	PRIMARY KEY (book, id)
) /* clustered */;
CREATE INDEX job_rows_twins ON job_rows (book, twins, id) WHERE twins <> '';
CREATE INDEX job_rows_refused_of ON job_rows (book, refused_of, id) WHERE refused_of <> '';
