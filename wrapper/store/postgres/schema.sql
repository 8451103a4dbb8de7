CREATE TABLE IF NOT EXISTS dwolla_webhook_events (
    event_id text PRIMARY KEY,
    token    text,                 -- of the claim; null when the event was processed
    until    timestamptz NOT NULL  -- when the claim lapses, or the event is forgotten
);

CREATE INDEX IF NOT EXISTS dwolla_webhook_events_until ON dwolla_webhook_events (until);
