-- The books. Every table that belongs to a book starts its key with it, and every
-- statement names one book. Amounts are paise; times are microseconds since 1970
-- UTC, zero for "none"; texts that do not apply are empty.

CREATE TABLE merchants (
	id TEXT NOT NULL PRIMARY KEY,
	name TEXT NOT NULL,
	created_at BIGINT NOT NULL
) /* clustered */;

-- What callers show at a room's door. The secret is sealed.
CREATE TABLE credentials (
	room TEXT NOT NULL,
	name TEXT NOT NULL,
	merchant_id TEXT NOT NULL,
	book BIGINT NOT NULL,
	secret BYTEA NOT NULL,
	scopes TEXT NOT NULL,
	created_at BIGINT NOT NULL,
	revoked_at BIGINT NOT NULL,
	PRIMARY KEY (room, name)
) /* clustered */;

-- One merchant's ledger in one mode. Its row is locked while a batch of changes
-- is made: that lock is the order of the book.
CREATE TABLE books (
	book BIGINT NOT NULL PRIMARY KEY,
	merchant_id TEXT NOT NULL,
	mode TEXT NOT NULL,
	name TEXT NOT NULL,
	clock_frozen BIGINT NOT NULL, -- the moment at which the book's time stands still
	clock_ahead BIGINT NOT NULL,  -- otherwise nanoseconds ahead of the wall's
	wake_at BIGINT NOT NULL,      -- on the wall's clock: when a timer may be due
	seal BIGINT NOT NULL,         -- numbers of the last seal, entry and event
	entry BIGINT NOT NULL,
	event BIGINT NOT NULL,
	last_id BIGINT NOT NULL,      -- nanoseconds since 2014 of the last id
	hash TEXT NOT NULL,           -- of the last seal
	state TEXT NOT NULL,          -- digest of every row of the book that may change
	created_at BIGINT NOT NULL
);
CREATE INDEX books_wake_at ON books (wake_at) WHERE wake_at > 0;

-- What a batch of changes leaves behind: which entries and events it wrote, and
-- a hash of them and of the state of all rows after it, chained to the one before.
CREATE TABLE seals (
	book BIGINT NOT NULL,
	n BIGINT NOT NULL,
	sealed_at BIGINT NOT NULL, -- the wall's clock
	entry BIGINT NOT NULL,     -- the last entry and event it covers
	event BIGINT NOT NULL,
	state TEXT NOT NULL,
	hash TEXT NOT NULL,
	PRIMARY KEY (book, n)
) /* clustered */;

-- Balances, on the account's normal side, with the position of the last posting.
CREATE TABLE accounts (
	book BIGINT NOT NULL,
	id TEXT NOT NULL,
	balance BIGINT NOT NULL,
	n BIGINT NOT NULL,
	PRIMARY KEY (book, id)
) /* clustered */;

CREATE TABLE entries (
	book BIGINT NOT NULL,
	no BIGINT NOT NULL,
	reason TEXT NOT NULL,
	cause TEXT NOT NULL,
	at BIGINT NOT NULL,
	PRIMARY KEY (book, no)
) /* clustered */;
CREATE INDEX entries_cause ON entries (book, cause);

CREATE TABLE postings (
	book BIGINT NOT NULL,
	account TEXT NOT NULL,
	n BIGINT NOT NULL,       -- position in the account's history, dense from 1
	entry BIGINT NOT NULL,
	line BIGINT NOT NULL,    -- position in the entry, from 1
	side BIGINT NOT NULL CHECK (side IN (1, -1)), -- 1 debit, -1 credit
	amount BIGINT NOT NULL CHECK (amount > 0),
	balance BIGINT NOT NULL, -- of the account after it
	PRIMARY KEY (book, account, n)
) /* clustered */;
CREATE UNIQUE INDEX postings_entry ON postings (book, entry, line);

-- A customer's statement: what each entry did to the wallet.
CREATE TABLE wallet_lines (
	book BIGINT NOT NULL,
	wallet TEXT NOT NULL,
	n BIGINT NOT NULL, -- position in the statement, dense from 1
	id TEXT NOT NULL,
	entry BIGINT NOT NULL,
	source TEXT NOT NULL,
	type TEXT NOT NULL,
	credit BIGINT NOT NULL,
	debit BIGINT NOT NULL,
	balance BIGINT NOT NULL,
	description TEXT NOT NULL,
	created_at BIGINT NOT NULL,
	PRIMARY KEY (book, wallet, n)
) /* clustered */;

