package payout

import (
	"context"
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

// An awayStore is a Store that cannot be reached for a while.
type awayStore struct {
	Store
	from, until time.Time
}

func (s *awayStore) away() error {
	if now := time.Now(); now.Before(s.from) || !now.Before(s.until) {
		return nil
	}
	return errOutage
}

func (s *awayStore) Update(ctx context.Context, batch string, fn func(Tx) error) error {
	if err := s.away(); err != nil {
		return err
	}
	return s.Store.Update(ctx, batch, fn)
}

func (s *awayStore) View(ctx context.Context, batch string, fn func(Tx) error) error {
	if err := s.away(); err != nil {
		return err
	}
	return s.Store.View(ctx, batch, fn)
}

func TestARunOutlivesAStoreThatIsAwayForMinutes(t *testing.T) {
	for offset := range 40 { // seconds of a run that is over within a minute
		synctest.Test(t, func(t *testing.T) {
			b, s := newFakeDwolla(), newMemStore()
			mustPrepare(t, s, simRows(6), Plan{ChunkRows: 2})
			from := time.Now().Add(time.Duration(offset) * 500 * time.Millisecond)
			r := mustRunner(t, &awayStore{s, from, from.Add(10 * time.Minute)}, direct{b}, Options{})
			summary, err := r.Run(t.Context(), simBatch)
			if err != nil || summary.Totals.Paid.Rows != 6 {
				t.Fatalf("away after %v: %+v, %v", time.Duration(offset)*500*time.Millisecond, summary.Totals, err)
			}
			for line, times := range b.ledger(simBatch) {
				if times != 1 {
					t.Errorf("line %d is paid %d times", line, times)
				}
			}
		})
	}
}

func TestARunWhoseStoreStaysAwayIsStopped(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newMemStore()
		mustPrepare(t, s, simRows(4), Plan{})
		r := mustRunner(t, &awayStore{s, time.Now(), time.Now().Add(1000 * time.Hour)}, direct{newFakeDwolla()}, Options{})
		started := time.Now()
		_, err := r.Run(t.Context(), simBatch)
		if _, ok := errors.AsType[*StoppedError](err); !ok || !errors.Is(err, ErrStoreUnavailable) {
			t.Errorf("%v", err)
		}
		if took := time.Since(started); took < 30*time.Minute || took > time.Hour {
			t.Errorf("stopped after %v", took)
		}
	})
}
