package dwolla

import (
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dwolla-go/dwolla-go/wrapper/internal/faultserver"
)

func TestTheBudgetRefillsByOneToItsSize(t *testing.T) {
	b := newRetryBudget(defaultRetries().Budget)
	for range budgetSize / budgetTimeout {
		if !b.take(&Error{}) {
			t.Fatal("empty too soon")
		}
	}
	if b.take(&Error{StatusCode: 503}) {
		t.Error("took from an empty budget")
	}
	for range budgetCost {
		b.refund()
	}
	if !b.take(&Error{StatusCode: 503}) || b.take(&Error{StatusCode: 503}) {
		t.Error("five successes are not one retry")
	}
	for range 2 * budgetSize {
		b.refund()
	}
	if b.tokens != budgetSize {
		t.Errorf("%d", b.tokens)
	}
}

func TestFault016_TheBudgetEndsRetriesInAnOutage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := inMemoryRig(t)
		r.bank.Always(faultserver.Status(503, "ServerError"))
		var workers sync.WaitGroup
		for range 200 {
			workers.Go(func() {
				for range 10 {
					if err := r.read(t.Context()); OutcomeOf(err) != OutcomeBadResponse {
						t.Error(err)
					}
				}
			})
		}
		workers.Wait()
		calls, sends := r.guard.Calls(), len(r.bank.Requests())
		if calls != 2000 || sends != calls+budgetSize/budgetCost {
			t.Errorf("%d calls were %d requests", calls, sends)
		}
	})
}

func TestGoal09_AnOutageIsNotMultiplied(t *testing.T) {
	t.Parallel()
	for name, f := range map[string]*faultserver.Fault{
		"503": faultserver.Status(503, "ServerError"), "refused": {End: faultserver.Refused}, "reset": faultserver.Drop(),
	} {
		virtual(t, name, func(t *testing.T) {
			r := inMemoryRig(t)
			r.bank.Always(f)
			r.guard.MaxSends = 3
			workers, outage := 200, time.Duration(size(2, 10))*time.Minute
			ends := time.Now().Add(outage)
			var spent atomic.Int64 // requests when the budget was spent, and calls
			var callsThen atomic.Int64
			time.AfterFunc(time.Minute, func() {
				spent.Store(int64(len(r.bank.Requests())))
				callsThen.Store(int64(r.guard.Calls()))
			})
			crowd(workers, func(i int) error {
				time.Sleep(time.Duration(i) * 5 * time.Millisecond)
				for time.Now().Before(ends) {
					_ = r.read(t.Context())
					time.Sleep(5 * time.Second)
				}
				return nil
			})
			sends, calls := len(r.bank.Requests()), r.guard.Calls()
			after := float64(sends-int(spent.Load())) / float64(calls-int(callsThen.Load()))
			if after > 1.1 || sends > 3*calls {
				t.Errorf("%d calls were %d requests, %.3f each after the first minute", calls, sends, after)
			}
			t.Logf("G9: %s: %d calls, %d requests (x%.3f), x%.3f once the budget was spent, at most 3 a call", name, calls, sends, float64(sends)/float64(calls), after)
		})
	}
}
