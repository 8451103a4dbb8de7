package payout

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	dwolla "github.com/dwolla-go/dwolla-go/wrapper"
)

func TestARunnerIsNotMadeOfWhatMakesNoSense(t *testing.T) {
	s, g := newMemStore(), direct{newFakeDwolla()}
	const negative = "payout: an option is negative"
	for _, test := range []struct {
		name string
		make func() (*Runner, error)
		want string
	}{
		{"no store", func() (*Runner, error) { return NewRunner(nil, g, Options{}) }, "payout: a runner needs a store and a gateway"},
		{"no gateway", func() (*Runner, error) { return NewRunner(s, nil, Options{}) }, "payout: a runner needs a store and a gateway"},
		{"negative workers", func() (*Runner, error) { return NewRunner(s, g, Options{Concurrency: -1}) }, negative},
		{"a negative limit", func() (*Runner, error) { return NewRunner(s, g, Options{MaxOpen: -1}) }, negative},
		{"a negative wait", func() (*Runner, error) { return NewRunner(s, g, Options{Backoff: -1}) }, negative},
		{"a negative lease", func() (*Runner, error) { return NewRunner(s, g, Options{Lease: -time.Second}) }, negative},
	} {
		t.Run(test.name, func(t *testing.T) {
			if r, err := test.make(); r != nil || err == nil || err.Error() != test.want {
				t.Errorf("%v, error %v", r, err)
			}
		})
	}
	if r, err := NewRunner(s, g, Options{IdleTimeout: -1}); err != nil || r == nil {
		t.Errorf("no idle timeout: %v", err)
	}
}

func TestARunThatNeverSucceedsGivesUpAndKeepsItsRecord(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, s := newFakeDwolla(), newMemStore()
		mustPrepare(t, s, simRows(4), Plan{})
		down := true
		g := &scripted{direct: direct{b}, answer: func(int) error {
			if down {
				return simError(dwolla.OutcomeNotSent, 0, "")
			}
			return nil
		}}
		r := mustRunner(t, s, g, Options{})
		started := time.Now()
		_, err := r.Run(t.Context(), simBatch)
		if _, ok := errors.AsType[*StoppedError](err); !ok || time.Since(started) < 30*time.Minute || g.calls > 30 {
			t.Fatalf("%v after %v and %d requests", err, time.Since(started), g.calls)
		}
		down = false
		if summary, err := r.Run(t.Context(), simBatch); err != nil || summary.Totals.Paid.Rows != 4 {
			t.Errorf("%+v, %v", summary.Totals, err)
		}
	})
}
