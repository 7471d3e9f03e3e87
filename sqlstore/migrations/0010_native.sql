-- What a person reads out at the counter finds a refund: its state, its order, the
-- proof that it went, the room it came through, and whom the payment was from.
CREATE INDEX refunds_state ON refunds (book, state, id) WHERE state <> '';
CREATE INDEX refunds_order_id ON refunds (book, order_id, id) WHERE order_id <> '';
CREATE INDEX refunds_receipt ON refunds (book, receipt, id) WHERE receipt <> '';
CREATE INDEX refunds_reference ON refunds (book, reference, id) WHERE reference <> '';
CREATE INDEX refunds_room ON refunds (book, room, id) WHERE room <> '';
CREATE INDEX refunds_holder ON refunds (book, holder, id) WHERE holder <> '';
CREATE INDEX payments_contact ON payments (book, contact, id) WHERE contact <> '';
CREATE INDEX payments_email ON payments (book, email, id) WHERE email <> '';
CREATE INDEX payments_reference ON payments (book, reference, id) WHERE reference <> '';
CREATE INDEX payments_customer_id ON payments (book, customer_id, id) WHERE customer_id <> '';
CREATE INDEX orders_receipt ON orders (book, receipt, id) WHERE receipt <> '';
CREATE INDEX customers_contact ON customers (book, contact, id) WHERE contact <> '';
CREATE INDEX customers_email ON customers (book, email, id) WHERE email <> '';
CREATE INDEX members_email ON members (book, email, id) WHERE email <> '';
CREATE INDEX credits_reference ON credits (book, reference, id) WHERE reference <> '';
CREATE INDEX remittances_customer ON remittances (book, customer, id) WHERE customer <> '';
CREATE INDEX reversals_refund_id ON reversals (book, refund_id, id) WHERE refund_id <> '';

-- The first of the rows that an event is about, for a thing's timeline. Events that
-- were recorded before this have none.
ALTER TABLE events ADD COLUMN subject TEXT NOT NULL DEFAULT '';
CREATE INDEX events_subject ON events (book, subject, no) WHERE subject <> '';
