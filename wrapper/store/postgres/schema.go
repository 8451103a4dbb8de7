package postgres

import (
	"context"
	_ "embed"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// steps lead from no tables to those of SchemaVersion, one version each. The first one also takes tables of before
// there was a version. A step that was released does not change any more.
var steps = []string{schema1, schema2}

var (
	//go:embed schema/1.sql
	schema1 string
	//go:embed schema/2.sql
	schema2 string
)

// SchemaVersion is the version of the tables that this release needs, as the table dwolla_schema has it.
const SchemaVersion = 2

const setVersionSQL = `
INSERT INTO dwolla_schema (version) VALUES (%d)
ON CONFLICT (one) DO UPDATE SET version = greatest(dwolla_schema.version, excluded.version);
`

// Schema returns the SQL that creates the tables, or upgrades them from any earlier version, for use with a migration
// tool. It can be run again without effect.
func Schema() string {
	return strings.Join(steps, "\n") + fmt.Sprintf(setVersionSQL, SchemaVersion)
}

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

// Migrate creates missing tables and upgrades those of earlier releases, with what they hold. Tables of a later release
// are an error. Any number of processes may call it at the same time. An upgrade locks the tables while it runs.
func Migrate(ctx context.Context, db DB) error {
	if err := pgx.BeginFunc(ctx, db, func(tx pgx.Tx) error { return migrate(ctx, tx) }); err != nil {
		return fmt.Errorf("postgres: migrate: %w", err)
	}
	return nil
}

func migrate(ctx context.Context, tx pgx.Tx) error {
	if _, err := tx.Exec(ctx, "SELECT pg_advisory_xact_lock($1)", unprepared, migrationLock); err != nil {
		return err
	}
	version, err := schemaVersion(ctx, tx)
	if err != nil {
		return err
	}
	if version > SchemaVersion {
		return fmt.Errorf("the tables are of version %d, made by a later release; this one knows %d", version, SchemaVersion)
	}
	for _, step := range steps[version:] {
		if _, err := tx.Exec(ctx, step); err != nil {
			return err
		}
	}
	_, err = tx.Exec(ctx, fmt.Sprintf(setVersionSQL, SchemaVersion))
	return err
}

// schemaVersion is 0 when there are no tables, or those of before there was a version.
func schemaVersion(ctx context.Context, tx pgx.Tx) (version int, err error) {
	var there bool
	err = tx.QueryRow(ctx, "SELECT to_regclass('dwolla_schema') IS NOT NULL", unprepared).Scan(&there)
	if err == nil && there {
		err = tx.QueryRow(ctx, "SELECT version FROM dwolla_schema", unprepared).Scan(&version)
	}
	return version, err
}
