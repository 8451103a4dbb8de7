package dwolla

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/dwolla-go/dwolla-go/wrapper/internal/faultserver"
)

func TestErrorsPrintWithoutACause(t *testing.T) {
	unknown := &OutcomeUnknownError{IdempotencyKey: "k"}
	if unknown.Error() == "" || unknown.Unwrap() != nil || !errors.Is(unknown, ErrOutcomeUnknown) || OutcomeOf(unknown) != OutcomeUnknown {
		t.Error(unknown)
	}
	if got := unknown.LogValue().Group(); len(got) != 2 {
		t.Errorf("logged %v", got)
	}
	unknown.Err = &Error{Op: "Transfers.Create", StatusCode: 500, Code: "ServerError", RequestID: "r", Outcome: OutcomeUnknown}
	for _, line := range []string{unknown.LogValue().String(), unknown.Error()} {
		if !strings.Contains(line, "ServerError") {
			t.Error(line)
		}
	}
	if line := unknown.Error(); !strings.Contains(line, "request id r") {
		t.Error(line)
	}
	for _, e := range []error{
		&ConfigurationError{Option: "o", Reason: "r", Err: errors.New("why")}, &ArgumentError{Op: "op", Argument: "a", Reason: "r", Err: errors.New("why")},
	} {
		if !strings.Contains(e.Error(), "why") || errors.Unwrap(e) == nil {
			t.Error(e)
		}
	}
	if v := unknown.Err.LogValue(); v.Kind() != slog.KindGroup || len(v.Group()) != 5 {
		t.Error(v)
	}
	if errors.Is(unknown.Err, errors.New("x")) || errors.Is(unknown.Err, Kind("none")) {
		t.Error("is anything")
	}
}

func TestEveryErrorHasAnOutcome(t *testing.T) {
	for _, c := range []struct {
		err  error
		want Outcome
	}{
		{nil, OutcomeOK},
		{argument("a", "b"), OutcomeNotSent},
		{ErrNoClient, OutcomeNotSent},
		{ErrNoLocation, OutcomeBadResponse},
		{&LinkError{Kind: ErrForeignLink}, OutcomeNotSent},
		{ErrPagingLoop, OutcomeBadResponse},
		{errors.New("foreign"), OutcomeUnknown},
		{&Error{Outcome: OutcomeRejected}, OutcomeRejected},
		{&ReconcileError{Kind: ErrAbsent}, OutcomeUnknown},
	} {
		if got := OutcomeOf(c.err); got != c.want {
			t.Errorf("%v: %q, want %q", c.err, got, c.want)
		}
	}
}

func TestFault095_ErrorsAreFoundThroughEveryLayer(t *testing.T) {
	virtual(t, "unknown", func(t *testing.T) {
		r := inMemoryRig(t)
		r.bank.Script(faultserver.Status(500, "ServerError"), faultserver.Status(503, "Busy"), faultserver.Status(409, "Conflict"),
			faultserver.Status(409, "Conflict"), faultserver.Status(409, "Conflict"), faultserver.Status(409, "Conflict"))
		err := fmt.Errorf("payroll: %w", r.pay(t.Context()))
		r.check(t, err, want{OutcomeUnknown, 6, 0})
		unknown, ok := errors.AsType[*OutcomeUnknownError](err)
		last, ok2 := errors.AsType[*Error](err)
		if !ok || !ok2 || unknown.Err != last || unknown.CorrelationID != "rent-1" || unknown.First.IsZero() {
			t.Fatalf("%+v", unknown)
		}
		for _, target := range []error{ErrOutcomeUnknown, ErrConflict, CodeConflict} {
			if !errors.Is(err, target) {
				t.Errorf("is not %v", target)
			}
		}
		var history []int
		for _, before := range last.Earlier {
			history = append(history, before.StatusCode)
			if before.IdempotencyKey != last.IdempotencyKey || before.Attempts != len(history) {
				t.Errorf("%+v", before)
			}
		}
		if fmt.Sprint(history) != "[500 503 409 409 409]" || last.Attempts != 6 {
			t.Errorf("%v, %d attempts", history, last.Attempts)
		}
	})
	virtual(t, "a middleware's wrapping is kept", func(t *testing.T) {
		wrap := errors.New("seen by a middleware")
		r := inMemoryRig(t, WithMiddleware(func(req *http.Request, next func(*http.Request) (*http.Response, error)) (*http.Response, error) {
			resp, err := next(req)
			if err != nil {
				err = fmt.Errorf("%w: %w", wrap, err)
			}
			return resp, err
		}))
		r.bank.Always(faultserver.Status(500, ""))
		err := r.pay(t.Context())
		r.check(t, err, want{OutcomeUnknown, 3, 0})
		if !errors.Is(err, wrap) {
			t.Error(err)
		}
	})
}

