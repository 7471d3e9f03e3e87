-- How a tester wants things of a test book to end.
CREATE TABLE scenarios (
	book BIGINT NOT NULL,
	id TEXT NOT NULL,
	stands TEXT NOT NULL,    -- open, until it has ended
	what TEXT NOT NULL,      -- refund, payout, remittance, payment, otp; empty: any
	amount BIGINT NOT NULL,  -- of what it is for; 0: any
	reference TEXT NOT NULL, -- by which it is known: the caller's, or an id of ours
	outcome TEXT NOT NULL,
	code TEXT NOT NULL,
	reason TEXT NOT NULL,
	after BIGINT NOT NULL,   -- seconds
	times BIGINT NOT NULL,   -- how often it is played; 0: until it is ended
	used BIGINT NOT NULL,
	created_at BIGINT NOT NULL,
	ended_at BIGINT NOT NULL,
	PRIMARY KEY (book, id)
) /* clustered */;
CREATE INDEX scenarios_stands ON scenarios (book, stands) WHERE stands <> '';

-- What a person said of an order that takes two.
CREATE TABLE words (
	book BIGINT NOT NULL,
	id TEXT NOT NULL,
	order_id TEXT NOT NULL,
	person TEXT NOT NULL,
	outcome TEXT NOT NULL,
	code TEXT NOT NULL,
	reason TEXT NOT NULL,
	reference TEXT NOT NULL,
	digest TEXT NOT NULL, -- of what was said
	state TEXT NOT NULL,  -- open, agreed, replaced, expired
	created_at BIGINT NOT NULL,
	expires_at BIGINT NOT NULL,
	PRIMARY KEY (book, id)
) /* clustered */;
CREATE INDEX words_order_id ON words (book, order_id) WHERE order_id <> '';

ALTER TABLE rail_orders ADD COLUMN code TEXT NOT NULL DEFAULT '';         -- why it was refused or is not known, in one word
ALTER TABLE rail_orders ADD COLUMN ref TEXT NOT NULL DEFAULT '';          -- the caller's own reference
ALTER TABLE rail_orders ADD COLUMN about TEXT NOT NULL DEFAULT '';        -- the payment of a refund, the customer of a payout
ALTER TABLE rail_orders ADD COLUMN room TEXT NOT NULL DEFAULT '';         -- through which it was asked for; empty: razorpay
ALTER TABLE rail_orders ADD COLUMN heard_at BIGINT NOT NULL DEFAULT 0;    -- when the rail was last heard, or asked in vain
ALTER TABLE rail_orders ADD COLUMN play_code TEXT NOT NULL DEFAULT '';    -- forced by a tester, with outcome
ALTER TABLE rail_orders ADD COLUMN play_reason TEXT NOT NULL DEFAULT '';
ALTER TABLE rail_orders ADD COLUMN play_after BIGINT NOT NULL DEFAULT 0;
ALTER TABLE rail_orders ADD COLUMN sheet TEXT NOT NULL DEFAULT '';        -- the list it was handed to a person on
ALTER TABLE rail_orders ADD COLUMN exported_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE rail_orders ADD COLUMN ended_by TEXT NOT NULL DEFAULT '';     -- the person on whose word it ended
CREATE INDEX rail_orders_sheet ON rail_orders (book, sheet, id) WHERE sheet <> '';

ALTER TABLE terms ADD COLUMN two_people_above BIGINT NOT NULL DEFAULT 0;  -- paise; 0: one person is enough
