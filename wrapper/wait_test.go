package dwolla

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/dwolla-go/dwolla-go/wrapper/internal/faultserver"
)

func TestWaitForEndsWithAFinalStatusOnly(t *testing.T) {
	transfer := func(ctx context.Context, r *rig, w Wait) error {
		_, err := r.Transfers.WaitFor(ctx, "t", w)
		return err
	}
	mass := func(ctx context.Context, r *rig, w Wait) error {
		_, err := r.MassPayments.WaitFor(ctx, "m", w)
		return err
	}
	for name, c := range map[string]struct {
		wait     func(context.Context, *rig, Wait) error
		statuses []string
	}{
		"a transfer that is processed":     {transfer, []string{"pending", "pending", "processed"}},
		"a transfer that fails":            {transfer, []string{"pending", "failed"}},
		"a transfer that is cancelled":     {transfer, []string{"pending", "cancelled"}},
		"a transfer of a new status":       {transfer, []string{"in-review", "processed"}},
		"a mass payment that is complete":  {mass, []string{"deferred", "pending", "processing", "complete"}},
		"a mass payment that is cancelled": {mass, []string{"pending", "cancelled"}},
		"a mass payment of a new status":   {mass, []string{"in-review", "complete"}},
	} {
		virtual(t, name, func(t *testing.T) {
			r := inMemoryRig(t)
			looks := 0
			r.bank.Fault = func(_ int, req *http.Request) *faultserver.Fault {
				if req.Method != http.MethodGet {
					return nil
				}
				looks++
				return faultserver.Text(200, halType, fmt.Sprintf(`{"id":%q,"status":%q}`, req.URL.Path[strings.LastIndexByte(req.URL.Path, '/')+1:], c.statuses[min(looks, len(c.statuses))-1]))
			}
			var seen []string
			ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
			defer cancel()
			if err := c.wait(ctx, r, Wait{Progress: func(status string) { seen = append(seen, status) }}); err != nil {
				t.Fatal(err)
			}
			if looks != len(c.statuses) || !slices.Equal(seen, c.statuses) {
				t.Errorf("%d looks saw %v", looks, seen)
			}
		})
	}
	virtual(t, "an error ends it too", func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		for _, wait := range []func(context.Context, *rig, Wait) error{transfer, mass} {
			r := inMemoryRig(t)
			r.bank.Always(faultserver.Status(404, "NotFound"))
			if err := wait(ctx, r, Wait{}); !errors.Is(err, ErrNotFound) {
				t.Error(err)
			}
		}
	})
}

func TestWaitForPollsLessAndLessOften(t *testing.T) {
	for name, c := range map[string]struct {
		wait Wait
		want []time.Duration // without the jitter of up to a quarter
	}{
		"by default":         {Wait{}, []time.Duration{1000, 1500, 2250, 3375, 5062, 7593, 11390, 17085, 25628, 30000, 30000}},
		"as often as can be": {Wait{Interval: time.Millisecond, MaxInterval: time.Millisecond}, []time.Duration{1, 1}},
		"without a bound": {
			Wait{Interval: 20 * time.Second, MaxInterval: None}, []time.Duration{20_000, 30_000, 45_000, 67_500, 101_250},
		},
		"as it was asked": {Wait{Interval: 2 * time.Second, MaxInterval: 4 * time.Second}, []time.Duration{2000, 3000, 4000, 4000}},
	} {
		virtual(t, name, func(t *testing.T) {
			var at []time.Time
			found := 7
			_, err := waitFor(t.Context(), nil, "Test", c.wait, nil, func(context.Context) (*int, string, bool, error) {
				at = append(at, time.Now())
				return &found, "", len(at) > len(c.want), nil
			})
			if err != nil {
				t.Fatal(err)
			}
			for i, low := range c.want {
				low *= time.Millisecond
				if took := at[i+1].Sub(at[i]); took < low || took > low*5/4+10*time.Millisecond {
					t.Errorf("wait %d took %s, want %s and up to a quarter more", i+1, took, low)
				}
			}
		})
	}
	virtual(t, "and gives what it has when the context ends", func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second/2)
		defer cancel()
		found := 7
		got, err := waitFor(ctx, nil, "Test", Wait{}, nil, func(context.Context) (*int, string, bool, error) { return &found, "", false, nil })
		if got != &found || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v, %v", got, err)
		}
	})
	for _, wait := range []Wait{{Interval: -1}, {Interval: -2}, {MaxInterval: -2}} {
		_, err := waitFor(t.Context(), nil, "Test", wait, nil, func(context.Context) (*int, string, bool, error) {
			t.Error("looked")
			return nil, "", true, nil
		})
		if !errors.Is(err, ErrInvalidArgument) {
			t.Errorf("%+v: %v", wait, err)
		}
	}
}

