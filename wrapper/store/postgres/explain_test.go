package postgres_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/dwolla-go/dwolla-go/wrapper/payout"
)

// A tape keeps the statements that go to the server.
type tape struct {
	mu         sync.Mutex
	statements []pgx.TraceQueryStartData
}

func (l *tape) TraceQueryStart(ctx context.Context, _ *pgx.Conn, data pgx.TraceQueryStartData) context.Context {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.statements = append(l.statements, data)
	return ctx
}

func (*tape) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) {}

// taped is a pool of the same database whose statements are kept.
func taped(t *testing.T, pool *pgxpool.Pool) (*pgxpool.Pool, *tape) {
	t.Helper()
	config, l := pool.Config(), &tape{}
	config.ConnConfig.Tracer = l
	taped, err := pgxpool.NewWithConfig(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(taped.Close)
	return taped, l
}

// plan explains the one statement on the tape that has the words.
func (l *tape) plan(t *testing.T, pool *pgxpool.Pool, words string) string {
	t.Helper()
	var found []pgx.TraceQueryStartData
	for _, s := range l.statements {
		if strings.Contains(s.SQL, words) {
			found = append(found, s)
		}
	}
	if len(found) != 1 {
		t.Fatalf("%d statements have %q", len(found), words)
	}
	rows, err := pool.Query(t.Context(), "EXPLAIN "+found[0].SQL, found[0].Args...)
	if err != nil {
		t.Fatal(err)
	}
	lines, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(lines, "\n")
}

func TestFault350_PruneUsesTheIndexOnTheExpiry(t *testing.T) {
	pool := newPool(t)
	mustExec(t, pool, `INSERT INTO dwolla_webhook_events (event_id, until)
		SELECT 'e' || n, now() + CASE WHEN n % 1000 = 0 THEN interval '-1 hour' ELSE interval '1 hour' END FROM generate_series(1, 20000) n`)
	mustExec(t, pool, "ANALYZE dwolla_webhook_events")
	taped, statements := taped(t, pool)
	if n, err := newWebhookStore(t, taped).Prune(t.Context()); err != nil || n != 20 {
		t.Errorf("pruned %d, %v", n, err)
	}
	plan := statements.plan(t, pool, "DELETE")
	if !strings.Contains(plan, "dwolla_webhook_events_until") || strings.Contains(plan, "Seq Scan") {
		t.Error(plan)
	}
}

func TestScansAndListsUseThePrimaryKey(t *testing.T) {
	pool := newPool(t)
	mustExec(t, pool, `INSERT INTO dwolla_payout_records (batch, key, value)
		SELECT 'b' || n % 400, 'chunk/' || lpad(n::text, 8, '0'), 'v' FROM generate_series(1, 20000) n`)
	mustExec(t, pool, "ANALYZE dwolla_payout_records")
	taped, statements := taped(t, pool)
	store := newPayoutStore(t, taped)
	scanned := 0
	err := store.View(t.Context(), "b7", func(tx payout.Tx) error {
		return tx.Scan("chunk/", func(string, []byte) error { scanned++; return nil })
	})
	if err != nil || scanned != 50 {
		t.Errorf("%d values, %v", scanned, err)
	}
	batches, err := store.Batches(t.Context())
	if err != nil || len(batches) != 400 {
		t.Errorf("%v, %v", batches, err)
	}
	for _, words := range []string{"starts_with", "RECURSIVE"} {
		plan := statements.plan(t, pool, words)
		if !strings.Contains(plan, "dwolla_payout_records_pkey") || strings.Contains(plan, "Seq Scan") {
			t.Error(fmt.Sprint(words, ": ", plan))
		}
	}
}
