-- What waits for a person, by its sort: these hold only what waits.
CREATE INDEX exceptions_what ON exceptions (book, what, id) WHERE closed_at = 0;
CREATE INDEX jobs_asked ON jobs (book, id) WHERE state = 'asked';

-- What was sent to one endpoint, and what of it is not well.
CREATE INDEX deliveries_endpoint ON deliveries (book, endpoint_id, event, id);
CREATE INDEX deliveries_trouble ON deliveries (book, endpoint_id, state, event) WHERE state <> 'delivered';