func TestWaitForEndsByTheStatusTheErrorOrTheContext(t *testing.T) {
	of := func(status string) *faultserver.Fault {
		return faultserver.Text(200, halType, fmt.Sprintf(`{"id":"t","status":%q,"_links":{}}`, status))
	}
	virtual(t, "a transfer", func(t *testing.T) {
		for _, final := range []string{"processed", "failed", "cancelled"} {
			r := inMemoryRig(t)
			r.bank.Script(of("pending"), of("of tomorrow"), of("pending"), of(final))
			var seen []string
			began := time.Now()
			got, err := r.Transfers.WaitFor(t.Context(), "t", Wait{Interval: 4 * time.Second, MaxInterval: 5 * time.Second, Progress: func(s string) { seen = append(seen, s) }})
			if err != nil || string(got.Status) != final || !slices.Equal(seen, []string{"pending", "of tomorrow", "pending", final}) {
				t.Errorf("%v, %v, %q", got, err, seen)
			}
			if d := time.Since(began); d < 14*time.Second || d > 18*time.Second { // 4, 5 and 5 s, and up to a quarter of each
				t.Errorf("%s: after %s", final, d)
			}
		}
	})
	virtual(t, "a mass payment", func(t *testing.T) {
		for _, final := range []string{"complete", "cancelled"} {
			r := inMemoryRig(t)
			r.bank.Script(of("deferred"), of("processing"), of(final))
			if got, err := r.MassPayments.WaitFor(t.Context(), "t", Wait{}); err != nil || string(got.Status) != final {
				t.Errorf("%v, %v", got, err)
			}
		}
	})
	virtual(t, "an error", func(t *testing.T) {
		r := inMemoryRig(t)
		r.bank.Always(faultserver.Status(404, "NotFound"))
		_, transfer := r.Transfers.WaitFor(t.Context(), "t", Wait{})
		_, mass := r.MassPayments.WaitFor(t.Context(), "m", Wait{})
		if !errors.Is(transfer, ErrNotFound) || !errors.Is(mass, ErrNotFound) {
			t.Errorf("%v, %v", transfer, mass)
		}
	})
	virtual(t, "the context", func(t *testing.T) {
		r := inMemoryRig(t)
		r.bank.Always(of("pending"))
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		got, err := r.Transfers.WaitFor(ctx, "t", Wait{})
		if !errors.Is(err, context.DeadlineExceeded) || got == nil || got.Status != TransferStatusPending {
			t.Errorf("%v, %v; want what was seen last", got, err)
		}
	})
	virtual(t, "a negative interval", func(t *testing.T) {
		r := inMemoryRig(t)
		_, err := r.Transfers.WaitFor(t.Context(), "t", Wait{Interval: -1})
		r.check(t, err, want{OutcomeNotSent, 0, 0})
	})
}

func TestAWaitEndsWithTheFifthBadAnswerInARow(t *testing.T) {
	const bad, pending, processed = `{"id":"t"}`, `{"id":"t","status":"pending"}`, `{"id":"t","status":"processed"}`
	for name, c := range map[string]struct {
		answers []string // the last of them for good
		reads   int
		outcome Outcome
	}{
		"five":                     {[]string{pending, bad}, 6, OutcomeBadResponse},
		"four":                     {[]string{bad, bad, bad, bad, processed}, 5, OutcomeOK},
		"four, and four once more": {[]string{bad, bad, bad, bad, pending, bad, bad, bad, bad, processed}, 10, OutcomeOK},
	} {
		virtual(t, name, func(t *testing.T) {
			r := inMemoryRig(t)
			r.bank.Fault = func(n int, _ *http.Request) *faultserver.Fault {
				return faultserver.Text(200, halType, c.answers[min(n, len(c.answers))-1])
			}
			ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
			defer cancel()
			last, err := r.Transfers.WaitFor(ctx, "t", Wait{})
			r.check(t, err, want{c.outcome, c.reads, 0})
			if last == nil {
				t.Error("what was seen last is missing")
			}
			if e, ok := errors.AsType[*Error](err); err != nil && (!ok || e.Op != "Transfers.WaitFor") {
				t.Errorf("%#v", err)
			}
		})
	}
}

