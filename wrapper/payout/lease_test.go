package payout

import (
	"testing"
	"testing/synctest"
	"time"

	dwolla "github.com/dwolla-go/dwolla-go/wrapper"
)

func TestALeaseThatWasTakenOverWritesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, s := newFakeDwolla(), newMemStore()
		mustPrepare(t, s, simRows(3), Plan{})
		g := &scripted{direct: direct{b}, answer: nothing}
		first := true
		r := mustRunner(t, s, g, Options{})
		other := mustRunner(t, s, direct{b}, Options{})
		g.before = func(*dwolla.CreateMassPayment) {
			if !first {
				return
			}
			first = false
			time.Sleep(11 * time.Minute) // longer than the lease
			if _, err := other.Run(t.Context(), simBatch); err != nil {
				t.Error(err)
			}
		}
		summary, err := r.Run(t.Context(), simBatch)
		if err != nil || summary.Totals.Paid.Rows != 3 || b.creates != 1 {
			t.Errorf("%+v, %d created, %v", summary.Totals, b.creates, err)
		}
	})
}
