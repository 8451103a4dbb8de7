package dwolla

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"
)

// A Lookup says how Reconcile looks for a payment. Zero fields have defaults.
type Lookup struct {
	// Looks is how often Reconcile must find nothing before the payment counts as absent. Default 5.
	Looks int
	// Over is the shortest time from the first of those looks to the last: Dwolla does not document how soon a new
	// payment can be found. Default 2 minutes.
	Over time.Duration
}

func (l Lookup) withDefaults() (Lookup, error) {
	if l.Looks < 0 || l.Over < 0 {
		return l, argument("lookup", fmt.Sprintf("is {Looks: %d, Over: %s}; neither may be negative", l.Looks, l.Over))
	}
	l.Looks = cmp.Or(l.Looks, 5)
	l.Over = cmp.Or(l.Over, 2*time.Minute)
	return l, nil
}

// A ReconcileError says why Reconcile could not settle a payment.
type ReconcileError struct {
	// Kind is ErrAmbiguous if something other than exactly the one payment was found: a person must decide. It is
	// ErrAbsent if every look found a list without the payment; paying again, with a new key, is the caller's decision. It is
	// ErrOutcomeUnknown if Dwolla could not be asked.
	Kind   Kind
	Reason string
	// Looks is how many looks found nothing.
	Looks int
	// Found are the ids of what was found.
	Found []string
	// Err is why Dwolla could not be asked.
	Err error
}

func (e *ReconcileError) Error() string {
	if e == nil {
		return "dwolla: a nil *ReconcileError"
	}
	s := fmt.Sprintf("%s (%d looks found nothing)", e.Kind.Error(), e.Looks)
	if e.Reason != "" {
		s += ": " + e.Reason
	}
	if e.Err != nil {
		s += ": " + e.Err.Error()
	}
	return oneLine(s)
}

// Unwrap returns the cause.
func (e *ReconcileError) Unwrap() error {
	if e == nil {
		return nil
	}
	return e.Err
}

// Is reports whether the error is of a kind. An ambiguous outcome is also an unknown one.
func (e *ReconcileError) Is(target error) bool {
	if e == nil {
		return false
	}
	return target == e.Kind || target == ErrOutcomeUnknown && e.Kind == ErrAmbiguous
}

// ambiguous returns a ReconcileError about what was found.
func ambiguous(reason string, found ...string) error {
	return &ReconcileError{Kind: ErrAmbiguous, Reason: reason, Found: found}
}

// reconcile looks until it finds the payment, or until enough looks over enough time have found nothing. A look that
// fails counts for neither.
func reconcile[T any](ctx context.Context, l Lookup, look func(context.Context) (*T, error)) (*T, error) {
	l, err := l.withDefaults()
	if err != nil {
		return nil, err
	}
	every := max(l.Over/time.Duration(max(l.Looks-1, 1)), time.Millisecond)
	var since time.Time
	empty, failed := 0, 0
	for {
		found, err := look(ctx)
		if found != nil || errors.Is(err, ErrAmbiguous) {
			return found, err
		}
		wait := every
		if err == nil {
			if empty == 0 {
				since = time.Now()
			}
			empty, failed = empty+1, 0
			if empty >= l.Looks && time.Since(since) >= l.Over {
				return nil, &ReconcileError{Kind: ErrAbsent, Looks: empty}
			}
		} else {
			failed++
			pause, again := askAgain(err)
			if !again || failed >= l.Looks {
				return nil, &ReconcileError{Kind: ErrOutcomeUnknown, Looks: empty, Err: err}
			}
			wait = max(wait, pause)
		}
		if err := sleep(ctx, wait); err != nil {
			return nil, &ReconcileError{Kind: ErrOutcomeUnknown, Looks: empty, Err: err}
		}
	}
}

// askAgain reports whether a failed look may succeed later, and how long to wait at least.
func askAgain(err error) (time.Duration, bool) {
	failed, ok := errors.AsType[*Error](err)
	if !ok {
		return 0, errors.Is(err, ErrIncompleteList)
	}
	switch failed.Outcome {
	case OutcomeNotSent, OutcomeBadResponse, OutcomeRateLimited:
		return failed.RetryAfter, true
	default:
		return 0, false
	}
}