func TestTheEndOfTheContextOfAWaitTellsTheLastFailure(t *testing.T) {
	pending := faultserver.Text(200, halType, `{"id":"m","status":"pending"}`)
	for name, c := range map[string]struct {
		first, then *faultserver.Fault
		op          string
		status      int
	}{
		"a 503":                 {pending, faultserver.Status(503, ""), "MassPayments.Get", 503},
		"an answer that is bad": {pending, faultserver.Text(200, halType, `{"id":"m"}`), "MassPayments.WaitFor", 200},
		"none since":            {faultserver.Status(503, ""), pending, "", 0},
	} {
		virtual(t, name, func(t *testing.T) {
			r := inMemoryRig(t)
			r.guard.MaxSends = 1 << 20
			began := time.Now()
			r.bank.Fault = func(int, *http.Request) *faultserver.Fault {
				if time.Since(began) < 30*time.Second {
					return c.first
				}
				return c.then
			}
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			_, err := r.MassPayments.WaitFor(ctx, "m", Wait{Interval: 10 * time.Second})
			e, ok := errors.AsType[*Error](err)
			if !ok || e.Outcome != OutcomeCanceled || e.Op != "MassPayments.WaitFor" {
				t.Fatalf("%#v", err)
			}
			if c.op == "" {
				if len(e.Earlier) != 0 {
					t.Errorf("%v", e.Earlier)
				}
				return
			}
			if len(e.Earlier) != 1 || e.Earlier[0].Op != c.op || e.Earlier[0].StatusCode != c.status {
				t.Errorf("%v", e.Earlier)
			}
		})
	}
}

func TestFault196_AWaitOutlivesReadsThatFail(t *testing.T) {
	pending := faultserver.Text(200, halType, `{"id":"m","status":"pending"}`)
	complete := faultserver.Text(200, halType, `{"id":"m","status":"complete"}`)
	for name, fault := range map[string]*faultserver.Fault{
		"503": faultserver.Status(503, ""), "429": faultserver.Status(429, ""), "522": faultserver.Status(522, ""),
		"resets": faultserver.Drop(), "refused connections": {End: faultserver.Refused}, "a name server that is away": {End: faultserver.Busy},
	} {
		virtual(t, "an hour of "+name, func(t *testing.T) {
			r := inMemoryRig(t)
			r.guard.MaxSends = 1 << 20
			began := time.Now()
			r.bank.Fault = func(int, *http.Request) *faultserver.Fault {
				switch d := time.Since(began); {
				case d < time.Minute:
					return pending
				case d < time.Hour:
					return fault
				default:
					return complete
				}
			}
			ctx, cancel := context.WithTimeout(t.Context(), 3*time.Hour)
			defer cancel()
			m, err := r.MassPayments.WaitFor(ctx, "m", Wait{})
			if err != nil || m.Status != MassPaymentStatusComplete {
				t.Errorf("after %s: %v", time.Since(began), err)
			}
		})
		virtual(t, "no end of "+name, func(t *testing.T) {
			r := inMemoryRig(t)
			r.guard.MaxSends = 1 << 20
			r.bank.Fault = func(n int, _ *http.Request) *faultserver.Fault {
				if n == 1 {
					return pending
				}
				return fault
			}
			ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
			defer cancel()
			began := time.Now()
			m, err := r.MassPayments.WaitFor(ctx, "m", Wait{})
			if time.Since(began) != 10*time.Minute || OutcomeOf(err) != OutcomeCanceled || !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("after %s: %q, %v", time.Since(began), OutcomeOf(err), err)
			}
			if m == nil || m.Status != MassPaymentStatusPending {
				t.Errorf("what was seen last is %v", m)
			}
		})
	}
	for name, fault := range map[string]*faultserver.Fault{
		"404": faultserver.Status(404, "NotFound"), "403": faultserver.Status(403, "Forbidden"),
		"not implemented": faultserver.Status(501, ""), "another document": faultserver.Text(200, halType, `[]`), "no such host": {End: faultserver.Nameless},
	} {
		virtual(t, name+" ends it", func(t *testing.T) {
			r := inMemoryRig(t)
			r.guard.MaxSends = 1 << 20
			r.bank.Always(fault)
			ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
			defer cancel()
			began := time.Now()
			if _, err := r.Transfers.WaitFor(ctx, "t", Wait{}); err == nil || errors.Is(err, context.DeadlineExceeded) || time.Since(began) > 5*time.Minute {
				t.Errorf("after %s: %v", time.Since(began), err)
			}
		})
	}
	virtual(t, "a deadline is no unknown outcome", func(t *testing.T) {
		for _, end := range []time.Duration{0, time.Nanosecond, time.Second, time.Minute} {
			r := inMemoryRig(t)
			r.bank.Always(pending)
			ctx, cancel := context.WithTimeout(t.Context(), end)
			_, err := r.Transfers.WaitFor(ctx, "m", Wait{})
			cancel()
			e, ok := errors.AsType[*Error](err)
			if OutcomeOf(err) != OutcomeCanceled || !ok || e.Op == "" || !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("after %s: %q, %v", end, OutcomeOf(err), err)
			}
		}
	})
}