func TestFault201_AKindIsKnownByItsNameAndNotByItsText(t *testing.T) {
	names := map[string]Kind{}
	for kind, text := range kindTexts {
		if string(kind) == text && strings.Contains(text, " ") || !regexp.MustCompile(`^[a-z_]+$`).MatchString(string(kind)) {
			t.Errorf("%q is no name", string(kind))
		}
		names[string(kind)] = kind
	}
	// The names that a program may have stored. None of these may ever change.
	for _, name := range []string{
		"invalid_argument", "configuration", "not_sent", "rejected", "validation", "unauthorized", "forbidden", "not_found", "conflict",
		"rate_limited", "server", "bad_response", "outcome_unknown", "redirect", "foreign_link", "malformed_link", "templated_link",
		"environment", "no_link", "too_large", "key_reused", "key_expired", "ambiguous", "absent",
	} {
		if _, ok := names[name]; !ok {
			t.Errorf("there is no kind %q", name)
		}
	}
	before := kindTexts[ErrNoLink]
	defer func() { kindTexts[ErrNoLink] = before }()
	err := &LinkError{Kind: ErrNoLink, Reason: "r"}
	store := func() string {
		text, bad := json.Marshal(err)
		if bad != nil {
			t.Fatal(bad)
		}
		return string(text)
	}
	stored := store()
	kindTexts[ErrNoLink] = "the resource has no such link at present"
	var log bytes.Buffer
	slog.New(slog.NewJSONHandler(&log, nil)).Info("", "kind", ErrNoLink)
	again := store()
	if !errors.Is(err, ErrNoLink) || errors.Is(err, Kind(before)) || !strings.Contains(err.Error(), "at present") {
		t.Errorf("with another text: %v", err)
	}
	if stored != again || !strings.Contains(stored, `"no_link"`) || !strings.Contains(log.String(), `"kind":"no_link"`) {
		t.Errorf("%s became %s, in the log %s", stored, again, log.String())
	}
	var back LinkError
	if err := json.Unmarshal([]byte(stored), &back); err != nil || !errors.Is(&back, ErrNoLink) {
		t.Errorf("read back: %v, %v", &back, err)
	}
	if got := Kind("of_tomorrow").Error(); got != "dwolla: of_tomorrow" {
		t.Error(got)
	}
}

func TestFault273_AnErrorInAValueThatIsLoggedShowsNoMessage(t *testing.T) {
	e := &Error{
		Op: "Customers.Create", Outcome: OutcomeRejected, StatusCode: 400, Code: "ValidationError", Message: "Jane Doe exists",
		Fields: []FieldError{{Code: "Duplicate", Path: "/email", Message: "jane@example.com exists"}}, RequestID: "rid", Attempts: 2,
		IdempotencyKey: "k", Err: errors.New("cause of Jane"), Earlier: []*Error{{Message: "earlier Jane"}}, body: newSecret("Jane body"),
	}
	var log bytes.Buffer
	slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "nested", struct{ Err *Error }{e}, "map", map[string]any{"a": *e})
	for _, shown := range []string{"Customers.Create", "rejected", "400", "ValidationError", "Duplicate", "/email", "rid", `"attempts":2`} {
		if strings.Count(log.String(), shown) < 2 {
			t.Errorf("%s is not in %s", shown, log.String())
		}
	}
	for _, hidden := range []string{"Jane", "jane"} {
		if strings.Contains(log.String(), hidden) {
			t.Errorf("%s is in %s", hidden, log.String())
		}
	}
	var none *Error
	if text, err := json.Marshal(none); err != nil || string(text) != "null" {
		t.Errorf("%s, %v", text, err)
	}
}

func TestFault274_ANilErrorDoesNotPanic(t *testing.T) {
	var none *Error
	if none.Error() == "" || none.Unwrap() != nil || none.Is(ErrNotFound) || none.Body() != nil || fmt.Sprint(none) == "" {
		t.Error("a nil error says something")
	}
	none.LogValue()
	if OutcomeOf(&ConfigurationError{Option: "x"}) != OutcomeNotSent {
		t.Error("nothing was sent by a client that was not made")
	}
}
