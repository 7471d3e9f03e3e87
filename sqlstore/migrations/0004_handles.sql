-- What callers of a room call a thing, once and for good.
CREATE TABLE handles (
	book BIGINT NOT NULL,
	id TEXT NOT NULL,    -- the room and the caller's reference
	of_id TEXT NOT NULL, -- our own id of the thing
	wire TEXT NOT NULL,  -- what the room remembers with it: a JSON object
	created_at BIGINT NOT NULL,
	PRIMARY KEY (book, id)
) /* clustered */;
CREATE INDEX handles_of_id ON handles (book, of_id) WHERE of_id <> '';

ALTER TABLE refunds ADD COLUMN room TEXT NOT NULL DEFAULT '';   -- through which it was asked for; empty: razorpay
ALTER TABLE refunds ADD COLUMN holder TEXT NOT NULL DEFAULT ''; -- whose account with us it was given to, if that is no wallet
