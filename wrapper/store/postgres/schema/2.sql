-- The order of text in other collations changes with the system's C library, and indexes no longer find what is there.
ALTER TABLE dwolla_webhook_events ALTER COLUMN event_id TYPE text COLLATE "C";
ALTER TABLE dwolla_payout_records ALTER COLUMN batch TYPE text COLLATE "C";

CREATE TABLE IF NOT EXISTS dwolla_schema (
    one     boolean PRIMARY KEY DEFAULT true CHECK (one),  -- a single row
    version integer NOT NULL
);
