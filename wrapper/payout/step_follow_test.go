package payout

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	dwolla "github.com/dwolla-go/dwolla-go/wrapper"
)

// counting counts the reads of a gateway and can change what they say.
type counting struct {
	Gateway
	gets    atomic.Int64
	creates atomic.Int64
	status  func(n int64) dwolla.MassPaymentStatus
}

func (g *counting) Create(ctx context.Context, key KeyUse, body *dwolla.CreateMassPayment) (string, error) {
	g.creates.Add(1)
	return g.Gateway.Create(ctx, key, body)
}

func (g *counting) Get(ctx context.Context, href string) (*dwolla.MassPayment, error) {
	m, err := g.Gateway.Get(ctx, href)
	n := g.gets.Add(1)
	if g.status != nil && err == nil {
		if s := g.status(n); s != "" {
			m.Status = s
		}
	}
	return m, err
}

func TestFault141_HoursOfProcessingArePolledWithPatience(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newFakeDwolla()
		b.itemTime = time.Second
		g := &counting{Gateway: direct{b}, status: func(n int64) dwolla.MassPaymentStatus {
			if n == 3 {
				return "a-status-of-tomorrow"
			}
			return ""
		}}
		s := newMemStore()
		mustPrepare(t, s, simRows(5000), Plan{})
		started := time.Now()
		summary, err := mustRunner(t, s, g, Options{}).Run(t.Context(), simBatch)
		if err != nil || summary.Totals.Paid.Rows != 5000 {
			t.Fatalf("%+v, %v", summary.Totals, err)
		}
		took := time.Since(started)
		if n := g.gets.Load(); n > 100 || took < 5000*time.Second || took > 5100*time.Second {
			t.Errorf("%d reads in %v", n, took)
		}
	})
	t.Run("the context ends the wait at once", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			b := newFakeDwolla()
			b.itemTime = time.Hour
			s := newMemStore()
			mustPrepare(t, s, simRows(3), Plan{})
			ctx, cancel := context.WithTimeout(t.Context(), 90*time.Second)
			defer cancel()
			started := time.Now()
			summary, err := mustRunner(t, s, direct{b}, Options{}).Run(ctx, simBatch)
			if !errors.Is(err, context.DeadlineExceeded) || time.Since(started) != 90*time.Second || summary.Totals.Pending.Rows != 3 {
				t.Errorf("%v after %v: %+v", err, time.Since(started), summary.Totals)
			}
		})
	})
	t.Run("a webhook ends the wait at once", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			b := newFakeDwolla()
			b.itemTime = time.Minute
			s := newMemStore()
			mustPrepare(t, s, simRows(100), Plan{})
			r := mustRunner(t, s, direct{b}, Options{MaxPoll: time.Hour})
			time.AfterFunc(100*time.Minute, func() { r.Wake("00000001-0000-4000-8000-000000000000") })
			started := time.Now()
			if _, err := r.Run(t.Context(), simBatch); err != nil {
				t.Fatal(err)
			}
			if took := time.Since(started); took != 100*time.Minute {
				t.Errorf("took %v", took)
			}
		})
	})
}