func TestFault268_AnIntervalWithoutAUnitIsRefused(t *testing.T) {
	for _, wait := range []Wait{
		{Interval: 1}, {Interval: 30}, {Interval: time.Millisecond - 1}, {MaxInterval: 1}, {MaxInterval: 60}, {Interval: time.Second, MaxInterval: 5},
	} {
		r := inMemoryRig(t)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		for _, err := range []error{errorOf(r.Transfers.WaitFor(ctx, "t", wait)), errorOf(r.MassPayments.WaitFor(ctx, "t", wait))} {
			if arg, ok := errors.AsType[*ArgumentError](err); !ok || !strings.Contains(arg.Reason, "unit") {
				t.Errorf("%+v: %v", wait, err)
			}
		}
		r.check(t, nil, want{OutcomeOK, 0, 0})
	}
}

func TestFault269_AWaitOutlivesAnswersThatAreNotTheAPIs(t *testing.T) {
	of := func(id string) *faultserver.Fault {
		return faultserver.Text(200, halType, fmt.Sprintf(`{"id":%q,"status":"processed"}`, id))
	}
	const id = "07d59716-ef22-4fe6-98e8-f3190233dfb8"
	for name, fault := range map[string]*faultserver.Fault{
		"the page of a firewall":            faultserver.Text(403, "text/html", "<html>blocked</html>"),
		"a 404 of a proxy":                  faultserver.Text(404, "text/html", "<html>not here</html>"),
		"a choice of pages of a proxy":      faultserver.Text(300, "text/html", "<html>choose</html>"),
		"a redirect to a page of a proxy":   faultserver.Text(302, "text/html", "").With("Location", "https://portal.example/"),
		"a transfer of another id":          of("17d59716-ef22-4fe6-98e8-f3190233dfb8"),
		"a transfer without an id":          of(""),
		"an object without a status":        faultserver.Text(200, halType, `{"id":"`+id+`"}`),
		"an error with a status of success": faultserver.Text(200, halType, `{"error":"upstream"}`),
	} {
		virtual(t, name, func(t *testing.T) {
			r := inMemoryRig(t)
			r.bank.Script(fault, fault, of(strings.ToUpper(id)))
			var seen []string
			got, err := r.Transfers.WaitFor(t.Context(), id, Wait{Progress: func(s string) { seen = append(seen, s) }})
			if err != nil || !strings.EqualFold(got.ID, id) || !slices.Equal(seen, []string{"processed"}) {
				t.Errorf("%v, %v, %q", got, err, seen)
			}
		})
		virtual(t, name+", without an end", func(t *testing.T) {
			r := inMemoryRig(t)
			r.guard.MaxSends = 1 << 20
			r.bank.Always(fault)
			ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
			defer cancel()
			got, err := r.MassPayments.WaitFor(ctx, "https://bank.test/mass-payments/"+id, Wait{})
			if err == nil || got != nil {
				t.Errorf("%v, %v", got, err)
			}
			ends, outcome := fault.Answer.Status == 200, OutcomeCanceled
			if ends {
				outcome = OutcomeBadResponse
			}
			if OutcomeOf(err) != outcome || ends != (ctx.Err() == nil) {
				t.Errorf("%q, %v", OutcomeOf(err), err)
			}
		})
	}
}

func TestFault372_AProgressThatPanicsEndsTheWaitWithAnError(t *testing.T) {
	virtual(t, "a transfer", func(t *testing.T) {
		r := inMemoryRig(t)
		answering(r, map[string]string{"/transfers/x": `{"id":"x","status":"pending"}`})
		before := len(r.bank.Requests())
		calls := 0
		found, err := func() (_ *Transfer, err error) {
			defer func() {
				if v := recover(); v != nil {
					t.Errorf("it panics: %v", v)
				}
			}()
			return r.Transfers.WaitFor(t.Context(), "x", Wait{Progress: func(string) { calls++; panic("secret") }})
		}()
		if calls != 1 || len(r.bank.Requests()) != before+1 {
			t.Errorf("called %d times, %d requests", calls, len(r.bank.Requests())-before)
		}
		if err == nil || OutcomeOf(err) != OutcomeBadResponse || strings.Contains(err.Error(), "secret") || !strings.Contains(err.Error(), "panicked") {
			t.Errorf("outcome %q: %v", OutcomeOf(err), err)
		}
		if found == nil || found.ID != "x" {
			t.Errorf("what it saw last is %v", found)
		}
	})
}
