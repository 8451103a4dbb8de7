package payout

import (
	"context"
	"sync"
	"time"

	dwolla "github.com/dwolla-go/dwolla-go/wrapper"
)

// Wake has a mass payment polled now. Call it from the handler of the webhooks mass_payment_completed and
// customer_mass_payment_completed, with the id or URL of the resource. A mass payment that the runner does not know yet
// is remembered. Polling goes on, since webhooks get lost.
func (r *Runner) Wake(massPayment string) { r.wake.add(massPayment) }

// wakeups are the mass payments to poll now, by id, and the batches in which they were not found.
type wakeups struct {
	mu    sync.Mutex
	ids   map[string]map[string]bool
	woken chan struct{} // closed at the next one
}

// maxWakeups is how many are remembered, since some may belong to no batch.
const maxWakeups = 10_000

func (w *wakeups) add(massPayment string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.ids == nil || len(w.ids) >= maxWakeups {
		w.ids = map[string]map[string]bool{}
	}
	w.ids[massPaymentID(massPayment)] = map[string]bool{}
	w.wakeAllLocked()
}

// wakeAll has the workers look for work now.
func (w *wakeups) wakeAll() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.wakeAllLocked()
}

func (w *wakeups) wakeAllLocked() {
	if w.woken != nil {
		close(w.woken)
		w.woken = nil
	}
}

// next is closed at the next wake-up.
func (w *wakeups) next() <-chan struct{} {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.woken == nil {
		w.woken = make(chan struct{})
	}
	return w.woken
}

func (w *wakeups) has(massPayment string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.ids[massPaymentID(massPayment)] != nil
}

// in are those that may be of a batch.
func (w *wakeups) in(batch string) (ids []string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for id, notIn := range w.ids {
		if !notIn[batch] {
			ids = append(ids, id)
		}
	}
	return ids
}

// notIn says that a mass payment is of no chunk of a batch.
func (w *wakeups) notIn(batch, id string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if known := w.ids[id]; known != nil {
		known[batch] = true
	}
}

func (w *wakeups) done(massPayment string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.ids, massPaymentID(massPayment))
}

func massPaymentID(idOrHref string) string {
	return dwolla.LinkTo[dwolla.MassPayment](idOrHref).ID()
}

// sleep waits for a time, or until woken or the context ends.
func sleep(ctx context.Context, d time.Duration, woken <-chan struct{}) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if d <= 0 {
		return nil
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-woken:
	case <-timer.C:
	}
	return nil
}
