package dwolla

import (
	"bytes"
	"context"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dwolla-go/dwolla-go/wrapper/internal/faultserver"
)

func TestFault197_AWalkThatIsBrokenOffIsNoFailure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		var mu sync.Mutex
		seen := map[Outcome]int{}
		count := func(req *http.Request, next func(*http.Request) (*http.Response, error)) (*http.Response, error) {
			resp, err := next(req)
			mu.Lock()
			defer mu.Unlock()
			seen[OutcomeOf(err)]++
			return resp, err
		}
		r := inMemoryRig(t, WithMiddleware(count), WithLogger(slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))))
		page := faultserver.Text(200, halType, `{"_links":{"next":{"href":"/customers?limit=1&offset=1"}},"_embedded":{"customers":[{"id":"a"}]},"total":9}`)
		r.bank.Fault = func(n int, _ *http.Request) *faultserver.Fault {
			if n == 1 {
				return page
			}
			return page.After(time.Minute)
		}
		for _, err := range r.Customers.All(t.Context(), ListCustomersParams{Limit: 1}, WithPagesAhead(2)) {
			if err != nil {
				t.Fatal(err)
			}
			synctest.Wait() // the pages ahead are under way
			break
		}
		if text := log.String(); strings.Contains(text, "level=WARN") || strings.Contains(text, "failed") || strings.Count(text, "outcome=canceled") != 2 {
			t.Errorf("the log is\n%s", text)
		}
		if seen[OutcomeOK] != 1 || seen[OutcomeCanceled] != 2 || len(seen) != 2 {
			t.Errorf("middleware saw %v", seen)
		}
		// What may have been done is a failure still, and so is what was refused.
		log.Reset()
		r.bank.Always(faultserver.Stall())
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_ = r.pay(ctx)
		r.bank.Always(faultserver.Status(404, "NotFound"))
		_ = r.read(t.Context())
		if n := strings.Count(log.String(), "level=WARN"); n != 2 {
			t.Errorf("%d warnings:\n%s", n, log.String())
		}
	})
}

// A stuckLog is a handler that blocks until it is released.
type stuckLog struct {
	slog.Handler
	enabled bool // Enabled blocks, too
	release chan struct{}
}

func (h stuckLog) Enabled(context.Context, slog.Level) bool {
	if h.enabled {
		<-h.release
	}
	return true
}

func (h stuckLog) Handle(context.Context, slog.Record) error { <-h.release; return nil }

func TestFault306_ALoggerThatBlocksHoldsAnAnswerUpForASecond(t *testing.T) {
	for _, enabled := range []bool{false, true} {
		virtual(t, name("Enabled blocks: %t", enabled), func(t *testing.T) {
			release := make(chan struct{})
			r := inMemoryRig(t, WithLogger(slog.New(stuckLog{slog.DiscardHandler, enabled, release})))
			free := time.AfterFunc(time.Hour, func() { close(release) })
			started := time.Now()
			err := r.pay(context.WithoutCancel(t.Context())) // as context.Background, it does not end
			if took := time.Since(started); took > time.Second+50*time.Millisecond {
				t.Errorf("the answer came after %s", took)
			}
			r.check(t, err, want{OutcomeOK, 1, 1})
			if free.Stop() {
				close(release)
			}
		})
	}
}
