package payout

import (
	"context"
	"fmt"
	"iter"
	"os"
	"path"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	dwolla "github.com/dwolla-go/dwolla-go/wrapper"
)

// An instantBank pays the rows of csvOf at once and remembers how often it paid which chunk, but none of their items.
type instantBank struct {
	Gateway
	rows int

	mu    sync.Mutex
	paid  map[int]int // by chunk
	cents int64
}

func (g *instantBank) Find(context.Context, string, string) ([]dwolla.MassPayment, error) {
	return nil, nil
}

func (g *instantBank) Balance(context.Context, string) (dwolla.Money, bool, error) {
	return dwolla.Money{}, false, nil
}

func (g *instantBank) Create(_ context.Context, _ KeyUse, body *dwolla.CreateMassPayment) (string, error) {
	chunk, err := strconv.Atoi(strings.TrimPrefix(body.CorrelationID, "bench-"))
	if err != nil {
		return "", err
	}
	sum := int64(0)
	for i := range body.Items {
		cents, err := body.Items[i].Amount.Cents()
		if err != nil {
			return "", err
		}
		sum += cents
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	g.paid[chunk]++
	g.cents += sum
	return fmt.Sprintf("https://api.dwolla.com/mass-payments/%d", chunk), nil
}

func (g *instantBank) Get(_ context.Context, href string) (*dwolla.MassPayment, error) {
	m := &dwolla.MassPayment{Status: dwolla.MassPaymentStatusComplete}
	m.Links.Self = dwolla.LinkTo[dwolla.MassPayment](href)
	return m, nil
}

func (g *instantBank) Items(_ context.Context, href string) iter.Seq2[dwolla.MassPaymentItem, error] {
	return func(yield func(dwolla.MassPaymentItem, error) bool) {
		chunk, err := strconv.Atoi(path.Base(href))
		for i := (chunk - 1) * MaxChunkRows; i < min(chunk*MaxChunkRows, g.rows); i++ {
			item := dwolla.MassPaymentItem{
				ID: fmt.Sprint("item-", i), CorrelationID: fmt.Sprint("wage-", i), Amount: dwolla.USDCents(csvCents(i)),
				Status: dwolla.MassPaymentItemStatusSuccess,
			}
			if !yield(item, err) {
				return
			}
		}
	}
}

// TestAPayoutOfAnyLength pays a million rows in the long form, or PAYOUT_ROWS, with four workers.
func TestAPayoutOfAnyLength(t *testing.T) {
	rows := 60_000
	if fullCrash() {
		rows = 1_000_000
	}
	if n := os.Getenv("PAYOUT_ROWS"); n != "" {
		var err error
		if rows, err = strconv.Atoi(n); err != nil {
			t.Fatal(err)
		}
	}
	bank := &instantBank{rows: rows, paid: map[int]int{}}
	started := time.Now()
	var prepared time.Duration
	var size int64
	peak := peakHeap(func() {
		s, b := prepareCSV(t.Context(), t, rows)
		defer s.Close()
		prepared = time.Since(started)
		summary, err := mustRunner(t, s, bank, Options{Poll: time.Nanosecond, Concurrency: 4}).Run(t.Context(), b.ID)
		if err != nil || summary.Totals.Paid != b.Tally || bank.cents != b.Cents || len(bank.paid) != b.Chunks {
			t.Errorf("%+v, %d cents in %d mass payments, want %+v in %d; %v", summary.Totals, bank.cents, len(bank.paid), b.Tally, b.Chunks, err)
		}
		info, err := os.Stat(s.db.Path())
		if err != nil {
			t.Error(err)
			return
		}
		size = info.Size()
	})
	for chunk, times := range bank.paid {
		if times != 1 {
			t.Errorf("chunk %d is paid %d times", chunk, times)
		}
	}
	t.Logf("%d rows: prepared in %v, all in %v, peak heap %d MiB, record %d MiB",
		rows, prepared.Round(time.Second), time.Since(started).Round(time.Second), peak>>20, size>>20)
	if peak > 4*heapLimit { // a chunk of 5,000 rows for each worker
		t.Errorf("%d MiB of heap", peak>>20)
	}
}