CREATE TABLE events (
	book BIGINT NOT NULL,
	no BIGINT NOT NULL,
	id TEXT NOT NULL,
	name TEXT NOT NULL,
	at BIGINT NOT NULL,
	about TEXT NOT NULL, -- the rows it is about as they stood: a JSON array
	PRIMARY KEY (book, no)
) /* clustered */;

CREATE TABLE terms (
	book BIGINT NOT NULL,
	id TEXT NOT NULL,
	from_at BIGINT NOT NULL,
	programme TEXT NOT NULL,
	allow_payout BOOLEAN NOT NULL,
	max_balance BIGINT NOT NULL,
	monthly_load BIGINT NOT NULL,
	monthly_usage BIGINT NOT NULL,
	monthly_spend BIGINT NOT NULL,
	payment_bps BIGINT NOT NULL,
	transfer_bps BIGINT NOT NULL,
	payout_bps BIGINT NOT NULL,
	instant_bps BIGINT NOT NULL,
	payment_flat BIGINT NOT NULL,
	transfer_flat BIGINT NOT NULL,
	payout_flat BIGINT NOT NULL,
	instant_flat BIGINT NOT NULL,
	interstate BOOLEAN NOT NULL,
	payout_fee_from_merchant BOOLEAN NOT NULL,
	min_refund BIGINT NOT NULL,
	available_after BIGINT NOT NULL,
	capture_within BIGINT NOT NULL,
	overdraft BIGINT NOT NULL,
	confirm_refunds BOOLEAN NOT NULL,
	unique_receipt BOOLEAN NOT NULL,
	use_refund_credits BOOLEAN NOT NULL,
	same_refund_guard BIGINT NOT NULL,
	PRIMARY KEY (book, id)
) /* clustered */;

CREATE TABLE keys (
	book BIGINT NOT NULL,
	id TEXT NOT NULL,
	digest TEXT NOT NULL,
	answer TEXT NOT NULL,
	code TEXT NOT NULL,
	why TEXT NOT NULL,
	field TEXT NOT NULL,
	detail TEXT NOT NULL,
	created_at BIGINT NOT NULL,
	PRIMARY KEY (book, id)
) /* clustered */;

CREATE TABLE timers (
	book BIGINT NOT NULL,
	id TEXT NOT NULL,
	what TEXT NOT NULL,
	subject TEXT NOT NULL,
	due_at BIGINT NOT NULL,
	PRIMARY KEY (book, id)
) /* clustered */;
CREATE INDEX timers_due_at ON timers (book, due_at) WHERE due_at > 0;

CREATE TABLE rail_orders (
	book BIGINT NOT NULL,
	id TEXT NOT NULL,
	rail TEXT NOT NULL,
	what TEXT NOT NULL,
	speed TEXT NOT NULL,
	method TEXT NOT NULL,
	destination TEXT NOT NULL,
	amount BIGINT NOT NULL,
	state TEXT NOT NULL,
	outcome TEXT NOT NULL,
	reason TEXT NOT NULL,
	reference TEXT NOT NULL,
	asked BIGINT NOT NULL,
	sent_at BIGINT NOT NULL,
	ended_at BIGINT NOT NULL,
	created_at BIGINT NOT NULL,
	PRIMARY KEY (book, id)
) /* clustered */;
CREATE INDEX rail_orders_open ON rail_orders (book, what, ended_at, id) WHERE ended_at = 0;

CREATE TABLE exceptions (
	book BIGINT NOT NULL,
	id TEXT NOT NULL,
	what TEXT NOT NULL,
	subject TEXT NOT NULL,
	detail TEXT NOT NULL,
	created_at BIGINT NOT NULL,
	closed_at BIGINT NOT NULL,
	PRIMARY KEY (book, id)
) /* clustered */;
CREATE INDEX exceptions_subject ON exceptions (book, subject) WHERE subject <> '';
CREATE INDEX exceptions_open ON exceptions (book, closed_at, id) WHERE closed_at = 0;

