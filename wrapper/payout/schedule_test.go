package payout

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

func TestAnUnknownOutcomeKeepsEverythingElseBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, s := newFakeDwolla(), newMemStore()
		b.outcome = func(n int) outcome {
			if n == 2 {
				return failsAndLocks
			}
			return succeeds
		}
		mustPrepare(t, s, simRows(12), Plan{ChunkRows: 3})
		g := &scripted{direct: direct{b}, answer: nothing}
		r := mustRunner(t, s, g, Options{Concurrency: 1})
		summary, err := r.Run(t.Context(), simBatch)
		held := heldOf(t, err)
		if len(held) != 1 || held[0].Number != 2 || held[0].Hold.Reason != HoldAbsent || summary.Chunks[StatePlanned] != 2 || len(b.payments) != 1 {
			t.Fatalf("%+v, %d mass payments", summary.Chunks, len(b.payments))
		}
		if err := r.Resolve(t.Context(), simBatch, 2, Resolution{Action: SendAgain}); err == nil {
			t.Error("resolved by nobody")
		}
		if err := r.Resolve(t.Context(), simBatch, 3, Resolution{By: "a", Action: SendAgain}); err == nil {
			t.Error("a chunk that is not held is resolved")
		}
		if err := r.Resolve(t.Context(), simBatch, 2, Resolution{By: "a person", Action: SendAgain}); err != nil {
			t.Fatal(err)
		}
		if summary, err = r.Run(t.Context(), simBatch); err != nil || summary.Totals.Paid.Rows != 12 {
			t.Errorf("%+v, %v", summary.Totals, err)
		}
		c := chunksOf(t, s)[1]
		if len(c.Superseded) != 1 || c.Superseded[0].By != "a person" || c.Superseded[0].Key == c.Key || c.Superseded[0].Key != held[0].Key {
			t.Errorf("the old key is not on record: %+v", c.Superseded)
		}
	})
}

// Fifty mass payments of 5 minutes each, whose polls are more than one worker can do.
func TestFault333_PollingDoesNotKeepChunksFromBeingSent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, s := newFakeDwolla(), newMemStore()
		b.itemTime = 100 * time.Second
		mustPrepare(t, s, simRows(150), Plan{ChunkRows: 3})
		g := &hooked{direct: direct{b}}
		g.beforeFind = func(string) { time.Sleep(150 * time.Millisecond) }
		gets := map[string]int{}
		g.beforeGet = func(href string) { gets[href]++; time.Sleep(300 * time.Millisecond) }
		var last time.Time
		g.beforeCreate = func(string) { time.Sleep(300 * time.Millisecond); last = time.Now() }
		start := time.Now()
		summary, err := mustRunner(t, s, g, Options{MaxPoll: 10 * time.Second}).Run(t.Context(), simBatch)
		if err != nil || summary.Totals.Paid.Rows != 150 {
			t.Errorf("%+v, %v", summary.Totals, err)
		}
		if took := last.Sub(start); took > 30*time.Second { // 50 times 0.45 s
			t.Errorf("the last of 50 was sent after %v", took)
		}
		least, most := len(gets), 0
		for _, n := range gets {
			least, most = min(least, n), max(most, n)
		}
		if len(gets) != 50 || most > 2*least+10 {
			t.Errorf("%d mass payments were read %d to %d times", len(gets), least, most)
		}
		if took := time.Since(start); took > 10*time.Minute {
			t.Errorf("it took %v", took)
		}
	})
}

func TestFault347_OneLockedKeyDoesNotKeepTheOthersFromBeingPaidWhereAPersonAllowsIt(t *testing.T) {
	for _, others := range []bool{false, true} {
		bubble(t, fmt.Sprint("others are sent: ", others), func(t *testing.T) {
			b, s := newFakeDwolla(), newMemStore()
			b.outcome = func(n int) outcome {
				if n == 3 {
					return failsAndLocks
				}
				return succeeds
			}
			mustPrepare(t, s, simRows(60), Plan{ChunkRows: 3})
			summary, err := mustRunner(t, s, direct{b}, Options{SendOthers: others}).Run(t.Context(), simBatch)
			want := 6
			if others {
				want = 57
			}
			if held := heldOf(t, err); len(held) != 1 || held[0].Number != 3 || summary.Totals.Paid.Rows != want {
				t.Errorf("%d held, %+v", len(held), summary.Totals)
			}
		})
	}
}

func TestFault438_WhileAWorkerTakesADeadOnesChunkOverNoOtherIsSent(t *testing.T) {
	for _, repeats := range []bool{false, true} {
		bubble(t, fmt.Sprint("the request is repeated: ", repeats), func(t *testing.T) {
			b, s := newFakeDwolla(), newMemStore()
			b.outcome = func(n int) outcome {
				if n == 1 {
					return dropsBefore
				}
				return succeeds
			}
			mustPrepare(t, s, simRows(6), Plan{ChunkRows: 3})
			ctx, die := context.WithCancelCause(t.Context())
			p := &process{world: &world{dwolla: b}, die: die}
			dying := &hooked{direct: direct{b}, beforeCreate: func(string) {
				if !repeats {
					_ = p.kill()
				}
			}}
			if repeats {
				if _, err := mustRunner(t, s, dying, Options{}).Step(t.Context(), simBatch); err != nil {
					t.Fatal(err)
				}
			} else if _, err := mustRunner(t, processStore{s, p}, dying, Options{}).Run(ctx, simBatch); !errors.Is(err, errKilled) {
				t.Fatal(err)
			}
			var sent []string
			var mu sync.Mutex
			slow := func(string) { time.Sleep(5 * time.Second) }
			g := &hooked{direct: direct{b}, beforeFind: slow}
			g.beforeCreate = func(name string) {
				mu.Lock()
				sent = append(sent, name)
				mu.Unlock()
				time.Sleep(time.Minute)
			}
			time.Sleep(time.Hour) // the lease has ended
			b.payments, b.outcome = nil, func(int) outcome { return dropsBefore }
			_, _ = mustRunner(t, s, g, Options{Concurrency: 4}).Run(t.Context(), simBatch)
			for _, name := range sent {
				if name != "sim-00001" {
					t.Fatalf("sent: %v", sent)
				}
			}
			if len(sent) == 0 {
				t.Error("nothing was sent")
			}
		})
	}
}
