package postgres_test

import (
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/dwolla-go/dwolla-go/wrapper/payout"
	"github.com/dwolla-go/dwolla-go/wrapper/store/postgres"
)

func TestMigrateMayRunConcurrently(t *testing.T) {
	pool := connect(t, newDatabase(t))
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			if err := postgres.Migrate(t.Context(), pool); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
}

// The tables of before there was a version.
func oldTables(t *testing.T) *pgxpool.Pool {
	t.Helper()
	pool := connect(t, newDatabase(t))
	old, err := os.ReadFile("testdata/schema-without-version.sql")
	if err != nil {
		t.Fatal(err)
	}
	mustExec(t, pool, string(old))
	mustExec(t, pool, "INSERT INTO dwolla_payout_records (batch, key, value) VALUES ('old', 'k', 'v')")
	mustExec(t, pool, "INSERT INTO dwolla_webhook_events (event_id, until) VALUES ('old', 'infinity')")
	return pool
}

func TestOldTablesAreUpgradedWithWhatTheyHold(t *testing.T) {
	for name, upgrade := range map[string]func(t *testing.T, pool *pgxpool.Pool){
		"by Migrate": func(t *testing.T, pool *pgxpool.Pool) {
			t.Helper()
			if err := postgres.Migrate(t.Context(), pool); err != nil {
				t.Fatal(err)
			}
		},
		"by Schema": func(t *testing.T, pool *pgxpool.Pool) { t.Helper(); mustExec(t, pool, postgres.Schema()) },
	} {
		t.Run(name, func(t *testing.T) {
			pool := oldTables(t)
			for range 2 { // the second time there is nothing to do
				upgrade(t, pool)
			}
			if n := count(t, pool, "SELECT version FROM dwolla_schema"); n != postgres.SchemaVersion {
				t.Errorf("version %d", n)
			}
			if n := count(t, pool, "SELECT count(*) FROM dwolla_webhook_events WHERE event_id = 'old'"); n != 1 {
				t.Errorf("%d events", n)
			}
			err := newPayoutStore(t, pool).View(t.Context(), "old", func(tx payout.Tx) error {
				value, err := tx.Get("k")
				if string(value) != "v" {
					t.Errorf("the value is %q", value)
				}
				return err
			})
			if err != nil {
				t.Error(err)
			}
			// The order of text in other collations changes with the system's C library, and then an index finds no
			// longer what is in the table.
			var other []string
			rows, err := pool.Query(t.Context(), `SELECT attname::text FROM pg_attribute JOIN pg_collation c ON c.oid = attcollation
				WHERE attrelid IN ('dwolla_payout_records_pkey'::regclass, 'dwolla_webhook_events_pkey'::regclass) AND collname <> 'C'`)
			if err != nil {
				t.Fatal(err)
			}
			defer rows.Close()
			for rows.Next() {
				var name string
				if err := rows.Scan(&name); err != nil {
					t.Fatal(err)
				}
				other = append(other, name)
			}
			if len(other) > 0 || rows.Err() != nil {
				t.Errorf("indexed in another collation: %v, %v", other, rows.Err())
			}
		})
	}
}

func TestTheTablesOfALaterReleaseAreRefused(t *testing.T) {
	pool := newPool(t)
	mustExec(t, pool, "UPDATE dwolla_schema SET version = 99")
	err := postgres.Migrate(t.Context(), pool)
	if err == nil || !strings.Contains(err.Error(), "99") {
		t.Errorf("error %v", err)
	}
	if n := count(t, pool, "SELECT version FROM dwolla_schema"); n != 99 {
		t.Errorf("version %d", n)
	}
}
