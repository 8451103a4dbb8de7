package dwolla

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"time"

	"github.com/dwolla-go/dwolla-go/internal/option"
	"github.com/dwolla-go/dwolla-go/internal/reference"
)

// A Wait says how often WaitFor asks. Zero fields have defaults.
type Wait struct {
	// Interval is the first wait between two looks; it grows by half each time. At least 1 ms, default 1 s. It cannot be
	// [None].
	Interval time.Duration
	// MaxInterval bounds the growth. At least 1 ms, default 30 s. None lets it grow without a bound.
	MaxInterval time.Duration
	// Progress is called with the status that each look finds. It runs in the goroutine that called WaitFor, which goes on
	// once it returns: one that blocks holds up the wait, whatever the context does. Its panic ends the wait with an error.
	Progress func(status string)
}

// WaitFor reads a mass payment until it is complete or cancelled, or the context ends. Complete does not mean paid: read
// the items. Each takes half a second to a second, so 5,000 of them take an hour or more.
//
// It outlives reads that fail and may succeed later, such as a 503, a lost connection or the page of a firewall: give the
// context a deadline. An answer without a status, or about another id, is not taken for one; a few of these in a row end
// it. The end of the context is an *[Error] of OutcomeCanceled, with the last failure in Earlier. With an error, WaitFor returns
// what it saw last, or nil.
//
// A 404 ends it: where a payment that was just created may not be found yet, begin with the id that Create returned, and call
// WaitFor again for a short while if errors.Is finds [ErrNotFound]. A status that this version does not know is not final: if
// it never changes, only the context ends the wait.
func (s MassPaymentsService) WaitFor(ctx context.Context, id string, wait Wait, opts ...CallOption) (*MassPayment, error) {
	return waitFor(ctx, s.caller, "MassPayments.WaitFor", wait, opts, func(ctx context.Context) (*MassPayment, string, bool, error) {
		m, err := s.Get(ctx, id, opts...)
		if err == nil {
			err = otherThan(id, m.ID, string(m.Status))
		}
		if err != nil {
			return nil, "", false, err
		}
		return m, string(m.Status), m.Status.Final(), nil
	})
}

// WaitFor reads a transfer until it is processed, failed or cancelled, or the context ends. An ACH transfer takes days;
// webhooks are the better way to wait for one. Errors are as of [MassPaymentsService.WaitFor].
func (s TransfersService) WaitFor(ctx context.Context, id string, wait Wait, opts ...CallOption) (*Transfer, error) {
	return waitFor(ctx, s.caller, "Transfers.WaitFor", wait, opts, func(ctx context.Context) (*Transfer, string, bool, error) {
		t, err := s.Get(ctx, id, opts...)
		if err == nil {
			err = otherThan(id, t.ID, string(t.Status))
		}
		if err != nil {
			return nil, "", false, err
		}
		return t, string(t.Status), t.Status.Final(), nil
	})
}

// maxBadAnswers is how many answers in a row may be of 2xx and yet unreadable, before waiting ends. A page of a proxy may
// be gone soon; a document that the client cannot read stays.
const maxBadAnswers = 5

// otherThan is the error of an answer that is not about the payment that was asked for.
func otherThan(id, found, status string) error {
	reason := "the answer is about another id"
	switch {
	case status == "":
		reason = "the answer has no status"
	case reference.Same(id, found):
		return nil
	}
	return &Error{Method: http.MethodGet, Outcome: OutcomeBadResponse, StatusCode: http.StatusOK, Attempts: 1, Err: errors.New(reason)}
}

// waitFor calls look until it is done. An unknown status is not final: Dwolla may add some.
func waitFor[T any](
	ctx context.Context, c *caller, op string, w Wait, opts []CallOption, look func(context.Context) (*T, string, bool, error),
) (last *T, err error) {
	if w.Interval < 0 || w.MaxInterval < None {
		return nil, option.Unsent(opts, &ArgumentError{Op: op, Argument: "wait", Reason: fmt.Sprintf("is {Interval: %s, MaxInterval: %s}; neither may be negative", w.Interval, w.MaxInterval)})
	}
	if tiny(w.Interval) || tiny(w.MaxInterval) {
		return nil, option.Unsent(opts, &ArgumentError{Op: op, Argument: "wait", Reason: fmt.Sprintf("is {Interval: %s, MaxInterval: %s}; below 1 ms it lacks a unit, such as time.Second", w.Interval, w.MaxInterval)})
	}
	w.Interval = cmp.Or(w.Interval, time.Second)
	w.MaxInterval = cmp.Or(w.MaxInterval, 30*time.Second)
	if w.MaxInterval == None {
		w.MaxInterval = maxTimeout
	}
	var failed *Error // the last look, if it failed
	for bad := 0; ; {
		found, status, done, err := look(ctx)
		pause := w.Interval + rand.N(w.Interval/4) // jitter keeps many waiters apart
		if err == nil {
			last, failed, bad = found, nil, 0
			if err := w.progress(status); err != nil {
				c.cfg.logPanic(ctx, err)
				return last, &Error{Op: op, Method: http.MethodGet, Outcome: OutcomeBadResponse, Err: err}
			}
			if done {
				return found, nil
			}
		} else {
			var ok bool
			if failed, ok = errors.AsType[*Error](err); !ok || !passes(failed) {
				return last, followUp(err)
			}
			if failed.Op == "" {
				failed.Op = op
			}
			if failed.StatusCode >= 200 && failed.StatusCode < 300 {
				bad++
			}
			if bad >= maxBadAnswers {
				return last, followUp(err)
			}
			pause = max(pause, failed.RetryAfter)
		}
		if err := sleep(ctx, pause); err != nil {
			canceled := &Error{Op: op, Method: http.MethodGet, Outcome: OutcomeCanceled, Err: err}
			if failed != nil {
				canceled.Earlier = []*Error{failed}
			}
			return last, canceled
		}
		w.Interval = min(w.Interval+w.Interval/2, w.MaxInterval)
	}
}

// progress calls Progress, and turns its panic into an error.
func (w *Wait) progress(status string) (err error) {
	if w.Progress == nil {
		return nil
	}
	defer noPanic(&err)
	w.Progress(status)
	return nil
}

// passes reports whether a read that failed may succeed some time later, although it has been retried.
func passes(failed *Error) bool {
	own := *failed
	own.noToken = false // the token endpoint recovers too
	return failed.foreign && failed.StatusCode < 500 || retriable(&own)
}

// tiny reports whether a time is so short that its unit was forgotten.
func tiny(d time.Duration) bool { return d > 0 && d < time.Millisecond }
