package dwolla

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dwolla-go/dwolla-go/internal/leak"
	"github.com/dwolla-go/dwolla-go/wrapper/internal/faultserver"
)

// soak reports whether the long runs are wanted: DWOLLA_SOAK=1 go test -run TestGoal -timeout 60m.
func soak() bool { return os.Getenv("DWOLLA_SOAK") != "" }

// size is a number of calls: short in the default suite, long in the soak.
func size(short, long int) int {
	if soak() {
		return long
	}
	return short
}

// mixed gives a tenth of the requests a fault of the table.
func mixed(seed uint64, faults []ending) func(int, *http.Request) *faultserver.Fault {
	var mu sync.Mutex
	random := rand.New(rand.NewPCG(seed, 3))
	return func(int, *http.Request) *faultserver.Fault {
		mu.Lock()
		defer mu.Unlock()
		if random.IntN(10) != 0 {
			return nil
		}
		return faults[random.IntN(len(faults))].fault
	}
}

func TestGoalG3KeysAndBytesNeverChange(t *testing.T) {
	total, round := size(5_000, 1_000_000), size(2_500, 10_000)
	calls, sends, unknowns := 0, 0, 0
	for seed := range uint64(total / round) {
		synctest.Test(t, func(t *testing.T) {
			r := inMemoryRig(t)
			r.guard.MaxSends = 12 // mixed faults: attempts, polls and replays
			r.bank.Fault = mixed(seed, slices.Concat(endings(), unsent()))
			var unknown atomic.Int64
			crowd(50, func(w int) error {
				for i := range round / 50 {
					_, err := r.Transfers.Create(t.Context(), payment(name("p-%d-%d", w, i)))
					if OutcomeOf(err) == OutcomeUnknown {
						unknown.Add(1)
					}
				}
				return nil
			})
			if twice := r.bank.Ledger.Twice(intention); len(twice) > 0 {
				t.Errorf("seed %d: paid twice: %q", seed, twice)
			}
			hashes := map[string]string{}
			for _, sent := range r.bank.Requests() {
				if before, ok := hashes[sent.Key]; ok && sent.Key != "" && before != sent.BodyHash {
					t.Errorf("seed %d: key %s came with two bodies", seed, sent.Key)
				}
				hashes[sent.Key] = sent.BodyHash
			}
			calls, sends, unknowns = calls+r.guard.Calls(), sends+len(r.bank.Requests()), unknowns+int(unknown.Load())
		})
	}
	t.Logf("G3: %d calls, %d requests, %d unknown outcomes, 0 changed keys or bytes, 0 paid twice", calls, sends, unknowns)
}

func TestGoalG5OneTokenForAThousandCallers(t *testing.T) {
	callers := size(250, 1000)
	count := func(arrange func(*testing.T, *rig) func(i int) error) (tokens, failed int) {
		synctest.Test(t, func(t *testing.T) {
			r := inMemoryRig(t)
			r.bank.Token = func(http.ResponseWriter, *http.Request) bool { time.Sleep(time.Second); return false }
			call := arrange(t, r)
			before := r.bank.Tokens()
			failed = crowd(callers, call)
			tokens = r.bank.Tokens() - before
		})
		return tokens, failed
	}
	for name, c := range map[string]struct {
		arrange func(*testing.T, *rig) func(int) error
		failed  int
	}{
		"cold": {func(t *testing.T, r *rig) func(int) error {
			return func(int) error { return r.read(t.Context()) }
		}, 0},
		"at expiry": {func(t *testing.T, r *rig) func(int) error {
			_ = r.read(t.Context())
			time.Sleep(2 * time.Hour)
			return func(int) error { return r.read(t.Context()) }
		}, 0},
		"mass 401": {func(t *testing.T, r *rig) func(int) error {
			_ = r.read(t.Context())
			r.bank.Revoke()
			return func(int) error { return r.read(t.Context()) }
		}, 0},
		"leader cancelled": {func(t *testing.T, r *rig) func(int) error {
			return func(i int) error {
				time.Sleep(time.Duration(i) * 100 * time.Microsecond)
				ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
				defer cancel()
				if i == 0 {
					cancel()
				}
				return r.read(ctx)
			}
		}, 1},
	} {
		tokens, failed := count(c.arrange)
		if tokens != 1 || failed != c.failed {
			t.Errorf("%s: %d requests for a token, %d callers failed", name, tokens, failed)
		}
		t.Logf("G5: %s: %d callers, %d request for a token, %d failed by another's end", name, callers, tokens, failed-c.failed)
	}
}

