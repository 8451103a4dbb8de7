package dwolla

import (
	"cmp"
	"context"
	"math/rand/v2"
	"time"
)

// A Wait says how often WaitFor asks. Zero fields have defaults.
type Wait struct {
	// Interval is the first wait between two looks; it grows by half each time. Default 1 s.
	Interval time.Duration
	// MaxInterval bounds the growth. Default 30 s.
	MaxInterval time.Duration
	// Progress is called with the status that each look finds, in the caller's goroutine.
	Progress func(status string)
}

// WaitFor reads a mass payment until it is complete or cancelled, or the context ends. Complete does not mean paid: read
// the items. Each takes half a second to a second, so 5,000 of them take an hour or more.
func (s MassPaymentsService) WaitFor(ctx context.Context, id string, wait Wait, opts ...CallOption) (*MassPayment, error) {
	return waitFor(ctx, wait, func(ctx context.Context) (*MassPayment, string, bool, error) {
		m, err := s.Get(ctx, id, opts...)
		if err != nil {
			return nil, "", false, err
		}
		done := m.Status == MassPaymentStatusComplete || m.Status == MassPaymentStatusCancelled
		return m, string(m.Status), done, nil
	})
}

// WaitFor reads a transfer until it is processed, failed or cancelled, or the context ends. An ACH transfer takes days;
// webhooks are the better way to wait for one.
func (s TransfersService) WaitFor(ctx context.Context, id string, wait Wait, opts ...CallOption) (*Transfer, error) {
	return waitFor(ctx, wait, func(ctx context.Context) (*Transfer, string, bool, error) {
		t, err := s.Get(ctx, id, opts...)
		if err != nil {
			return nil, "", false, err
		}
		done := t.Status == TransferStatusProcessed || t.Status == TransferStatusFailed || t.Status == TransferStatusCancelled
		return t, string(t.Status), done, nil
	})
}

// waitFor calls look until it is done. An unknown status is not final: Dwolla may add some.
func waitFor[T any](ctx context.Context, w Wait, look func(context.Context) (*T, string, bool, error)) (*T, error) {
	if w.Interval < 0 || w.MaxInterval < 0 {
		return nil, argument("wait", "has a negative interval")
	}
	w.Interval = cmp.Or(w.Interval, time.Second)
	w.MaxInterval = cmp.Or(w.MaxInterval, 30*time.Second)
	for {
		found, status, done, err := look(ctx)
		if err != nil {
			return nil, followUp(err)
		}
		if w.Progress != nil {
			w.Progress(status)
		}
		if done {
			return found, nil
		}
		// Jitter keeps many waiters apart.
		if err := sleep(ctx, w.Interval+rand.N(w.Interval/4+1)); err != nil {
			return found, err
		}
		w.Interval = min(w.Interval*3/2, w.MaxInterval)
	}
}
