-- A refund that somebody asks for who may not make it alone.
CREATE TABLE proposals (
	book BIGINT NOT NULL,
	id TEXT NOT NULL,
	payment_id TEXT NOT NULL,
	amount BIGINT NOT NULL,
	destination TEXT NOT NULL,     -- source, wallet, credit
	speed TEXT NOT NULL,
	receipt TEXT NOT NULL,
	reverse_all BOOLEAN NOT NULL,
	again_of TEXT NOT NULL,        -- the refund that failed
	notes TEXT NOT NULL,
	outcome TEXT NOT NULL,         -- forced by a tester
	partner_user_id TEXT NOT NULL, -- of store credit: whom it is for
	contact TEXT NOT NULL,
	email TEXT NOT NULL,
	note TEXT NOT NULL,            -- why
	person TEXT NOT NULL,
	second TEXT NOT NULL,
	state TEXT NOT NULL,           -- asked, agreed, declined, expired
	refund_id TEXT NOT NULL,       -- what was made of it
	created_at BIGINT NOT NULL,
	ended_at BIGINT NOT NULL,
	PRIMARY KEY (book, id)
) /* clustered */;
CREATE INDEX proposals_payment_id ON proposals (book, payment_id) WHERE payment_id <> '';
CREATE INDEX proposals_state ON proposals (book, state, id) WHERE state <> '';

-- The refund that failed, which this one tries again.
ALTER TABLE refunds ADD COLUMN again_of TEXT NOT NULL DEFAULT '';
CREATE INDEX refunds_again_of ON refunds (book, again_of, id) WHERE again_of <> '';

-- Refunds by where they go; those of the room without a name.
CREATE INDEX refunds_destination ON refunds (book, destination, id) WHERE destination <> '';
CREATE INDEX refunds_razorpay ON refunds (book, id) WHERE room = '';

-- Payments and payouts in a state, or under a number; transfers to somebody.
CREATE INDEX payments_status ON payments (book, status, id) WHERE status <> '';
CREATE INDEX transfers_recipient ON transfers (book, recipient, id) WHERE recipient <> '';
CREATE INDEX payouts_state ON payouts (book, state, id) WHERE state <> '';
CREATE INDEX payouts_utr ON payouts (book, utr, id) WHERE utr <> '';
CREATE INDEX payouts_reference ON payouts (book, reference, id) WHERE reference <> '';
