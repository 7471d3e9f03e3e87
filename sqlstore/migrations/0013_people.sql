-- Who looks after a merchant's books in the console. People lie outside books.
CREATE TABLE people (
	id TEXT NOT NULL PRIMARY KEY,
	merchant_id TEXT NOT NULL,
	email TEXT NOT NULL UNIQUE, -- in small letters
	name TEXT NOT NULL,
	role TEXT NOT NULL,         -- viewer, support, finance, admin
	password TEXT NOT NULL,     -- argon2id, with its salt
	epoch BIGINT NOT NULL,      -- how often all sessions were ended
	created_at BIGINT NOT NULL, -- the wall's clock, as all times here
	disabled_at BIGINT NOT NULL,
	last_seen BIGINT NOT NULL
);
CREATE INDEX people_merchant_id ON people (merchant_id);

CREATE TABLE sessions (
	id TEXT NOT NULL PRIMARY KEY, -- SHA-256 of what the browser shows
	person_id TEXT NOT NULL,
	epoch BIGINT NOT NULL,        -- good only as long as it is the person's
	address TEXT NOT NULL,
	created_at BIGINT NOT NULL,
	seen_at BIGINT NOT NULL,
	expires_at BIGINT NOT NULL
) /* clustered */;
CREATE INDEX sessions_expires_at ON sessions (expires_at);

-- How often somebody tried to sign in: by address and by e-mail, both hashed.
CREATE TABLE sign_ins (
	name TEXT NOT NULL PRIMARY KEY,
	tries BIGINT NOT NULL,
	until BIGINT NOT NULL         -- then the count begins anew
) /* clustered */;
CREATE INDEX sign_ins_until ON sign_ins (until);

-- What was done by hand. Nobody changes or deletes it: see 0013_people_kept.
CREATE TABLE acts (
	book BIGINT NOT NULL,
	id TEXT NOT NULL,
	person TEXT NOT NULL,       -- a person's id, a credential's name, or cli: and a user
	name TEXT NOT NULL,
	what TEXT NOT NULL,
	about TEXT NOT NULL,        -- the id of what it was done to
	detail TEXT NOT NULL,       -- JSON
	address TEXT NOT NULL,
	created_at BIGINT NOT NULL,
	PRIMARY KEY (book, id)
) /* clustered */;
CREATE INDEX acts_about ON acts (book, about, id) WHERE about <> '';
CREATE INDEX acts_person ON acts (book, person, id) WHERE person <> '';

-- Calls of the API that came in, and what was answered, both masked. They lie
-- beside the books as deliveries do, and what is old is deleted.
CREATE TABLE requests (
	book BIGINT NOT NULL,
	id TEXT NOT NULL,           -- begins with the wall's time
	request_id TEXT NOT NULL,   -- what the caller and the log know it by
	room TEXT NOT NULL,
	method TEXT NOT NULL,
	path TEXT NOT NULL,
	status BIGINT NOT NULL,
	took BIGINT NOT NULL,       -- nanoseconds
	caller TEXT NOT NULL,       -- the name of the credential
	content_type TEXT NOT NULL, -- of the request
	request TEXT NOT NULL,
	answer TEXT NOT NULL,
	about TEXT NOT NULL,        -- the first id of ours in the answer, or else in the path
	reference TEXT NOT NULL,    -- the one in the path, or else the caller's own name for it
	created_at BIGINT NOT NULL, -- the wall's clock
	PRIMARY KEY (book, id)
) /* clustered */;
CREATE INDEX requests_request_id ON requests (book, request_id, id) WHERE request_id <> '';
CREATE INDEX requests_about ON requests (book, about, id) WHERE about <> '';
CREATE INDEX requests_reference ON requests (book, reference, id) WHERE reference <> '';
