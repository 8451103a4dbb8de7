package dwolla

import (
	"cmp"
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"
)

// sleep waits, or returns early with the reason when the context ends.
func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ended(ctx)
	case <-timer.C:
		return nil
	}
}

// fits reports whether a wait ends before the context's deadline. If it does not, returning the last error at once tells
// the caller more than waiting would.
func fits(ctx context.Context, wait time.Duration) bool {
	deadline, ok := ctx.Deadline()
	return !ok || time.Until(deadline) > wait
}

// backoff returns the wait after an attempt: full jitter over a doubling delay, with a floor, so that attempts never
// follow each other at once.
func backoff(r Retries, attempt int) time.Duration {
	floor, limit := r.MinDelay, r.BaseDelay
	for i := 1; i < attempt && limit < r.MaxDelay; i++ {
		limit *= 2
	}
	limit = min(limit, r.MaxDelay)
	if limit <= floor {
		return limit
	}
	return floor + rand.N(limit-floor)
}

// ended returns why a context ended. errors.Is finds context.Canceled or context.DeadlineExceeded in it, and the cause
// that the caller gave, if any. That may be an error of another call, as an errgroup's is: it is of no kind.
func ended(ctx context.Context) error {
	err, cause := ctx.Err(), context.Cause(ctx)
	if err != context.Canceled && err != context.DeadlineExceeded {
		return hideKinds(kept(ctx, cmp.Or(err, cause, context.Canceled), false)) // of a context of the user's own
	}
	switch cause {
	case err: //nolint:errorlint // any other is the caller's own
		return err
	case errTimeout:
		return fmt.Errorf("%w: %w", cause, err)
	}
	return &endedError{end: err, cause: hideKinds(kept(ctx, cause, false))}
}

// An endedError is the end of a context that has a cause of the caller's own.
type endedError struct{ end, cause error }

func (e *endedError) Error() string {
	text, end := e.cause.Error(), e.end.Error()
	if strings.Contains(text, end) {
		return text
	}
	return text + ": " + end
}

// Unwrap returns the end before the cause, so that the methods of the cause are not called to find the end.
func (e *endedError) Unwrap() []error { return []error{e.end, e.cause} }

// canceled reports whether the caller's context ended, as opposed to the time limit of the attempt.
func canceled(ctx context.Context) bool {
	return ctx.Err() != nil && context.Cause(ctx) != errTimeout //nolint:errorlint // it is the cause itself
}