CREATE TABLE customers (
	book BIGINT NOT NULL,
	id TEXT NOT NULL,
	name TEXT NOT NULL,
	email TEXT NOT NULL,
	contact TEXT NOT NULL,
	gstin TEXT NOT NULL,
	notes TEXT NOT NULL,
	created_at BIGINT NOT NULL,
	PRIMARY KEY (book, id)
) /* clustered */;

CREATE TABLE bank_accounts (
	book BIGINT NOT NULL,
	id TEXT NOT NULL,
	customer_id TEXT NOT NULL,
	ifsc TEXT NOT NULL,
	bank_name TEXT NOT NULL,
	name TEXT NOT NULL,
	number TEXT NOT NULL,
	line1 TEXT NOT NULL,
	line2 TEXT NOT NULL,
	line3 TEXT NOT NULL,
	city TEXT NOT NULL,
	state TEXT NOT NULL,
	country TEXT NOT NULL,
	pin TEXT NOT NULL,
	email TEXT NOT NULL,
	mobile TEXT NOT NULL,
	deleted BOOLEAN NOT NULL,
	created_at BIGINT NOT NULL,
	PRIMARY KEY (book, id)
) /* clustered */;
CREATE INDEX bank_accounts_customer_id ON bank_accounts (book, customer_id) WHERE customer_id <> '';

CREATE TABLE wallets (
	book BIGINT NOT NULL,
	id TEXT NOT NULL,
	lines BIGINT NOT NULL,
	month BIGINT NOT NULL,
	usage BIGINT NOT NULL,
	sent BIGINT NOT NULL,
	loaded BIGINT NOT NULL,
	over_limit BOOLEAN NOT NULL,
	created_at BIGINT NOT NULL,
	PRIMARY KEY (book, id)
) /* clustered */;

CREATE TABLE orders (
	book BIGINT NOT NULL,
	id TEXT NOT NULL,
	amount BIGINT NOT NULL,
	paid BIGINT NOT NULL,
	refunded BIGINT NOT NULL,
	receipt TEXT NOT NULL,
	status TEXT NOT NULL,
	attempts BIGINT NOT NULL,
	capture BOOLEAN NOT NULL,
	partial BOOLEAN NOT NULL,
	first_min BIGINT NOT NULL,
	auto_expiry BIGINT NOT NULL,
	manual_expiry BIGINT NOT NULL,
	refund_speed TEXT NOT NULL,
	authorized BOOLEAN NOT NULL,
	open_payment TEXT NOT NULL,
	has_transfers BOOLEAN NOT NULL,
	notes TEXT NOT NULL,
	created_at BIGINT NOT NULL,
	PRIMARY KEY (book, id)
) /* clustered */;

CREATE TABLE payments (
	book BIGINT NOT NULL,
	id TEXT NOT NULL,
	order_id TEXT NOT NULL,
	customer_id TEXT NOT NULL,
	amount BIGINT NOT NULL,
	status TEXT NOT NULL,
	captured BOOLEAN NOT NULL,
	method TEXT NOT NULL,
	bank TEXT NOT NULL,
	wallet TEXT NOT NULL,
	vpa TEXT NOT NULL,
	card_id TEXT NOT NULL,
	card_name TEXT NOT NULL,
	card_last4 TEXT NOT NULL,
	card_network TEXT NOT NULL,
	card_type TEXT NOT NULL,
	card_issuer TEXT NOT NULL,
	card_iin TEXT NOT NULL,
	international BOOLEAN NOT NULL,
	email TEXT NOT NULL,
	contact TEXT NOT NULL,
	description TEXT NOT NULL,
	notes TEXT NOT NULL,
	fee BIGINT NOT NULL,
	tax BIGINT NOT NULL,
	promo BIGINT NOT NULL,
	promo_back BIGINT NOT NULL,
	refunded BIGINT NOT NULL,
	refund_pending BIGINT NOT NULL,
	disputed BIGINT NOT NULL,
	dispute_open BIGINT NOT NULL,
	excess BIGINT NOT NULL,
	transferred BIGINT NOT NULL,
	provider TEXT NOT NULL,
	reference TEXT NOT NULL,
	error_code TEXT NOT NULL,
	error_description TEXT NOT NULL,
	error_source TEXT NOT NULL,
	error_step TEXT NOT NULL,
	error_reason TEXT NOT NULL,
	authorized_at BIGINT NOT NULL,
	captured_at BIGINT NOT NULL,
	created_at BIGINT NOT NULL,
	PRIMARY KEY (book, id)
) /* clustered */;
CREATE INDEX payments_order_id ON payments (book, order_id) WHERE order_id <> '';

