package idempotency_test

import (
	"testing"
	"time"

	"github.com/dwolla-go/dwolla-go/wrapper/internal/idempotency"
)

const (
	run      = idempotency.Run
	replay   = idempotency.Replay
	conflict = idempotency.Conflict
	mismatch = idempotency.Mismatch
)

var start = time.Date(2026, 5, 4, 12, 0, 0, 0, time.UTC)

// begin fails the test unless the request "pay" under the key "k" gets the verdict.
func begin(t *testing.T, keys *idempotency.Keys[string], after time.Duration, want idempotency.Verdict) *idempotency.Key[string] {
	t.Helper()
	got, key := keys.Begin(start.Add(after), "k", "pay")
	if got != want {
		t.Fatalf("after %s: got verdict %d, want %d", after, got, want)
	}
	return key
}

func TestARequestThatWasCarriedOutIsAnsweredAgainForADay(t *testing.T) {
	var keys idempotency.Keys[string]
	first := begin(t, &keys, 0, run)
	first.Keep("paid")
	first.End()
	if again := begin(t, &keys, idempotency.Life-time.Nanosecond, replay); again.Answer() != "paid" {
		t.Errorf("got the answer %q", again.Answer())
	}
	begin(t, &keys, idempotency.Life, run)
}

func TestARunningRequestIsAConflict(t *testing.T) {
	var keys idempotency.Keys[string]
	first := begin(t, &keys, 0, run)
	begin(t, &keys, time.Second, conflict)
	first.Keep("paid")
	begin(t, &keys, 2*time.Second, conflict)
	begin(t, &keys, 2*idempotency.Life, conflict)
	first.End()
	begin(t, &keys, 3*time.Second, replay)
}

func TestARefusedRequestLeavesItsKeyFree(t *testing.T) {
	var keys idempotency.Keys[string]
	begin(t, &keys, 0, run).End()
	begin(t, &keys, 0, run)
}

func TestALockedKeyIsAConflictForADay(t *testing.T) {
	for _, carriedOut := range []bool{false, true} {
		for _, replays := range []bool{false, true} {
			keys := idempotency.Keys[string]{ReplayAfterLock: replays}
			first := begin(t, &keys, 0, run)
			if carriedOut {
				first.Keep("paid")
			}
			first.Lock()
			first.End()
			begin(t, &keys, idempotency.Life-time.Nanosecond, conflict)
			want := run
			if carriedOut && replays {
				want = replay
			}
			begin(t, &keys, idempotency.Life, want)
		}
	}
}

func TestAnotherRequestUnderTheSameKeyIsAMismatch(t *testing.T) {
	var keys idempotency.Keys[string]
	first := begin(t, &keys, 0, run)
	other := func() idempotency.Verdict {
		verdict, _ := keys.Begin(start, "k", "pay more")
		return verdict
	}
	if got := other(); got != mismatch {
		t.Errorf("while the first runs: got verdict %d", got)
	}
	first.Keep("paid")
	first.End()
	if got := other(); got != mismatch {
		t.Errorf("afterwards: got verdict %d", got)
	}
	if got, _ := keys.Begin(start, "another key", "pay more"); got != run {
		t.Errorf("under another key: got verdict %d", got)
	}
}

func TestClearForgetsEveryKey(t *testing.T) {
	var keys idempotency.Keys[string]
	first := begin(t, &keys, 0, run)
	keys.Clear()
	second := begin(t, &keys, 0, run)
	first.End() // frees no key that is another's by now
	begin(t, &keys, 0, conflict)
	second.End()
}

func TestARequestWithoutAKeyHasANilKey(t *testing.T) {
	var none *idempotency.Key[string]
	none.Keep("paid")
	none.Lock()
	none.End()
	if none.Answer() != "" {
		t.Error("a nil key has an answer")
	}
}