func TestGoalG8CancellationReturnsAtOnce(t *testing.T) {
	if !soak() {
		return // measured in real time, which a busy machine does not give; TestFault022 has it in virtual time
	}
	const samples = 200
	for phase, c := range map[string]struct {
		arrange func(*rig)
		call    func(context.Context, *rig) error
	}{
		"backoff": {func(r *rig) { r.bank.Always(faultserver.Status(429, "").With("Retry-After", "50")) }, func(ctx context.Context, r *rig) error { return r.pay(ctx) }},
		"token wait": {func(r *rig) {
			r.bank.Token = func(_ http.ResponseWriter, req *http.Request) bool { <-req.Context().Done(); return true }
		}, func(ctx context.Context, r *rig) error { return r.pay(ctx) }},
		"answer": {func(r *rig) { r.bank.Always(faultserver.Stall()) }, func(ctx context.Context, r *rig) error { return r.pay(ctx) }},
		"body":   {func(r *rig) { r.bank.Always(&faultserver.Fault{End: faultserver.Trickle}) }, func(ctx context.Context, r *rig) error { return r.read(ctx) }},
		"upload": {func(r *rig) { r.bank.Always(faultserver.Stall()) }, func(ctx context.Context, r *rig) error {
			_, err := r.Documents.CreateForCustomer(ctx, "c", CreateDocument{
				DocumentType: DocumentTypePassport,
				File:         File{Name: "p.png", Content: strings.NewReader("\x89PNG\r\n\x1a\n" + strings.Repeat("x", 1<<20))},
			})
			return err
		}},
		"poll": {func(*rig) {}, func(ctx context.Context, r *rig) error { _, err := r.Transfers.WaitFor(ctx, "t", Wait{}); return err }},
		"reconcile": {func(*rig) {}, func(ctx context.Context, r *rig) error {
			sent := payment("x")
			sent.Links.Source = LinkTo[FundingSource]("/funding-sources/payer")
			_, err := r.Transfers.Reconcile(ctx, sent, Lookup{})
			return err
		}},
	} {
		t.Run(phase, func(t *testing.T) {
			r, _ := overSocket(t, faultserver.HTTP1TLS)
			r.caller.budget.tokens = 1 << 30
			c.arrange(r)
			machine := lateness(t)
			took := make([]time.Duration, 0, samples)
			for range samples {
				ctx, cancel := context.WithCancel(t.Context())
				var at time.Time
				time.AfterFunc(20*time.Millisecond, func() { at = time.Now(); cancel() })
				err := c.call(ctx, r)
				took = append(took, time.Since(at))
				if !errors.Is(err, context.Canceled) {
					t.Fatal(err)
				}
			}
			slices.Sort(took)
			p99, most := took[samples*99/100], took[samples-1]
			t.Logf("G8: %s: p99 %s, max %s; the machine itself was late by up to %s", phase, p99, most, machine())
			if p99 > 50*time.Millisecond || most > 250*time.Millisecond {
				t.Errorf("p99 %s, max %s", p99, most)
			}
		})
	}
}

// lateness measures beside a run by how much a sleep of a millisecond is too long: what no client can be faster than.
func lateness(t *testing.T) func() time.Duration {
	t.Helper()
	stop, done, worst := make(chan struct{}), make(chan struct{}), time.Duration(0)
	go func() {
		defer close(done)
		for {
			before := time.Now()
			select {
			case <-stop:
				return
			case <-time.After(time.Millisecond):
				worst = max(worst, time.Since(before)-time.Millisecond)
			}
		}
	}()
	return func() time.Duration {
		close(stop)
		<-done
		return worst
	}
}

func TestGoalG9AnOutageIsNotMultiplied(t *testing.T) {
	for name, f := range map[string]*faultserver.Fault{
		"503": faultserver.Status(503, "ServerError"), "refused": {End: faultserver.Refused}, "reset": faultserver.Drop(),
	} {
		virtual(t, name, func(t *testing.T) {
			r := inMemoryRig(t)
			r.bank.Always(f)
			r.guard.MaxSends = 3
			workers, outage := 200, time.Duration(size(2, 10))*time.Minute
			ends := time.Now().Add(outage)
			var spent atomic.Int64 // requests when the budget was spent, and calls
			var callsThen atomic.Int64
			time.AfterFunc(time.Minute, func() {
				spent.Store(int64(len(r.bank.Requests())))
				callsThen.Store(int64(r.guard.Calls()))
			})
			crowd(workers, func(i int) error {
				time.Sleep(time.Duration(i) * 5 * time.Millisecond)
				for time.Now().Before(ends) {
					_ = r.read(t.Context())
					time.Sleep(5 * time.Second)
				}
				return nil
			})
			sends, calls := len(r.bank.Requests()), r.guard.Calls()
			after := float64(sends-int(spent.Load())) / float64(calls-int(callsThen.Load()))
			if after > 1.1 || sends > 3*calls {
				t.Errorf("%d calls were %d requests, %.3f each after the first minute", calls, sends, after)
			}
			t.Logf("G9: %s: %d calls, %d requests (x%.3f), x%.3f once the budget was spent, at most 3 a call", name, calls, sends, float64(sends)/float64(calls), after)
		})
	}
}