CREATE TABLE refunds (
	book BIGINT NOT NULL,
	id TEXT NOT NULL,
	payment_id TEXT NOT NULL,
	order_id TEXT NOT NULL,
	amount BIGINT NOT NULL,
	promo BIGINT NOT NULL,
	destination TEXT NOT NULL,
	state TEXT NOT NULL,
	speed TEXT NOT NULL,
	speed_done TEXT NOT NULL,
	receipt TEXT NOT NULL,
	reference TEXT NOT NULL,
	reason TEXT NOT NULL,
	fee BIGINT NOT NULL,
	tax BIGINT NOT NULL,
	unsettled BOOLEAN NOT NULL,
	reverse_all BOOLEAN NOT NULL,
	credits BOOLEAN NOT NULL,
	confirm BOOLEAN NOT NULL,
	proof TEXT NOT NULL,
	provider TEXT NOT NULL,
	notes TEXT NOT NULL,
	created_at BIGINT NOT NULL,
	processed_at BIGINT NOT NULL,
	PRIMARY KEY (book, id)
) /* clustered */;
CREATE INDEX refunds_payment_id ON refunds (book, payment_id) WHERE payment_id <> '';

CREATE TABLE transfers (
	book BIGINT NOT NULL,
	id TEXT NOT NULL,
	source TEXT NOT NULL,
	made_of TEXT NOT NULL,
	recipient TEXT NOT NULL,
	amount BIGINT NOT NULL,
	reversed BIGINT NOT NULL,
	fee BIGINT NOT NULL,
	tax BIGINT NOT NULL,
	state TEXT NOT NULL,
	promo BOOLEAN NOT NULL,
	on_hold BOOLEAN NOT NULL,
	hold_until BIGINT NOT NULL,
	settlement_id TEXT NOT NULL,
	settlement_state TEXT NOT NULL,
	tries BIGINT NOT NULL,
	error_code TEXT NOT NULL,
	error_description TEXT NOT NULL,
	error_reason TEXT NOT NULL,
	error_step TEXT NOT NULL,
	error_source TEXT NOT NULL,
	error_field TEXT NOT NULL,
	notes TEXT NOT NULL,
	linked_notes TEXT NOT NULL,
	created_at BIGINT NOT NULL,
	processed_at BIGINT NOT NULL,
	PRIMARY KEY (book, id)
) /* clustered */;
CREATE INDEX transfers_made_of ON transfers (book, made_of) WHERE made_of <> '';
-- Only transfers to linked accounts are settled: those to wallets are in neither.
CREATE INDEX transfers_settlement_state ON transfers (book, recipient, settlement_state, settlement_id) WHERE settlement_state <> '';
CREATE INDEX transfers_settlement_id ON transfers (book, settlement_id) WHERE settlement_id <> '';

CREATE TABLE reversals (
	book BIGINT NOT NULL,
	id TEXT NOT NULL,
	transfer_id TEXT NOT NULL,
	refund_id TEXT NOT NULL,
	amount BIGINT NOT NULL,
	notes TEXT NOT NULL,
	created_at BIGINT NOT NULL,
	PRIMARY KEY (book, id)
) /* clustered */;
CREATE INDEX reversals_transfer_id ON reversals (book, transfer_id) WHERE transfer_id <> '';

CREATE TABLE linked_accounts (
	book BIGINT NOT NULL,
	id TEXT NOT NULL,
	email TEXT NOT NULL,
	phone TEXT NOT NULL,
	type TEXT NOT NULL,
	reference TEXT NOT NULL,
	legal_name TEXT NOT NULL,
	business_type TEXT NOT NULL,
	contact_name TEXT NOT NULL,
	customer_facing_name TEXT NOT NULL,
	wire TEXT NOT NULL,
	status TEXT NOT NULL,
	notes TEXT NOT NULL,
	suspended_at BIGINT NOT NULL,
	created_at BIGINT NOT NULL,
	PRIMARY KEY (book, id)
) /* clustered */;

