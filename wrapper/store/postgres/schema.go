package postgres

import (
	"context"
	_ "embed"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

//go:embed schema.sql
var schema string

// Schema returns the SQL that creates the tables, for use with a migration tool. It can be run again without effect.
func Schema() string { return schema }

// migrationLock is the key of an advisory lock, chosen at random. Without a lock, CREATE TABLE IF NOT EXISTS fails when
// two processes run it at the same time.
const migrationLock = 5_160_738_811_624_071_093

// DB is the part of a database connection that this package uses. [pgxpool.Pool], [pgx.Conn] and [pgx.Tx] implement it.
//
// [pgxpool.Pool]: https://pkg.go.dev/github.com/jackc/pgx/v5/pgxpool#Pool
type DB interface {
	Begin(ctx context.Context) (pgx.Tx, error)
	Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error)
	QueryRow(ctx context.Context, sql string, args ...any) pgx.Row
}

// Migrate creates missing tables. Any number of processes may call it at the same time.
func Migrate(ctx context.Context, db DB) error {
	err := pgx.BeginFunc(ctx, db, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, "SELECT pg_advisory_xact_lock($1)", migrationLock); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, schema)
		return err
	})
	if err != nil {
		return fmt.Errorf("postgres: migrate: %w", err)
	}
	return nil
}
