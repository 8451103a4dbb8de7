package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	dwolla "github.com/dwolla-go/dwolla-go/wrapper"
	"github.com/dwolla-go/dwolla-go/wrapper/payout"
)

// A PayoutStore is a [payout.Store] for any number of processes.
type PayoutStore struct {
	pool *pgxpool.Pool
}

var _ payout.Store = (*PayoutStore)(nil)

// NewPayoutStore keeps the record of batches in the database of the pool, whose tables [Migrate] has made. It takes a
// pool and no [DB]: what an update wrote must be durable when it returns, which it is not within another transaction.
// An error is a [*dwolla.ConfigurationError].
func NewPayoutStore(pool *pgxpool.Pool) (*PayoutStore, error) {
	if pool == nil {
		return nil, &dwolla.ConfigurationError{Option: "NewPayoutStore", Reason: "the pool is nil"}
	}
	return &PayoutStore{pool: pool}, nil
}

// The settings end with the transaction. The commit must be on disk whatever the settings of the session are. A worker
// that is frozen within a transaction is cut off, before those that wait for its lock give up.
const (
	limits = `;
SET LOCAL idle_in_transaction_session_timeout = '5s';
SET LOCAL lock_timeout = '10s'`
	beginUpdate = "BEGIN ISOLATION LEVEL READ COMMITTED; SET LOCAL synchronous_commit = on" + limits
	beginView   = "BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY" + limits
)

// The lock makes the writers of one batch wait for each other; it ends with the transaction.
const lockSQL = "SELECT pg_advisory_xact_lock(hashtextextended('dwolla_payout_records:' || $1, 0))"

// Update implements [payout.Store].
func (s *PayoutStore) Update(ctx context.Context, batch string, fn func(payout.Tx) error) error {
	return s.transact(ctx, beginUpdate, batch, func(t *payoutTx) error {
		if _, err := t.tx.Exec(ctx, lockSQL, unprepared, batch); err != nil {
			return err
		}
		return t.run(fn)
	})
}

// View implements [payout.Store].
func (s *PayoutStore) View(ctx context.Context, batch string, fn func(payout.Tx) error) error {
	return s.transact(ctx, beginView, batch, func(t *payoutTx) error { return t.run(fn) })
}

// batchesSQL skips from one batch to the next, since the primary key has many entries for each.
const batchesSQL = `
WITH RECURSIVE b (batch) AS (
    (SELECT batch FROM dwolla_payout_records ORDER BY batch LIMIT 1)
    UNION ALL
    SELECT (SELECT r.batch FROM dwolla_payout_records r WHERE r.batch > b.batch ORDER BY r.batch LIMIT 1)
    FROM b WHERE b.batch IS NOT NULL
)
SELECT batch FROM b WHERE batch IS NOT NULL`

// Batches implements [payout.Store].
func (s *PayoutStore) Batches(ctx context.Context) ([]string, error) {
	rows, err := s.pool.Query(ctx, batchesSQL, unprepared)
	if err != nil {
		return nil, payoutError(ctx, err)
	}
	batches, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return nil, payoutError(ctx, err)
	}
	return batches, nil
}

// Close implements [payout.Store]. The pool stays open: it is the caller's.
func (s *PayoutStore) Close() error { return nil }

func (s *PayoutStore) transact(ctx context.Context, begin, batch string, fn func(*payoutTx) error) error {
	err := pgx.BeginTxFunc(ctx, s.pool, pgx.TxOptions{BeginQuery: begin}, func(tx pgx.Tx) error {
		return fn(&payoutTx{ctx: ctx, tx: tx, batch: batch})
	})
	if err != nil {
		return payoutError(ctx, err)
	}
	return nil
}

// payoutError tells errors that may pass from those that will not.
func payoutError(ctx context.Context, err error) error {
	if ctx.Err() == nil && mayPass(err) {
		return fmt.Errorf("postgres: payout records: %w: %w", payout.ErrStoreUnavailable, err)
	}
	return fmt.Errorf("postgres: payout records: %w", err)
}

type payoutTx struct {
	ctx   context.Context // a payoutTx lives as long as one call of Update or View
	tx    pgx.Tx
	batch string
	now   time.Time
}

// run reads the clock, after the wait for the lock.
func (t *payoutTx) run(fn func(payout.Tx) error) error {
	if err := t.tx.QueryRow(t.ctx, "SELECT clock_timestamp()", unprepared).Scan(&t.now); err != nil {
		return err
	}
	return fn(t)
}

func (t *payoutTx) Get(key string) ([]byte, error) {
	var value []byte
	err := t.tx.QueryRow(t.ctx, "SELECT value FROM dwolla_payout_records WHERE batch = $1 AND key = $2", unprepared, t.batch, key).Scan(&value)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, nil
	}
	return value, err
}

// A nil value is an empty one, not NULL.
const putSQL = `
INSERT INTO dwolla_payout_records (batch, key, value) VALUES ($1, $2, coalesce($3::bytea, ''))
ON CONFLICT (batch, key) DO UPDATE SET value = excluded.value`

func (t *payoutTx) Put(key string, value []byte) error {
	_, err := t.tx.Exec(t.ctx, putSQL, unprepared, t.batch, key, value)
	return err
}

func (t *payoutTx) Delete(key string) error {
	_, err := t.tx.Exec(t.ctx, "DELETE FROM dwolla_payout_records WHERE batch = $1 AND key = $2", unprepared, t.batch, key)
	return err
}

// PostgreSQL 15 and later turn starts_with into a range of the primary key; earlier ones need the comparison for that.
const scanSQL = `
SELECT key, value FROM dwolla_payout_records
WHERE batch = $1 AND key >= $2 AND starts_with(key, $2) AND key > $3
ORDER BY key LIMIT $4`

// Scan reads some keys at a time, since most scans end at one of the first, and values can be large.
func (t *payoutTx) Scan(prefix string, visit func(key string, value []byte) error) error {
	last := ""
	const limit = 64
	for {
		rows, err := t.tx.Query(t.ctx, scanSQL, unprepared, t.batch, prefix, last, limit)
		if err != nil {
			return err
		}
		var value []byte
		n := 0
		_, err = pgx.ForEachRow(rows, []any{&last, &value}, func() error {
			n++
			return visit(last, value)
		})
		if err != nil || n < limit {
			return err
		}
	}
}

func (t *payoutTx) Now() time.Time { return t.now }