CREATE TABLE stakeholders (
	book BIGINT NOT NULL,
	id TEXT NOT NULL,
	account_id TEXT NOT NULL,
	name TEXT NOT NULL,
	email TEXT NOT NULL,
	wire TEXT NOT NULL,
	notes TEXT NOT NULL,
	created_at BIGINT NOT NULL,
	PRIMARY KEY (book, id)
) /* clustered */;
CREATE INDEX stakeholders_account_id ON stakeholders (book, account_id) WHERE account_id <> '';

CREATE TABLE products (
	book BIGINT NOT NULL,
	id TEXT NOT NULL,
	account_id TEXT NOT NULL,
	name TEXT NOT NULL,
	status TEXT NOT NULL,
	wire TEXT NOT NULL,
	created_at BIGINT NOT NULL,
	PRIMARY KEY (book, id)
) /* clustered */;
CREATE INDEX products_account_id ON products (book, account_id) WHERE account_id <> '';

CREATE TABLE documents (
	book BIGINT NOT NULL,
	id TEXT NOT NULL,
	owner_id TEXT NOT NULL,
	type TEXT NOT NULL,
	name TEXT NOT NULL,
	form TEXT NOT NULL,
	size BIGINT NOT NULL,
	sha256 TEXT NOT NULL,
	created_at BIGINT NOT NULL,
	PRIMARY KEY (book, id)
) /* clustered */;
CREATE INDEX documents_owner_id ON documents (book, owner_id) WHERE owner_id <> '';

CREATE TABLE fund_accounts (
	book BIGINT NOT NULL,
	id TEXT NOT NULL,
	customer_id TEXT NOT NULL,
	type TEXT NOT NULL,
	name TEXT NOT NULL,
	ifsc TEXT NOT NULL,
	bank_name TEXT NOT NULL,
	number TEXT NOT NULL,
	active BOOLEAN NOT NULL,
	created_at BIGINT NOT NULL,
	PRIMARY KEY (book, id)
) /* clustered */;
CREATE INDEX fund_accounts_customer_id ON fund_accounts (book, customer_id) WHERE customer_id <> '';

CREATE TABLE payouts (
	book BIGINT NOT NULL,
	id TEXT NOT NULL,
	customer_id TEXT NOT NULL,
	fund_account_id TEXT NOT NULL,
	amount BIGINT NOT NULL,
	fee BIGINT NOT NULL,
	tax BIGINT NOT NULL,
	merchant_fee BOOLEAN NOT NULL,
	borne BIGINT NOT NULL,
	state TEXT NOT NULL,
	purpose TEXT NOT NULL,
	utr TEXT NOT NULL,
	mode TEXT NOT NULL,
	reference TEXT NOT NULL,
	narration TEXT NOT NULL,
	reason TEXT NOT NULL,
	notes TEXT NOT NULL,
	created_at BIGINT NOT NULL,
	processed_at BIGINT NOT NULL,
	PRIMARY KEY (book, id)
) /* clustered */;

CREATE TABLE settlements (
	book BIGINT NOT NULL,
	id TEXT NOT NULL,
	account_id TEXT NOT NULL,
	amount BIGINT NOT NULL,
	requested BIGINT NOT NULL,
	fee BIGINT NOT NULL,
	tax BIGINT NOT NULL,
	state TEXT NOT NULL,
	on_demand BOOLEAN NOT NULL,
	full_balance BOOLEAN NOT NULL,
	first_line BIGINT NOT NULL,
	last_line BIGINT NOT NULL,
	utr TEXT NOT NULL,
	description TEXT NOT NULL,
	notes TEXT NOT NULL,
	created_at BIGINT NOT NULL,
	processed_at BIGINT NOT NULL,
	PRIMARY KEY (book, id)
) /* clustered */;
CREATE INDEX settlements_account_id ON settlements (book, account_id) WHERE account_id <> '';

CREATE TABLE endpoints (
	book BIGINT NOT NULL,
	id TEXT NOT NULL,
	account_id TEXT NOT NULL,
	url TEXT NOT NULL,
	alert_email TEXT NOT NULL,
	secret TEXT NOT NULL,
	events TEXT NOT NULL,
	active BOOLEAN NOT NULL,
	deleted BOOLEAN NOT NULL,
	created_at BIGINT NOT NULL,
	updated_at BIGINT NOT NULL,
	PRIMARY KEY (book, id)
) /* clustered */;
CREATE INDEX endpoints_account_id ON endpoints (book, account_id) WHERE account_id <> '';
