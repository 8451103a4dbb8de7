package postgres

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	dwolla "github.com/dwolla-go/dwolla-go/wrapper"
	"github.com/dwolla-go/dwolla-go/wrapper/webhook"
)

// A WebhookStore is a [webhook.Store] for any number of processes.
type WebhookStore struct {
	db        DB
	retention time.Duration
}

// NewWebhookStore returns a store in db, whose tables [Migrate] creates. Processed events are remembered for the
// retention; zero means [webhook.DefaultRetention]. An error is a [*dwolla.ConfigurationError].
func NewWebhookStore(db DB, retention time.Duration) (*WebhookStore, error) {
	if db == nil {
		return nil, &dwolla.ConfigurationError{Option: "NewWebhookStore", Reason: "the database is nil"}
	}
	if retention < 0 {
		return nil, &dwolla.ConfigurationError{Option: "NewWebhookStore", Reason: "the retention is negative"}
	}
	if retention == 0 {
		retention = webhook.DefaultRetention
	}
	return &WebhookStore{db: db, retention: retention}, nil
}

// An expired row, of a claim or a completed event, counts as absent. It is a single statement, so that of two concurrent
// claims the second waits for the first and then sees it.
const claimSQL = `
INSERT INTO dwolla_webhook_events AS e (event_id, token, until)
VALUES ($1, $2, clock_timestamp() + $3::interval)
ON CONFLICT (event_id) DO UPDATE SET token = excluded.token, until = clock_timestamp() + $3::interval
WHERE e.until <= clock_timestamp()`

// Claim implements [webhook.Store].
func (s *WebhookStore) Claim(ctx context.Context, eventID string, lease time.Duration) (webhook.Claim, webhook.Status, error) {
	claim := webhook.Claim{EventID: eventID, Token: rand.Text()}
	tag, err := s.db.Exec(ctx, claimSQL, unprepared, eventID, claim.Token, lease)
	if err != nil {
		return webhook.Claim{}, webhook.InProgress, failed("claim", err)
	}
	if tag.RowsAffected() == 1 {
		return claim, webhook.Claimed, nil
	}
	done, err := s.completed(ctx, eventID)
	if err != nil {
		return webhook.Claim{}, webhook.InProgress, failed("claim", err)
	}
	if done {
		return webhook.Claim{}, webhook.Completed, nil
	}
	return webhook.Claim{}, webhook.InProgress, nil
}

// Renew implements [webhook.Store].
func (s *WebhookStore) Renew(ctx context.Context, claim webhook.Claim, lease time.Duration) error {
	tag, err := s.db.Exec(ctx,
		"UPDATE dwolla_webhook_events SET until = clock_timestamp() + $3::interval WHERE event_id = $1 AND token = $2",
		unprepared, claim.EventID, claim.Token, lease)
	if err != nil {
		return failed("renew", err)
	}
	if tag.RowsAffected() == 0 {
		return webhook.ErrClaimLost
	}
	return nil
}

// Complete implements [webhook.Store].
func (s *WebhookStore) Complete(ctx context.Context, claim webhook.Claim) error {
	err := s.complete(ctx, s.db, claim)
	if !errors.Is(err, webhook.ErrClaimLost) {
		return err
	}
	switch done, err := s.completed(ctx, claim.EventID); {
	case err != nil:
		return failed("complete", err)
	case done: // by CompleteTx, or by an earlier call whose result was lost
		return nil
	default:
		return webhook.ErrClaimLost
	}
}

// CompleteTx completes the claim of a handler, see [webhook.ClaimFromContext], in the transaction in which the handler
// does its work: both are committed or neither is, so that no crash makes the event run twice. It should be the last
// statement before the commit. The error is [webhook.ErrClaimLost] if the event is already completed or somebody else
// has the claim now; the transaction must be rolled back then.
func (s *WebhookStore) CompleteTx(ctx context.Context, tx pgx.Tx, claim webhook.Claim) error {
	if tx == nil {
		return failed("complete", errors.New("the transaction is nil"))
	}
	return s.complete(ctx, tx, claim)
}

// An execer is a [DB] or a transaction.
type execer interface {
	Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error)
}

func (s *WebhookStore) complete(ctx context.Context, db execer, claim webhook.Claim) error {
	tag, err := db.Exec(ctx,
		"UPDATE dwolla_webhook_events SET token = NULL, until = clock_timestamp() + $3::interval WHERE event_id = $1 AND token = $2",
		unprepared, claim.EventID, claim.Token, s.retention)
	if err != nil {
		return failed("complete", err)
	}
	if tag.RowsAffected() == 0 {
		return webhook.ErrClaimLost
	}
	return nil
}

// Release implements [webhook.Store].
func (s *WebhookStore) Release(ctx context.Context, claim webhook.Claim) error {
	_, err := s.db.Exec(ctx, "DELETE FROM dwolla_webhook_events WHERE event_id = $1 AND token = $2", unprepared, claim.EventID, claim.Token)
	if err != nil {
		return failed("release", err)
	}
	return nil
}

// Prune deletes expired events and claims, and returns how many there were. Call it about once a day; it only keeps the
// table small.
func (s *WebhookStore) Prune(ctx context.Context) (int64, error) {
	// With clock_timestamp, which is another for each row, the index could not be used.
	tag, err := s.db.Exec(ctx, "DELETE FROM dwolla_webhook_events WHERE until <= now()")
	if err != nil {
		return 0, failed("prune", err)
	}
	return tag.RowsAffected(), nil
}

// completed reports whether the event is recorded as processed.
func (s *WebhookStore) completed(ctx context.Context, eventID string) (bool, error) {
	var done bool
	err := s.db.QueryRow(ctx, "SELECT token IS NULL FROM dwolla_webhook_events WHERE event_id = $1", unprepared, eventID).Scan(&done)
	if errors.Is(err, pgx.ErrNoRows) {
		return false, nil
	}
	return done, err
}

func failed(what string, err error) error {
	return fmt.Errorf("postgres: webhook events: %s: %w", what, err)
}
