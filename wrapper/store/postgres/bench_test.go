package postgres_test

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"testing"
	"time"

	dwolla "github.com/dwolla-go/dwolla-go/wrapper"
	"github.com/dwolla-go/dwolla-go/wrapper/payout"
)

// instant is a Dwolla that creates whatever it is asked for, at once.
type instant struct {
	payout.Gateway
	created int
}

func (g *instant) Find(context.Context, string, string) ([]dwolla.MassPayment, error) {
	return nil, nil
}

func (g *instant) Balance(context.Context, string) (dwolla.Money, bool, error) {
	return dwolla.Money{}, false, nil
}

func (g *instant) Create(context.Context, payout.KeyUse, *dwolla.CreateMassPayment) (string, error) {
	g.created++
	return fmt.Sprintf("https://api.dwolla.com/mass-payments/%08d-0000-4000-8000-000000000000", g.created), nil
}

// BenchmarkStep looks for a chunk, sends it and writes it down, of batches of any number of chunks.
func BenchmarkStep(b *testing.B) {
	for _, chunks := range []int{100, 10_000, 100_000} {
		b.Run(strconv.Itoa(chunks), func(b *testing.B) {
			if chunks > 100 && os.Getenv("PAYOUT_CRASH") != "full" {
				b.Skip("the record takes minutes: PAYOUT_CRASH=full")
			}
			store := newPayoutStore(b, newPool(b))
			rows := func(yield func(payout.Row, error) bool) {
				for i := range chunks {
					to := fmt.Sprintf("%08d-bbbb-4000-8000-000000000000", i)
					if !yield(payout.Row{Line: i + 1, Destination: to, Amount: dwolla.USDCents(100)}, nil) {
						return
					}
				}
			}
			source := "https://api.dwolla.com/funding-sources/00000000-aaaa-4000-8000-000000000000"
			if _, err := payout.Prepare(b.Context(), store, "bench", rows, payout.Plan{Source: source, ChunkRows: 1}); err != nil {
				b.Fatal(err)
			}
			// What is created waits, so that each step sends another chunk.
			r, err := payout.NewRunner(store, &instant{}, payout.Options{Poll: time.Hour})
			if err != nil {
				b.Fatal(err)
			}
			for b.Loop() {
				if step, err := r.Step(b.Context(), "bench"); err != nil || step.State != payout.StateCreated && step.Wait == 0 {
					b.Fatal(step, err)
				}
			}
		})
	}
}
