package dwolla

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dwolla-go/dwolla-go/wrapper/internal/faultserver"
)

// A sibling is what another call of an errgroup returned: it becomes the cause of the group's context.
func siblings() map[string]error {
	return map[string]error{
		"not sent":          &Error{Outcome: OutcomeNotSent},
		"rejected":          &Error{Outcome: OutcomeRejected, StatusCode: 400, Code: CodeInsufficientFunds, Fields: []FieldError{{Code: "Required"}}},
		"not found":         &Error{Outcome: OutcomeRejected, StatusCode: 404, Code: CodeNotFound},
		"done":              &Error{Outcome: OutcomeBadResponse, StatusCode: 201, Committed: true},
		"an argument":       &ArgumentError{Argument: "body", Reason: "is empty"},
		"a link":            &LinkError{Kind: ErrForeignLink},
		"a configuration":   &ConfigurationError{Option: "WithRetries"},
		"unknown":           &OutcomeUnknownError{IdempotencyKey: "theirs", Err: &Error{Outcome: OutcomeUnknown}},
		"absent":            &ReconcileError{Kind: ErrAbsent, Err: &Error{Outcome: OutcomeNotSent}},
		"an entry":          &EntryError{Err: &Error{Outcome: OutcomeBadResponse}},
		"a reading":         &hiddenKindsError{err: &Error{Outcome: OutcomeNotSent}},
		"a kind":            ErrNotSent,
		"a code":            CodeInsufficientFunds,
		"a list":            ErrIncompleteList,
		"a loop":            ErrPagingLoop,
		"too large":         tooLargeError{},
		"no client":         ErrNoClient,
		"a kind in another": fmt.Errorf("row 7: %w", errors.Join(io.EOF, ErrRejected)),
		"one that says so":  agreeable{},
	}
}

// agreeable is of every kind.
type agreeable struct{}

func (agreeable) Error() string   { return "agreeable" }
func (agreeable) Is(e error) bool { return e != context.DeadlineExceeded && e != context.Canceled }

// An ownContext is a context of the user's whose Err is any error.
type ownContext struct {
	context.Context
	err error
}

func (c ownContext) Err() error {
	if c.Context.Err() == nil {
		return nil
	}
	return c.err
}

// verdict is all that a program may ask of an error.
func verdict(err error) string {
	said := []string{string(OutcomeOf(err))}
	for kind := range kindTexts {
		if errors.Is(err, kind) {
			said = append(said, string(kind))
		}
	}
	for _, code := range []Code{CodeInsufficientFunds, CodeNotFound, "Required"} {
		if errors.Is(err, code) {
			said = append(said, string(code))
		}
	}
	for _, other := range []error{ErrNoClient, ErrPagingLoop, ErrIncompleteList, ErrListWindow, ErrNoLocation, ErrStoredRef} {
		if errors.Is(err, other) {
			said = append(said, other.Error())
		}
	}
	if unknown, ok := errors.AsType[*OutcomeUnknownError](err); ok {
		said = append(said, "record of theirs: "+fmt.Sprint(unknown.IdempotencyKey == "theirs"))
	}
	own, isError := errors.AsType[*Error](err)
	_, isArgument := errors.AsType[*ArgumentError](err)
	_, isLink := errors.AsType[*LinkError](err)
	_, isConfiguration := errors.AsType[*ConfigurationError](err)
	_, isReconcile := errors.AsType[*ReconcileError](err)
	_, isEntry := errors.AsType[*EntryError](err)
	_, isKind := errors.AsType[Kind](err)
	_, isCode := errors.AsType[Code](err)
	said = append(said, fmt.Sprint(isError && own.Op != "", isArgument, isLink, isConfiguration, isReconcile, isEntry, isKind, isCode))
	slices.Sort(said)
	return fmt.Sprintf("%q", said)
}

// contextEnds are the ways in which a context ends after five seconds.
func contextEnds(parent context.Context, cause error) map[string]func() (context.Context, context.CancelFunc) {
	return map[string]func() (context.Context, context.CancelFunc){
		"a cause": func() (context.Context, context.CancelFunc) {
			ctx, cancel := context.WithCancelCause(parent)
			time.AfterFunc(5*time.Second, func() { cancel(cause) })
			return ctx, func() { cancel(nil) }
		},
		"a deadline": func() (context.Context, context.CancelFunc) {
			return context.WithTimeoutCause(parent, 5*time.Second, cause)
		},
		"an Err of its own": func() (context.Context, context.CancelFunc) {
			if cause == nil {
				cause = context.Canceled
			}
			ctx, cancel := context.WithCancel(parent)
			time.AfterFunc(5*time.Second, cancel)
			return ownContext{ctx, cause}, cancel
		},
	}
}

