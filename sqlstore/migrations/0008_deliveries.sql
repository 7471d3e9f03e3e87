-- Endpoints of every room, what became of them, and secrets they had before.
ALTER TABLE endpoints ADD COLUMN room TEXT NOT NULL DEFAULT '';         -- empty: razorpay
ALTER TABLE endpoints ADD COLUMN in_order BOOLEAN NOT NULL DEFAULT FALSE; -- one event after another
ALTER TABLE endpoints ADD COLUMN since BIGINT NOT NULL DEFAULT 0;       -- it hears of events after this number
ALTER TABLE endpoints ADD COLUMN past TEXT NOT NULL DEFAULT '';         -- number of the last event and the sealed secret, for each earlier one
ALTER TABLE endpoints ADD COLUMN disabled_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE endpoints ADD COLUMN reason TEXT NOT NULL DEFAULT '';       -- why it was disabled
CREATE INDEX endpoints_active ON endpoints (book, active) WHERE active;

-- What is known of deliveries lies beside the books: it is under no seal, is not
-- written within changes, and what is old is deleted.

-- How far the events of a book have been seen to: for each endpoint, and for each
-- replay that was asked for.
CREATE TABLE delivery_runs (
	book BIGINT NOT NULL,
	id TEXT NOT NULL,          -- the endpoint's id, or the replay's
	endpoint_id TEXT NOT NULL,
	event BIGINT NOT NULL,     -- all up to this number has been delivered or is a row of deliveries
	last BIGINT NOT NULL,      -- where a replay ends; zero for an endpoint's own run, which never does
	created_at BIGINT NOT NULL,
	PRIMARY KEY (book, id)
) /* clustered */;

-- An event on its way to an endpoint, or that has come to an end there.
CREATE TABLE deliveries (
	book BIGINT NOT NULL,
	id TEXT NOT NULL,          -- the run and the number of the event
	endpoint_id TEXT NOT NULL,
	event BIGINT NOT NULL,
	event_id TEXT NOT NULL,
	name TEXT NOT NULL,
	state TEXT NOT NULL,       -- waiting, delivered, expired, dropped
	tries BIGINT NOT NULL,
	status BIGINT NOT NULL,    -- of the last answer; zero if there was none
	error TEXT NOT NULL,
	due_at BIGINT NOT NULL,    -- of the book's time: when it is tried again; zero if it is not
	created_at BIGINT NOT NULL, -- the event, or its replay
	ended_at BIGINT NOT NULL,
	PRIMARY KEY (book, id)
) /* clustered */;
CREATE INDEX deliveries_due_at ON deliveries (book, due_at) WHERE due_at > 0;
CREATE INDEX deliveries_event ON deliveries (book, event);

-- Every attempt to deliver: what was sent and what came back.
CREATE TABLE attempts (
	book BIGINT NOT NULL,
	id TEXT NOT NULL,          -- begins with the wall's time
	delivery TEXT NOT NULL,
	endpoint_id TEXT NOT NULL,
	event BIGINT NOT NULL,
	event_id TEXT NOT NULL,
	name TEXT NOT NULL,
	url TEXT NOT NULL,
	status BIGINT NOT NULL,
	error TEXT NOT NULL,
	took BIGINT NOT NULL,      -- microseconds
	request_header TEXT NOT NULL,
	request TEXT NOT NULL,
	response TEXT NOT NULL,
	at BIGINT NOT NULL,        -- of the book's time
	made_at BIGINT NOT NULL,   -- of the wall's
	PRIMARY KEY (book, id)
) /* clustered */;
CREATE INDEX attempts_delivery ON attempts (book, delivery);

-- Which server delivers for a book, and until when it may be relied on to be alive.
CREATE TABLE delivery_leases (
	book BIGINT NOT NULL PRIMARY KEY,
	holder TEXT NOT NULL,
	until BIGINT NOT NULL      -- the wall's clock
);
