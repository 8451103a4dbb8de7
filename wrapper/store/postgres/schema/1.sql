CREATE TABLE IF NOT EXISTS dwolla_webhook_events (
    event_id text PRIMARY KEY,
    token    text,                 -- of the claim; null once the event was processed
    until    timestamptz NOT NULL  -- when the claim expires, or the event is forgotten
);

CREATE INDEX IF NOT EXISTS dwolla_webhook_events_until ON dwolla_webhook_events (until);

CREATE TABLE IF NOT EXISTS dwolla_payout_records (
    batch text NOT NULL,
    key   text COLLATE "C" NOT NULL,  -- sorts by bytes, whatever the collation of the database
    value bytea NOT NULL,
    PRIMARY KEY (batch, key)
);
