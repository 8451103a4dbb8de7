package payout

import (
	"testing"
	"testing/synctest"
	"time"

	dwolla "github.com/dwolla-go/dwolla-go/wrapper"
)

func TestAFailedStepWaitsTwiceAsLongEachTimeAndAsLongAsDwollaAsks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := mustRunner(t, newMemStore(), direct{newFakeDwolla()}, Options{Backoff: time.Second, MaxBackoff: time.Minute})
		limited := &dwolla.Error{Outcome: dwolla.OutcomeRateLimited, StatusCode: 429, RetryAfter: 2 * time.Minute}
		for _, test := range []struct {
			failures int // before this one
			err      error
			wait     time.Duration
		}{
			{0, errDisk, time.Second},
			{1, errDisk, 2 * time.Second},
			{5, errDisk, 32 * time.Second},
			{6, errDisk, time.Minute},
			{1_000_000, errDisk, time.Minute},
			{0, limited, 2 * time.Minute},
		} {
			s := &step{runner: r, chunk: Chunk{Failures: test.failures}, now: clock{time.Now(), time.Now()}}
			s.fail(test.err)
			if got := time.Until(s.chunk.Due); got != test.wait || s.chunk.Failures != test.failures+1 || s.chunk.LastError != test.err.Error() {
				t.Errorf("failure %d: the next step is in %v, want %v; %+v", test.failures+1, got, test.wait, s.chunk)
			}
		}
		if got := time.Until(r.pace.from); got != 2*time.Minute {
			t.Errorf("after a 429 the next mass payment is sent in %v", got)
		}
	})
}
