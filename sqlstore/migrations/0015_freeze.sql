-- Why a wallet or what a member holds is frozen, and since when.
ALTER TABLE wallets ADD COLUMN frozen BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE wallets ADD COLUMN frozen_for TEXT NOT NULL DEFAULT '';
ALTER TABLE wallets ADD COLUMN frozen_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE members ADD COLUMN frozen_for TEXT NOT NULL DEFAULT '';
ALTER TABLE members ADD COLUMN frozen_at BIGINT NOT NULL DEFAULT 0;

-- Which are frozen; what was paid out of a wallet.
CREATE INDEX wallets_frozen ON wallets (book, frozen, id) WHERE frozen;
CREATE INDEX members_frozen ON members (book, frozen, id) WHERE frozen;
CREATE INDEX payouts_customer_id ON payouts (book, customer_id, id) WHERE customer_id <> '';
