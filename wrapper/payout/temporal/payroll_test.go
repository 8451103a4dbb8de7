package temporal_test

import (
	"context"
	"fmt"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	dwolla "github.com/dwolla-go/dwolla-go/wrapper"
	"github.com/dwolla-go/dwolla-go/wrapper/dwollatest"
	"github.com/dwolla-go/dwolla-go/wrapper/payout"
)

const batch = "payroll"

// A payroll is a prepared batch in a file, and the bank that it is paid at.
type payroll struct {
	server *dwollatest.Server
	path   string // of the record
	store  *flakyStore
	batch  payout.Batch
	runner *payout.Runner
}

func newPayroll(t *testing.T, rows int, plan payout.Plan, lease time.Duration) *payroll {
	t.Helper()
	server := dwollatest.New(t, dwollatest.WithItemRate(0))
	path := filepath.Join(t.TempDir(), "record.db")
	file, err := payout.OpenFile(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = file.Close() })
	store := &flakyStore{Store: file}
	plan.Source, plan.ChunkRows = server.AccountBalance().Href, 5
	b, err := payout.Prepare(t.Context(), store, batch, func(yield func(payout.Row, error) bool) {
		for i := range rows {
			_, bank := server.AddReceiver(fmt.Sprintf("Receiver %d", i))
			if !yield(payout.Row{Line: i + 1, Destination: bank.Href, Amount: dwolla.USDCents(int64(100 + i))}, nil) {
				return
			}
		}
	}, plan)
	if err != nil {
		t.Fatal(err)
	}
	client := server.Dwolla(dwolla.WithRetries(dwolla.Retries{MaxAttempts: 1}))
	runner, err := payout.NewRunner(store, payout.Dwolla(client), fast(lease))
	if err != nil {
		t.Fatal(err)
	}
	return &payroll{server: server, path: path, store: store, batch: b, runner: runner}
}

// fast are options with which a run takes milliseconds.
func fast(lease time.Duration) payout.Options {
	return payout.Options{
		Poll: time.Millisecond, MaxPoll: 10 * time.Millisecond, Backoff: time.Millisecond, MaxBackoff: 10 * time.Millisecond,
		Lease: lease, Looks: 1, LookSpan: time.Millisecond, Sends: 1,
	}
}

// slow has the bank take d for each mass payment.
func (p *payroll) slow(d time.Duration) {
	p.server.Fault("createMassPayment", dwollatest.Fault{Delay: d, AfterCommit: true})
}

// paidOnce checks in the bank's ledger that so many rows were paid, each of them once.
func (p *payroll) paidOnce(t *testing.T, rows int) {
	t.Helper()
	seen := map[string]int{}
	for _, payment := range p.server.Ledger() {
		seen[payment.Destination]++
	}
	for destination, times := range seen {
		if times != 1 {
			t.Errorf("%s was paid %d times", destination, times)
		}
	}
	if len(seen) != rows {
		t.Errorf("%d of %d rows were paid", len(seen), rows)
	}
}

// A flakyStore fails when it is told to, as a database does that is restarted.
type flakyStore struct {
	payout.Store
	updates, failAt atomic.Int64
	away            atomic.Bool
	// gate, if it is set, is called at the start of each update.
	gate atomic.Pointer[func()]
}

func (s *flakyStore) Update(ctx context.Context, batch string, fn func(payout.Tx) error) error {
	if gate := s.gate.Load(); gate != nil {
		(*gate)()
	}
	if n := s.updates.Add(1); n == s.failAt.Load() || s.away.Load() {
		return errAway
	}
	return s.Store.Update(ctx, batch, fn)
}

func (s *flakyStore) View(ctx context.Context, batch string, fn func(payout.Tx) error) error {
	if s.away.Load() {
		return errAway
	}
	return s.Store.View(ctx, batch, fn)
}
