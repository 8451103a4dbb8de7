package payout

import (
	"math/rand/v2"
	"os"
	"strconv"
	"testing"
	"testing/synctest"
	"time"
)

// The long form of goal G1 runs with PAYOUT_CRASH=full (make crash); PAYOUT_SEED=n replays one schedule.
func fullCrash() bool { return os.Getenv("PAYOUT_CRASH") == "full" }

func newWorld(rows, chunk int) *world {
	return &world{
		dwolla: newFakeDwolla(), store: newMemStore(), rows: simRows(rows),
		plan: Plan{Source: simSource, ChunkRows: chunk},
	}
}

// TestCrashAtEveryBoundary kills a run of 60 rows before and after each of its requests and writes, with each outcome
// of the server at each of its mass payments.
func TestCrashAtEveryBoundary(t *testing.T) {
	runs, stride := 0, 41 // the short form takes every 41st boundary
	if fullCrash() {
		stride = 1
	}
	for o := range exhaustedOutcomes {
		for at := 1; at <= 3; at++ {
			build := func() *world {
				w := newWorld(60, 20)
				w.dwolla.itemTime = 500 * time.Millisecond
				w.dwolla.reject[7], w.dwolla.reject[45] = true, true
				w.dwolla.outcome = func(n int) outcome {
					if n == at {
						return o
					}
					return succeeds
				}
				return w
			}
			boundaries := 0
			synctest.Test(t, func(t *testing.T) {
				w := build()
				if err := w.play(); err != nil {
					t.Fatalf("outcome %d at %d without a kill: %v", o, at, err)
				}
				boundaries = w.op
			})
			for n := 1 + (int(o)+at)%stride; n <= boundaries; n += stride {
				for _, end := range []bool{false, true} {
					synctest.Test(t, func(t *testing.T) {
						w := build()
						w.killAt, w.killEnd = n, end
						if err := w.play(); err != nil {
							t.Errorf("outcome %d at %d, killed at boundary %d (after: %v): %v", o, at, n, end, err)
						}
					})
					runs++
				}
			}
		}
	}
	if !t.Failed() {
		t.Logf("G1 boundaries: %d runs of 60 rows x 5 outcomes x 3 mass payments, every %d. boundary, before and after: 0 double, 0 lost, 0 stuck", runs, stride)
	}
}

// seeded is the schedule of a seed: everything that can go wrong does, with some probability.
func seeded(seed uint64, rows, chunk int) *world {
	w := newWorld(rows, chunk)
	w.rng = rand.New(rand.NewPCG(seed, seed^0x9e3779b97f4a7c15))
	r := w.rng
	w.killOne = []float64{0, 0.02, 0.05, 0.15}[r.IntN(4)]
	w.faults = []float64{0, 0.05, 0.2}[r.IntN(3)]
	w.slow = []float64{0, 0, 0.1}[r.IntN(3)]
	w.mixed = r.IntN(2) == 0
	w.workers = 1 + r.IntN(2)*r.IntN(3)
	w.lose = []float64{0, 0, 0.3}[r.IntN(3)]
	w.plan.Deferred = r.IntN(5) == 0
	w.dwolla.visible = time.Duration(r.IntN(3)) * time.Duration(r.IntN(100)) * time.Second
	w.dwolla.itemTime = time.Duration(r.IntN(1000)) * time.Millisecond
	for range r.IntN(6) {
		w.dwolla.reject[2+r.IntN(rows)] = true
	}
	bad := []float64{0, 0.1, 0.5}[r.IntN(3)]
	w.dwolla.outcome = func(int) outcome {
		w.mu.Lock()
		defer w.mu.Unlock()
		if w.rng.Float64() < bad {
			return outcome(w.rng.IntN(int(outcomes)))
		}
		return succeeds
	}
	if disk := []float64{0, 0, 0.02}[r.IntN(3)]; disk > 0 {
		w.store.fail = func() storeFault {
			w.mu.Lock()
			defer w.mu.Unlock()
			if w.killOne == 0 || w.rng.Float64() >= disk {
				return noFault
			}
			return nothingWritten + storeFault(w.rng.IntN(2))
		}
	}
	return w
}

// TestCrashSchedules plays random schedules of kills, lost answers, locked keys, failing reads, stale look-ups, full
// disks, lingering requests, several workers and records that are lost or restored from a backup.
func TestCrashSchedules(t *testing.T) {
	if s := os.Getenv("PAYOUT_SEED"); s != "" {
		seed, err := strconv.ParseUint(s, 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		playSeed(t, seed)
		return
	}
	schedules := 20
	if fullCrash() {
		schedules = 10_000
	}
	for seed := range uint64(schedules) {
		playSeed(t, seed)
	}
	if !t.Failed() {
		t.Logf("G1 seeded: %d schedules: 0 double, 0 lost, 0 stuck", schedules)
	}
}

func playSeed(t *testing.T, seed uint64) {
	synctest.Test(t, func(t *testing.T) {
		if err := seeded(seed, 60, 7).play(); err != nil {
			t.Errorf("PAYOUT_SEED=%d: %v", seed, err)
		}
	})
}

// TestCrashLarge does it with 12,000 rows in mass payments of 5,000.
func TestCrashLarge(t *testing.T) {
	runs := 1
	if fullCrash() {
		runs = 20
	}
	for seed := range uint64(runs) {
		synctest.Test(t, func(t *testing.T) {
			w := seeded(1_000_000+seed, 12_000, MaxChunkRows)
			w.killOne = max(w.killOne, 0.05)
			if err := w.play(); err != nil {
				t.Errorf("large %d: %v", seed, err)
			}
		})
	}
	if !t.Failed() {
		t.Logf("G1 large: %d runs of 12,000 rows: 0 double, 0 lost, 0 stuck", runs)
	}
}
