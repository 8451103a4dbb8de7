package payout

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	dwolla "github.com/dwolla-go/dwolla-go/wrapper"
	"github.com/dwolla-go/dwolla-go/wrapper/dwollatest"
)

func TestFault150_A429SlowsTheRunAndDropsNothing(t *testing.T) {
	t.Run("at the client", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			server := dwollatest.New(t, dwollatest.WithItemRate(0))
			s := openTemp(t)
			mustPrepare(t, s, dwollaRows(server, 30), Plan{Source: server.AccountBalance().Href, ChunkRows: 3})
			server.Fault("createMassPayment", dwollatest.Fault{Status: 429, Skip: 4, Times: 20})
			summary, err := mustRunner(t, s, Dwolla(server.Dwolla()), Options{Concurrency: 3}).Run(t.Context(), simBatch)
			if err != nil || summary.Totals.Paid.Rows != 30 || len(server.Ledger()) != 30 {
				t.Errorf("%+v, %d in the ledger, %v", summary.Totals, len(server.Ledger()), err)
			}
		})
	})
	t.Run("pace, concurrency and open mass payments are kept", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			b, s := newFakeDwolla(), newMemStore()
			b.itemTime = time.Second
			g := &spaced{direct: direct{b}}
			mustPrepare(t, s, simRows(60), Plan{ChunkRows: 3})
			r := mustRunner(t, s, g, Options{Concurrency: 4, MaxOpen: 2, Pace: 7 * time.Second})
			summary, err := r.Run(t.Context(), simBatch)
			if err != nil || summary.Totals.Paid.Rows != 60 {
				t.Fatalf("%+v, %v", summary.Totals, err)
			}
			for i := 1; i < len(g.at); i++ {
				if gap := g.at[i].Sub(g.at[i-1]); gap < 7*time.Second {
					t.Errorf("mass payment %d was sent %v after the one before", i+1, gap)
				}
			}
			if g.most > 2 {
				t.Errorf("%d mass payments were open at once", g.most)
			}
		})
	})
	t.Run("a refused credential stops the run, which can be resumed", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			server := dwollatest.New(t, dwollatest.WithItemRate(0))
			s := newMemStore()
			mustPrepare(t, s, dwollaRows(server, 4), Plan{Source: server.AccountBalance().Href})
			server.Fault("createMassPayment", dwollatest.Fault{Status: 401, Times: 2})
			r := mustRunner(t, s, Dwolla(server.Dwolla()), Options{})
			_, err := r.Run(t.Context(), simBatch)
			if _, ok := errors.AsType[*StoppedError](err); !ok {
				t.Fatalf("%v", err)
			}
			if summary, err := r.Run(t.Context(), simBatch); err != nil || summary.Totals.Paid.Rows != 4 {
				t.Errorf("%+v, %v", summary.Totals, err)
			}
		})
	})
}

// spaced notes when mass payments are sent and how many are unfinished.
type spaced struct {
	direct
	at   []time.Time
	most int
}

func (g *spaced) Create(ctx context.Context, key KeyUse, body *dwolla.CreateMassPayment) (string, error) {
	href, err := g.direct.Create(ctx, key, body)
	g.mu.Lock()
	defer g.mu.Unlock()
	g.at = append(g.at, time.Now())
	open := 0
	for _, p := range g.payments {
		g.settle(p)
		if p.payment.Status != dwolla.MassPaymentStatusComplete {
			open++
		}
	}
	g.most = max(g.most, open)
	return href, err
}
