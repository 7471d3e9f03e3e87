-- Store credit: the merchant's programme, who holds credit, and what was given,
-- spent and returned.

-- What the merchant's credit is. A book has at most one.
CREATE TABLE programmes (
	book BIGINT NOT NULL,
	id TEXT NOT NULL,
	kind TEXT NOT NULL,           -- closed, gift
	funding TEXT NOT NULL,        -- backed by the merchant's promise, or prefunded
	max_balance BIGINT NOT NULL,  -- of one member; 0: no limit
	expiry BIGINT NOT NULL,       -- seconds that a credit lives; 0: for ever
	counts_orders BOOLEAN NOT NULL,
	third_party BOOLEAN NOT NULL, -- it may be spent on what independent sellers sell
	closed_loop_basis TEXT NOT NULL,
	created_at BIGINT NOT NULL,
	updated_at BIGINT NOT NULL,
	PRIMARY KEY (book, id)
) /* clustered */;

-- The merchant's customers who hold credit.
CREATE TABLE members (
	book BIGINT NOT NULL,
	id TEXT NOT NULL,
	partner_user_id TEXT NOT NULL, -- the merchant's own id of the customer
	known_as TEXT NOT NULL,        -- the same, until it was let go
	contact TEXT NOT NULL,
	email TEXT NOT NULL,
	phone_named BOOLEAN NOT NULL,  -- the merchant calls the customer by the phone number
	frozen BOOLEAN NOT NULL,
	created_at BIGINT NOT NULL,
	updated_at BIGINT NOT NULL,
	PRIMARY KEY (book, id)
) /* clustered */;
CREATE INDEX members_known_as ON members (book, known_as) WHERE known_as <> '';
CREATE INDEX members_contact ON members (book, contact) WHERE contact <> '';

-- Every transaction of store credit. One that was loaded is also a lot: what is
-- left of it, and until when. A credit that is a refund has the refund's id with
-- another prefix. A member's transactions in their order are the postings of
-- account 2105 of the member.
CREATE TABLE credits (
	book BIGINT NOT NULL,
	id TEXT NOT NULL,
	member_id TEXT NOT NULL,
	programme_id TEXT NOT NULL,
	type TEXT NOT NULL,           -- credit, debit
	amount BIGINT NOT NULL,
	balance BIGINT NOT NULL,      -- of the member after it
	backed BIGINT NOT NULL,       -- of amount: on the merchant's promise, not on money
	purpose TEXT NOT NULL,        -- refund, gift, goodwill; spend, expiry; return
	reference TEXT NOT NULL,      -- the caller's own
	source_id TEXT NOT NULL,      -- of a load
	linked_id TEXT NOT NULL,      -- the spend that a return is of, the load that expired
	order_reference TEXT NOT NULL, -- what the merchant calls the order
	lots TEXT NOT NULL,           -- which loads it took from, or gave back to, and how much
	remaining BIGINT NOT NULL,    -- of a load: not spent
	lot_of TEXT NOT NULL,         -- the member while there is something left of it
	returned BIGINT NOT NULL,     -- of a spend
	expires_at BIGINT NOT NULL,   -- of a load; 0: never
	notes TEXT NOT NULL,
	created_at BIGINT NOT NULL,
	PRIMARY KEY (book, id)
) /* clustered */;
CREATE INDEX credits_lot_of ON credits (book, lot_of) WHERE lot_of <> '';

-- A page of the refunds of payments need not step over those that are of none.
CREATE INDEX refunds_of_payments ON refunds (book, id) WHERE payment_id <> '';