func TestGoalG11ConnectionsAreUsedAgain(t *testing.T) {
	answers := []*faultserver.Fault{
		nil, nil, nil, faultserver.Status(404, "NotFound"), faultserver.Status(400, "ValidationError"), faultserver.Status(520, "ServerError"),
		faultserver.Text(404, "text/html", strings.Repeat("x", 64<<10)), faultserver.Text(403, "", ""),
	}
	everywhere(t, func(t *testing.T, p faultserver.Protocol) {
		r, server := overSocket(t, p)
		r.bank.Fault = func(n int, _ *http.Request) *faultserver.Fault {
			if n%500 == 0 {
				return faultserver.Text(404, "text/html", strings.Repeat("x", maxErrorBody)) // up to the cap
			}
			return answers[n%len(answers)]
		}
		calls := size(300, 10_000)
		for range calls {
			_ = r.read(t.Context())
		}
		reused := 100 * (1 - float64(server.Accepted())/float64(calls))
		if reused < 99 {
			t.Errorf("%.2f %% of %d calls used a connection again", reused, calls)
		}
		t.Logf("G11: %s: %d calls, %d connections, %.2f %% reused", p, calls, server.Accepted(), reused)
	})
}

// footprint is what the process holds after its garbage was collected: the client, the test's own server with the memory
// of its connections, and the runtime. What the bank and the guard note of calls is dropped before.
type footprint struct {
	heap            uint64
	goroutines, fds int
	keys, conns     int // what the client's keyring and the test's own server hold
}

func measure() footprint {
	var m runtime.MemStats
	for range 3 {
		runtime.GC()
	}
	runtime.ReadMemStats(&m)
	return footprint{heap: m.HeapAlloc, goroutines: runtime.NumGoroutine(), fds: leak.Descriptors()}
}

func TestGoalG18NothingGrowsInALongRun(t *testing.T) {
	var faults []ending
	for _, e := range endings() {
		if e.fault.Wait == 0 && e.fault.End != faultserver.Trickle {
			faults = append(faults, e)
		}
	}
	r, server := overSocket(t, faultserver.HTTP1)
	r.guard.MaxSends = 12
	measured := func() footprint {
		r.CloseIdleConnections()
		time.Sleep(100 * time.Millisecond)
		f := measure()
		f.keys, f.conns = len(r.caller.keys.used), server.Connections()
		return f
	}
	r.caller.budget.tokens = 1 << 30 // the run is about leaks; an empty budget would spare most of the faults
	r.bank.Fault = mixed(18, faults)
	if soak() {
		// The keyring has a bound; it is filled first, so that what it holds is not taken for a leak.
		for i := range idempotencyCacheSize {
			key, _ := NewIdempotencyKey()
			e := &pendingCall{op: &opPost, url: r.caller.origin.at("/transfers", ""), key: key, first: time.Now()}
			if err := r.caller.keys.claim(e); err != nil {
				t.Fatal(i, err)
			}
		}
	}
	rounds, round := size(4, 100), size(200, 10_000)
	var first, last footprint
	for i := range rounds {
		crowd(32, func(w int) error {
			for j := range round / 32 {
				if _, err := r.Transfers.Create(t.Context(), payment(name("p-%d-%d-%d", i, w, j))); OutcomeOf(err) == OutcomeOK && err != nil {
					t.Error(err)
				}
			}
			return nil
		})
		if twice := r.bank.Ledger.Twice(intention); len(twice) > 0 {
			t.Errorf("paid twice: %q", twice)
		}
		r.bank.Forget()
		if warmUp := max(rounds/4, 1); i == warmUp-1 {
			first = measured()
		}
	}
	last = measured()
	growth := 100 * (float64(last.heap)/float64(first.heap) - 1)
	text := fmt.Sprintf("G18: %d calls, heap %d KiB to %d KiB (%+.2f %%), goroutines %d to %d, descriptors %d to %d; keys remembered %d to %d, connections of the server %d to %d",
		rounds*round, first.heap>>10, last.heap>>10, growth, first.goroutines, last.goroutines, first.fds, last.fds,
		first.keys, last.keys, first.conns, last.conns)
	t.Log(text)
	if soak() && (growth > 2 || last.goroutines > first.goroutines+2 || last.fds > first.fds+2) {
		t.Error(text)
	}
}