// interruptedCalls are calls that the end of a context meets, and what the bank did for each.
func interruptedCalls() map[string]func(ctx context.Context, r *rig) error {
	stall := func(r *rig) { r.bank.Always(faultserver.Stall().Committed()) }
	return map[string]func(ctx context.Context, r *rig) error{
		"a payment under way": func(ctx context.Context, r *rig) error { stall(r); return r.pay(ctx) },
		"a payment in Retry-After": func(ctx context.Context, r *rig) error {
			r.bank.Always(faultserver.Status(503, "").With("Retry-After", "50").Committed())
			return r.pay(ctx)
		},
		"a refused payment in Retry-After": func(ctx context.Context, r *rig) error {
			r.bank.Always(faultserver.Status(429, "TooManyRequests").With("Retry-After", "50"))
			return r.pay(ctx)
		},
		"a payment without a token": func(ctx context.Context, r *rig) error {
			r.bank.Token = func(_ http.ResponseWriter, req *http.Request) bool { <-req.Context().Done(); return true }
			return r.pay(ctx)
		},
		"a payment never sent": func(ctx context.Context, r *rig) error { time.Sleep(6 * time.Second); return r.pay(ctx) },
		"a removal":            func(ctx context.Context, r *rig) error { stall(r); return r.Delete(ctx, "/labels/x", nil) },
		"a read":               func(ctx context.Context, r *rig) error { stall(r); return r.read(ctx) },
		"a read of a body": func(ctx context.Context, r *rig) error {
			r.bank.Always(&faultserver.Fault{End: faultserver.Trickle})
			return r.read(ctx)
		},
		"a list": func(ctx context.Context, r *rig) error {
			stall(r)
			for _, err := range r.Transfers.AllForCustomer(ctx, "jane", ListCustomerTransfersParams{}) {
				return err
			}
			return nil
		},
		"a wait": func(ctx context.Context, r *rig) error {
			r.bank.Always(faultserver.Text(200, halType, `{"id":"x","status":"pending"}`))
			_, err := r.Transfers.WaitFor(ctx, "x", Wait{Interval: time.Minute})
			return err
		},
		"a look-up": func(ctx context.Context, r *rig) error {
			stall(r)
			_, err := r.Transfers.Reconcile(ctx, payment("rent-1"), justSent(), Lookup{})
			return err
		},
		"a look-up between looks": func(ctx context.Context, r *rig) error {
			answering(r, map[string]string{"/customers/owner-of-payer/transfers": listed("transfers")})
			_, err := r.Transfers.Reconcile(ctx, payment("rent-1"), justSent(), Lookup{})
			return err
		},
		"a repetition": func(ctx context.Context, r *rig) error {
			r.bank.Always(faultserver.Status(503, "").Committed())
			first, cancel := context.WithTimeout(context.Background(), time.Second)
			defer cancel()
			unknown, _ := errors.AsType[*OutcomeUnknownError](r.pay(first))
			time.Sleep(6 * time.Second)
			return r.pay(ctx, Resend(unknown))
		},
	}
}

// endedBy is the error of a call in a context that ended, and how often was paid.
func endedBy(t *testing.T, how string, cause error, run func(context.Context, *rig) error) (paid int, err error) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		r := inMemoryRig(t)
		ctx, cancel := contextEnds(t.Context(), cause)[how]()
		defer cancel()
		err = run(ctx, r)
		paid = r.bank.Ledger.Len()
		time.Sleep(time.Minute) // the token's own fetch
	})
	return paid, err
}

func TestFault429_TheCauseOfAContextIsNoKindOfTheCall(t *testing.T) {
	for name, run := range interruptedCalls() {
		for how := range contextEnds(context.Background(), nil) {
			_, plain := endedBy(t, how, nil, run)
			mine := errors.New("mine")
			if _, err := endedBy(t, how, mine, run); how == "a cause" && !errors.Is(err, mine) || verdict(err) != verdict(plain) {
				t.Errorf("%s, %s: %v, want a cause of the caller's own in %v", name, how, err, plain)
			}
			for of, cause := range siblings() {
				paid, err := endedBy(t, how, cause, run)
				if got, want := verdict(err), verdict(plain); got != want {
					t.Errorf("%s ended by %s, %q, paid %d:\n got %s\nwant %s\n%v", name, how, of, paid, got, want, err)
				}
				end := map[string]error{"a cause": context.Canceled, "a deadline": context.DeadlineExceeded}[how]
				if end != nil && errors.Is(plain, end) && !errors.Is(err, end) {
					t.Errorf("%s, %s, %q: %v is not %v", name, how, of, err, end)
				}
				if paid > 0 && (errors.Is(err, ErrNotSent) || errors.Is(err, ErrRejected)) {
					t.Errorf("%s, %s, %q: paid, and %v", name, how, of, err)
				}
			}
		}
	}
}

// stuck is an error whose Is and As never return.
type stuck struct{ release chan struct{} }

func (stuck) Error() string   { return "stuck" }
func (s stuck) Is(error) bool { <-s.release; return false }
func (s stuck) As(any) bool   { <-s.release; return false }

func TestFault430_ACauseThatBlocksHoldsNoCallUp(t *testing.T) {
	for name, run := range interruptedCalls() {
		for how := range contextEnds(context.Background(), nil) {
			virtual(t, name+", "+how, func(t *testing.T) {
				cause := stuck{make(chan struct{})}
				defer close(cause.release)
				r := inMemoryRig(t)
				ctx, cancel := contextEnds(t.Context(), cause)[how]()
				defer cancel()
				done := make(chan error, 1)
				go func() {
					err := run(ctx, r)
					if end := ctx.Err(); end != cause { //nolint:errorlint // Is of the cause blocks
						_ = errors.Is(err, end)
					}
					_ = verdictOfKinds(err)
					done <- err
				}()
				select {
				case <-done:
				case <-time.After(30 * time.Second):
					t.Error("the call does not return")
				}
				time.Sleep(time.Minute)
			})
		}
	}
}

func verdictOfKinds(err error) bool {
	return errors.Is(err, ErrNotSent) || errors.Is(err, CodeNotFound) || OutcomeOf(err) == ""
}
