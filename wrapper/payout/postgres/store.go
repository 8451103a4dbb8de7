// Package postgres keeps the record of payouts in PostgreSQL, for several workers on several machines:
//
//	pool, err := pgxpool.New(ctx, os.Getenv("DATABASE_URL"))
//	store := postgres.New(pool)
//	err = store.Migrate(ctx)
//	runner, err := payout.NewRunner(store, payout.Dwolla(client), payout.Options{})
//
// Every worker runs the same batch. No two send the same chunk, and the chunk of a worker that died is taken over when
// its lease ends. It is a module of its own, so that nobody compiles pgx who does not use it.
package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/dwolla-go/dwolla-go/wrapper/payout"
)

// Schema is the one table of the record, for those who migrate by other means than [Store.Migrate]. Keys sort by byte,
// whatever the collation of the database is.
const Schema = `create table if not exists payout_record (
	batch text  not null,
	key   text  collate "C" not null,
	value bytea not null,
	primary key (batch, key)
)`

// A Store is a [payout.Store] in PostgreSQL. Its clock is the server's.
type Store struct {
	pool *pgxpool.Pool
}

var _ payout.Store = (*Store)(nil)

// New makes a store over a pool, which stays the caller's to close.
func New(pool *pgxpool.Pool) *Store { return &Store{pool: pool} }

// Migrate makes the table if it is not there.
func (s *Store) Migrate(ctx context.Context) error {
	if _, err := s.pool.Exec(ctx, Schema); err != nil {
		return fmt.Errorf("payout/postgres: the table cannot be made: %w", err)
	}
	return nil
}

// lock has the writers of one batch wait for each other; it ends with the transaction. The commit must be on disk
// whatever the session's settings are.
const lock = `select pg_advisory_xact_lock(hashtextextended('payout_record:' || $1, 0)), set_config('synchronous_commit', 'on', true)`

// Update implements [payout.Store].
func (s *Store) Update(ctx context.Context, batch string, fn func(payout.Tx) error) error {
	return s.transaction(ctx, pgx.TxOptions{IsoLevel: pgx.ReadCommitted}, batch, func(t *tx) error {
		if _, err := t.tx.Exec(ctx, lock, batch); err != nil {
			return err
		}
		return t.begin(fn)
	})
}

// View implements [payout.Store].
func (s *Store) View(ctx context.Context, batch string, fn func(payout.Tx) error) error {
	options := pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}
	return s.transaction(ctx, options, batch, func(t *tx) error { return t.begin(fn) })
}

// Close implements [payout.Store]; the pool stays open.
func (s *Store) Close() error { return nil }

func (s *Store) transaction(ctx context.Context, options pgx.TxOptions, batch string, fn func(*tx) error) error {
	err := pgx.BeginTxFunc(ctx, s.pool, options, func(t pgx.Tx) error {
		return fn(&tx{ctx: ctx, tx: t, batch: batch})
	})
	if err != nil {
		return fmt.Errorf("payout/postgres: %w", err)
	}
	return nil
}

type tx struct {
	ctx   context.Context //nolint:containedctx // lives as long as one transaction
	tx    pgx.Tx
	batch string
	now   time.Time
}

// begin reads the clock after the lock was waited for.
func (t *tx) begin(fn func(payout.Tx) error) error {
	if err := t.tx.QueryRow(t.ctx, `select clock_timestamp()`).Scan(&t.now); err != nil {
		return err
	}
	return fn(t)
}

func (t *tx) Get(key string) ([]byte, error) {
	var value []byte
	err := t.tx.QueryRow(t.ctx, `select value from payout_record where batch = $1 and key = $2`, t.batch, key).Scan(&value)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, nil
	}
	return value, err
}

func (t *tx) Put(key string, value []byte) error {
	_, err := t.tx.Exec(t.ctx, `insert into payout_record (batch, key, value) values ($1, $2, $3)
		on conflict (batch, key) do update set value = excluded.value`, t.batch, key, value)
	return err
}

func (t *tx) Delete(key string) error {
	_, err := t.tx.Exec(t.ctx, `delete from payout_record where batch = $1 and key = $2`, t.batch, key)
	return err
}

// Scan reads by range, which the primary key serves.
func (t *tx) Scan(prefix string, visit func(key string, value []byte) error) error {
	rows, err := t.tx.Query(t.ctx, `select key, value from payout_record
		where batch = $1 and key >= $2 and starts_with(key, $2) order by key`, t.batch, prefix)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var key string
		var value []byte
		if err := rows.Scan(&key, &value); err != nil {
			return err
		}
		if err := visit(key, value); err != nil {
			return err
		}
	}
	return rows.Err()
}

func (t *tx) Now() time.Time { return t.now }
