-- Agents, what they send for customers, what customers agree to, and what they
-- are told.
CREATE TABLE agents (
	book BIGINT NOT NULL,
	id TEXT NOT NULL,
	code TEXT NOT NULL,      -- user_code
	initiator TEXT NOT NULL, -- the mobile of the API user it belongs to
	mobile TEXT NOT NULL,
	name TEXT NOT NULL,
	active BOOLEAN NOT NULL,
	services TEXT NOT NULL,  -- codes of what was activated, with spaces between
	bought BIGINT NOT NULL,  -- e-value, ever
	created_at BIGINT NOT NULL,
	PRIMARY KEY (book, id)
) /* clustered */;

CREATE TABLE remittances (
	book BIGINT NOT NULL,
	id TEXT NOT NULL,
	tid TEXT NOT NULL,
	agent_id TEXT NOT NULL,
	customer TEXT NOT NULL,       -- mobile
	remitter TEXT NOT NULL,       -- mobile/YYYYMM, in India
	owed TEXT NOT NULL,           -- mobile, while a refund is pending
	client_ref_id TEXT NOT NULL,
	recipient TEXT NOT NULL,
	recipient_name TEXT NOT NULL,
	account TEXT NOT NULL,
	ifsc TEXT NOT NULL,
	bank TEXT NOT NULL,
	channel TEXT NOT NULL,        -- IMPS, NEFT
	amount BIGINT NOT NULL,
	fee BIGINT NOT NULL,          -- with tax
	tax BIGINT NOT NULL,
	commission BIGINT NOT NULL,   -- with tds
	tds BIGINT NOT NULL,
	lost BIGINT NOT NULL,         -- arrived although refunded
	back BIGINT NOT NULL,         -- came back although arrived
	state TEXT NOT NULL,          -- initiated, hold, success, failed, refund_pending, refunded
	state_before TEXT NOT NULL,
	bank_ref TEXT NOT NULL,
	reason TEXT NOT NULL,
	hold_after BIGINT NOT NULL,   -- seconds
	refund_id TEXT NOT NULL,
	refund_tid TEXT NOT NULL,
	partner TEXT NOT NULL,
	wire TEXT NOT NULL,           -- what the room remembers: a JSON object
	created_at BIGINT NOT NULL,
	ended_at BIGINT NOT NULL,
	PRIMARY KEY (book, id)
) /* clustered */;
CREATE INDEX remittances_remitter ON remittances (book, remitter) WHERE remitter <> '';
CREATE INDEX remittances_owed ON remittances (book, owed) WHERE owed <> '';

CREATE TABLE consents (
	book BIGINT NOT NULL,
	id TEXT NOT NULL,
	purpose TEXT NOT NULL,
	subject TEXT NOT NULL,
	actor TEXT NOT NULL,
	mobile TEXT NOT NULL,
	amount BIGINT NOT NULL,
	reference TEXT NOT NULL, -- otp_ref_id
	salt TEXT NOT NULL,      -- sealed
	proof TEXT NOT NULL,     -- HMAC-SHA256 of the code, keyed by the salt
	tries BIGINT NOT NULL,
	state TEXT NOT NULL,     -- open, spent, dead, replaced, void
	expires_at BIGINT NOT NULL,
	ended_at BIGINT NOT NULL,
	created_at BIGINT NOT NULL,
	PRIMARY KEY (book, id)
) /* clustered */;
CREATE INDEX consents_subject ON consents (book, subject) WHERE subject <> '';

CREATE TABLE messages (
	book BIGINT NOT NULL,
	id TEXT NOT NULL,
	recipient TEXT NOT NULL, -- mobile
	day TEXT NOT NULL,       -- mobile/YYYYMMDD, in India, if it counts towards the day's limit
	about TEXT NOT NULL,
	body TEXT NOT NULL,      -- sealed until it is sent
	state TEXT NOT NULL,     -- waiting, sent, failed
	tries BIGINT NOT NULL,
	reason TEXT NOT NULL,
	sent_at BIGINT NOT NULL,
	created_at BIGINT NOT NULL,
	PRIMARY KEY (book, id)
) /* clustered */;
CREATE INDEX messages_day ON messages (book, day) WHERE day <> '';

-- What remittances cost, earn and are limited to.
ALTER TABLE terms ADD COLUMN remit_bps BIGINT NOT NULL DEFAULT 0;        -- of the amount, tax included
ALTER TABLE terms ADD COLUMN remit_flat BIGINT NOT NULL DEFAULT 0;
ALTER TABLE terms ADD COLUMN commission_bps BIGINT NOT NULL DEFAULT 0;   -- of the amount
ALTER TABLE terms ADD COLUMN commission_flat BIGINT NOT NULL DEFAULT 0;
ALTER TABLE terms ADD COLUMN tds_bps BIGINT NOT NULL DEFAULT 0;          -- of the commission
ALTER TABLE terms ADD COLUMN remit_max BIGINT NOT NULL DEFAULT 0;        -- one remittance; 0: no limit
ALTER TABLE terms ADD COLUMN remit_monthly BIGINT NOT NULL DEFAULT 0;    -- of one remitter in a calendar month; 0: no limit
ALTER TABLE terms ADD COLUMN remit_consent BOOLEAN NOT NULL DEFAULT FALSE; -- none without the customer's OTP
ALTER TABLE terms ADD COLUMN consent_life BIGINT NOT NULL DEFAULT 0;     -- seconds an OTP is good; 0: 300
