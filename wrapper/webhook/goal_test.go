package webhook_test

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/dwolla-go/dwolla-go/wrapper/webhook"
)

// fullGoal says that G13 runs in full: WEBHOOK_GOAL=full go test -run Goal13 -v. Otherwise it is a hundredth or so.
func fullGoal() bool { return os.Getenv("WEBHOOK_GOAL") == "full" }

// full is the first number in a full run, the second in a short one.
func full(all, some int) int {
	if fullGoal() {
		return all
	}
	return some
}

func TestGoal13_NoMutantIsAccepted(t *testing.T) {
	bodies := full(1000, 8)
	verifier := mustVerifier(t, signingSecret)
	var mutants atomic.Int64
	inTwo(bodies, func(seed int) {
		r := rand.New(rand.NewPCG(13, uint64(seed)))
		body := randomEvent(r)
		mutants.Add(int64(flipEveryBit(t, verifier, signingSecret, body)))
	})
	t.Logf("G13: %d mutants of %d bodies and signatures, 0 accepted", mutants.Load(), bodies)
	if fullGoal() && mutants.Load() < 8_000_000 {
		t.Errorf("fewer than 8,000,000 mutants")
	}
}

func TestGoal13_SignaturesEqualAnIndependentImplementation(t *testing.T) {
	bodies := full(100_000, 2_000)
	inTwo(bodies, func(seed int) {
		r := rand.New(rand.NewPCG(17, uint64(seed)))
		body := randomBytes(r, 1+r.IntN(2048))
		secret := fmt.Sprintf("%x", randomBytes(r, 1+r.IntN(64)))
		want := independentSign(secret, body)
		if got := webhook.Sign(secret, body); got != want {
			t.Errorf("seed %d: signed %s, want %s", seed, got, want)
		}
		v, err := webhook.NewVerifier(secret)
		if err != nil {
			t.Errorf("seed %d: %v", seed, err)
			return
		}
		if err := v.Verify(http.Header{"X-Request-Signature-Sha-256": {want}}, body); err != nil {
			t.Errorf("seed %d: a false reject", seed)
		}
		if err := v.Verify(http.Header{"X-Request-Signature-Sha-256": {independentSign(secret+"x", body)}}, body); err == nil {
			t.Errorf("seed %d: a false accept", seed)
		}
	})
	t.Logf("G13: %d random bodies, 0 differences", bodies)
}

func TestGoal13_DuplicatesTimesCrashesLoseNothingAndRunNothingTwice(t *testing.T) {
	seeds := full(10_000, 300)
	var total outcome
	for seed := range seeds {
		total.add(simulate(t, uint64(seed)))
		if t.Failed() {
			t.Fatalf("seed %d", seed)
		}
	}
	t.Logf("G13: %d seeds: %d events, %d deliveries, %d crashes: %d lost, %d run twice; "+
		"%d ran again after a crash between their work and its record, all of them in handlers without a transaction",
		seeds, total.events, total.deliveries, total.crashes, total.lost, total.twice, total.excused)
}

// flipEveryBit checks that no mutant of one bit, in the body or in the signature, is accepted, and counts them.
func flipEveryBit(tb testing.TB, v *webhook.Verifier, secret string, body []byte) int {
	tb.Helper()
	signature := webhook.Sign(secret, body)
	values := []string{signature}
	header := http.Header{"X-Request-Signature-Sha-256": values}
	if v.Verify(header, body) != nil {
		tb.Error("the original is refused")
	}
	mutants := 0
	for bit := range 8 * len(body) {
		body[bit/8] ^= 1 << (bit % 8)
		if v.Verify(header, body) == nil {
			tb.Errorf("accepted with bit %d of the body flipped", bit)
		}
		body[bit/8] ^= 1 << (bit % 8)
		mutants++
	}
	for bit := range 8 * len(signature) {
		mutant := []byte(signature)
		mutant[bit/8] ^= 1 << (bit % 8)
		if values[0] = string(mutant); strings.EqualFold(values[0], signature) {
			continue // the same number in another case
		}
		if v.Verify(header, body) == nil {
			tb.Errorf("accepted with bit %d of the signature flipped", bit)
		}
		mutants++
	}
	return mutants
}

// randomEvent is a body of a kilobyte, as events are.
func randomEvent(r *rand.Rand) []byte {
	return fmt.Appendf(nil, `{"id":"%x","topic":"transfer_created","filler":"%x"}`, randomBytes(r, 16), randomBytes(r, 480))
}

func randomBytes(r *rand.Rand, n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(r.Uint32())
	}
	return b
}

// inTwo calls f for 0 to n-1 in two goroutines.
func inTwo(n int, f func(int)) {
	var next atomic.Int64
	var all sync.WaitGroup
	for range 2 {
		all.Go(func() {
			for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
				f(i)
			}
		})
	}
	all.Wait()
}
