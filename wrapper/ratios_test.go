package dwolla

import (
	"context"
	"fmt"
	"os"
	"runtime"
	"slices"
	"strconv"
	"testing"
	"time"
)

// A ratio is a job whose cost is compared with that of the plain twin.
type ratio struct {
	name     string
	n        int // units of work: calls, items, POSTs
	secure   bool
	ours     func(ctx context.Context, jobs benchJobs, n int) error
	plain    func(ctx context.Context, jobs benchJobs, n int) error
	wall     float64 // at most, of the twin's
	allocs   float64 // at most, a unit of work; 0 is no limit
	connects int     // at most; 0 is no limit
}

func ratios() []ratio {
	get := func(workers int) func(context.Context, benchJobs, int) error {
		return func(ctx context.Context, jobs benchJobs, n int) error { return jobs.get(ctx, n, workers) }
	}
	walk := func(milliseconds, ahead int) func(context.Context, benchJobs, int) error {
		return func(ctx context.Context, jobs benchJobs, n int) error {
			items, err := jobs.walk(ctx, walkID(n, milliseconds), ahead)
			if err == nil && items != n {
				err = fmt.Errorf("%d of %d items", items, n)
			}
			return err
		}
	}
	create := func(ctx context.Context, jobs benchJobs, n int) error {
		return jobs.create(ctx, n, MaxMassPaymentItems)
	}
	return []ratio{
		{"a1", 20_000, false, get(1), get(1), 0.95, 90, 0},
		{"a16", 20_000, false, get(16), get(16), 0.60, 0, 20},
		{"b", 100_000, false, walk(0, defaultAheadInBench), walk(0, 0), 0.30, 15, 0},
		{"c", 200, false, create, create, 0.45, 100, 0},
		{"b at 20 ms, 8 ahead", 100_000, false, walk(20, 8), walk(20, 0), 0.15, 0, 0},
		{"a16 over TLS 1.3", 8_000, true, get(16), get(16), 0.20, 0, 32},
	}
}

const defaultAheadInBench = 2

// TestRatios prints what the client costs beside plain net/http with encoding/json, in one run, as ratios of medians.
// DWOLLA_BENCH is the number of rounds; without it nothing is measured.
func TestRatios(t *testing.T) {
	rounds, err := strconv.Atoi(os.Getenv("DWOLLA_BENCH"))
	if err != nil {
		t.Skip("DWOLLA_BENCH is not set to a number of rounds")
	}
	only := os.Getenv("DWOLLA_BENCH_JOB")
	fmt.Printf("%-20s %9s %9s %7s %7s %10s %10s %9s %9s\n", "job", "ours", "plain", "ratio", "limit", "allocs", "plain's", "connects", "plain's")
	for _, r := range ratios() {
		if only != "" && only != r.name {
			continue
		}
		server := startBenchServer(t, r.secure)
		var sides [2]side
		for range rounds {
			for i, run := range []func() error{
				func() error { return sides[0].run(t, server, newOurs, r.ours, r.n) },
				func() error { return sides[1].run(t, server, newStdlib, r.plain, r.n) },
			} {
				if err := run(); err != nil {
					t.Fatalf("%s, side %d: %v", r.name, i, err)
				}
			}
		}
		ours, plain := sides[0], sides[1]
		wall := median(ours.wall).Seconds() / median(plain.wall).Seconds()
		fmt.Printf("%-20s %9s %9s %7.2f %7.2f %10.1f %10.1f %9d %9d\n", r.name,
			median(ours.wall).Round(time.Millisecond), median(plain.wall).Round(time.Millisecond), wall, r.wall,
			median(ours.allocs), median(plain.allocs), median(ours.connects), median(plain.connects))
		// Time is a report; what is the same on every machine is checked.
		if r.allocs > 0 && median(ours.allocs) > r.allocs {
			t.Errorf("%s: %.1f allocations, want at most %.0f", r.name, median(ours.allocs), r.allocs)
		}
		if r.connects > 0 && median(ours.connects) > r.connects {
			t.Errorf("%s: %d connections, want at most %d", r.name, median(ours.connects), r.connects)
		}
	}
}

// A side is what one way of doing a job has cost, round by round.
type side struct {
	wall     []time.Duration
	allocs   []float64 // a unit of work
	connects []int
}

func (s *side) run(
	t *testing.T, server *benchServer, newJobs func(testing.TB, *benchServer) benchJobs,
	job func(context.Context, benchJobs, int) error, n int,
) error {
	jobs := newJobs(t, server)
	defer jobs.close()
	if err := jobs.get(t.Context(), 1, 1); err != nil { // the token, and the first connection
		return err
	}
	if err := jobs.create(t.Context(), 0, MaxMassPaymentItems); err != nil { // the body of job c
		return err
	}
	server.connections(t)
	runtime.GC()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	start := time.Now()
	if err := job(t.Context(), jobs, n); err != nil {
		return err
	}
	s.wall = append(s.wall, time.Since(start))
	runtime.ReadMemStats(&after)
	s.allocs = append(s.allocs, float64(after.Mallocs-before.Mallocs)/float64(n))
	s.connects = append(s.connects, server.connections(t)+1)
	return nil
}

func median[T int | float64 | time.Duration](values []T) T {
	sorted := slices.Sorted(slices.Values(values))
	return sorted[len(sorted)/2]
}
