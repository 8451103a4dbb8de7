package dwolla

import (
	"context"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"net/http"
	"net/url"
	"reflect"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dwolla-go/dwolla-go/wrapper/internal/faultserver"
)

// lostPayment makes a payment that is carried out and whose answer is lost.
func lostPayment(t *testing.T, opts ...CallOption) (*rig, *OutcomeUnknownError) {
	t.Helper()
	r := inMemoryRig(t)
	stall := faultserver.Stall().Committed()
	r.bank.Script(stall, stall, stall)
	return r, unknownOf(t, r.pay(t.Context(), opts...))
}

// open checks that an error leaves a payment unknown, with the record that the call had.
func open(t *testing.T, name string, err error, record *OutcomeUnknownError, causes ...error) {
	t.Helper()
	unknown, ok := errors.AsType[*OutcomeUnknownError](err)
	if !ok || OutcomeOf(err) != OutcomeUnknown || !errors.Is(err, ErrOutcomeUnknown) {
		t.Errorf("%s: outcome %q: %v", name, OutcomeOf(err), err)
		return
	}
	for _, safe := range []Kind{ErrNotSent, ErrRejected, ErrAbsent} {
		if errors.Is(err, safe) {
			t.Errorf("%s: also %q: %v", name, string(safe), err)
		}
	}
	if unknown.IdempotencyKey != record.IdempotencyKey || unknown.CorrelationID != record.CorrelationID || !unknown.First.Equal(record.First) ||
		unknown.Method != record.Method || unknown.Path != record.Path || !strings.EqualFold(unknown.BodySHA256, record.BodySHA256) ||
		!strings.EqualFold(unknown.Origin, record.Origin) || !strings.EqualFold(unknown.Environment, record.Environment) {
		t.Errorf("%s: the record is %+v, was %+v", name, unknown, record)
	}
	for _, cause := range causes {
		if !errors.Is(err, cause) {
			t.Errorf("%s: not %v: %v", name, cause, err)
		}
	}
}

// badOptions has a call for every option of a call, by its name, that stops a payment with it.
var badOptions = map[string]CallOption{
	"WithIdempotencyKey": WithIdempotencyKey("another"), "Resend": Resend(nil), "WithHeader": WithHeader("Host", "x"), "WithResponse": WithResponse(nil),
	"WithPagesAhead": WithPagesAhead(-1), "WithDistinct": WithDistinct(), "WithUncheckedDocument": WithUncheckedDocument(),
}

func TestFault302_NothingThatStopsARepetitionMakesItNotSent(t *testing.T) {
	virtual(t, "a record that is not that of the payment", func(t *testing.T) {
		r, first := lostPayment(t)
		for name, change := range map[string]func(*OutcomeUnknownError){
			"First is zero":              func(u *OutcomeUnknownError) { u.First = time.Time{} },
			"First is 6 minutes ahead":   func(u *OutcomeUnknownError) { u.First = time.Now().Add(6 * time.Minute) },
			"First is days ahead":        func(u *OutcomeUnknownError) { u.First = time.Now().Add(72 * time.Hour) },
			"First is 25 hours ago":      func(u *OutcomeUnknownError) { u.First = time.Now().Add(-25 * time.Hour) },
			"a key that cannot be one":   func(u *OutcomeUnknownError) { u.IdempotencyKey = "a\r\nb" },
			"another hash":               func(u *OutcomeUnknownError) { u.BodySHA256 = strings.Repeat("0", 64) },
			"another method":             func(u *OutcomeUnknownError) { u.Method = "PUT" },
			"another path":               func(u *OutcomeUnknownError) { u.Path = "/mass-payments" },
			"another origin":             func(u *OutcomeUnknownError) { u.Origin = "https://gateway.example" },
			"an origin that is no URL":   func(u *OutcomeUnknownError) { u.Origin = "%zz" },
			"another environment":        func(u *OutcomeUnknownError) { u.Environment = "production" },
			"a record that was not read": func(u *OutcomeUnknownError) { *u = OutcomeUnknownError{} },
		} {
			record := *first
			change(&record)
			later := rigOf(t, r.bank, faultserver.Base, r.bank.Memory())
			open(t, name, later.pay(t.Context(), Resend(&record)), &record, ErrInvalidArgument)
			if name != "First is 25 hours ago" { // the client keeps what a record says of a key, and nothing of a bad one
				if err := later.pay(t.Context(), Resend(first)); err != nil {
					t.Errorf("%s, then the right record: %v", name, err)
				}
			}
		}
		fields := reflect.TypeFor[OutcomeUnknownError]()
		for i := range fields.NumField() {
			field := fields.Field(i).Name
			if field == "CorrelationID" || field == "Err" || field == "text" {
				continue // a repetition does not need it
			}
			record := *first
			reflect.ValueOf(&record).Elem().Field(i).SetZero()
			later := rigOf(t, r.bank, faultserver.Base, r.bank.Memory())
			open(t, "no "+field, later.pay(t.Context(), Resend(&record)), &record, ErrInvalidArgument)
		}
		open(t, "no record", r.pay(t.Context(), Resend(nil)), &OutcomeUnknownError{}, ErrInvalidArgument)
	})
	virtual(t, "another call", func(t *testing.T) {
		r, first := lostPayment(t)
		other := payment("rent-1")
		other.Amount.Amount = "12.5"
		sent := len(r.bank.Requests())
		for by, again := range map[string]CallOption{"record": Resend(first), "key": WithIdempotencyKey(first.IdempotencyKey)} {
			for _, later := range []*rig{r, rigOf(t, r.bank, faultserver.Base, r.bank.Memory())} {
				if by == "key" && later != r {
					continue // the new client knows no key
				}
				create := func(body CreateTransfer) error { return errorOf(later.Transfers.Create(t.Context(), body, again)) }
				open(t, by+", the amount in another spelling", create(other), first, ErrKeyReused, ErrInvalidArgument)
				open(t, by+", another correlation id", create(payment("rent-2")), first, ErrKeyReused)
				open(t, by+", no body", create(CreateTransfer{}), first, ErrInvalidArgument)
				open(t, by+", another operation", errorOf(later.MassPayments.Create(t.Context(), massPayment("rent-1"), again)), first, ErrKeyReused)
				open(t, by+", a removal", errorOf(later.WebhookSubscriptions.Delete(t.Context(), "x", again)), first, ErrInvalidArgument)
				for path, out := range map[string]any{"": nil, "https://evil.test/transfers": nil, "/{id}": nil, "/transfers": 5} {
					open(t, by+", Post to "+path, errorOf(later.Post(t.Context(), path, payment("rent-1"), out, again)), first, ErrInvalidArgument)
				}
				for _, p := range [][]CallOption{{again}, {again, again}} {
					err := errorOf(later.Transfers.Get(t.Context(), "x", p...))
					if unknown := OutcomeOf(err) == OutcomeUnknown; unknown || !errors.Is(err, ErrInvalidArgument) {
						t.Errorf("%s, a read: %v", by, err) // which changes nothing
					}
				}
			}
		}
		if n := len(r.bank.Requests()); n != sent {
			t.Errorf("%d requests", n-sent)
		}
	})
	virtual(t, "every operation, without its arguments", func(t *testing.T) {
		r, first := lostPayment(t)
		called := 0
		services := reflect.ValueOf(r.Services)
		for i := range services.NumField() {
			service := services.Field(i)
			for j := range service.NumMethod() {
				name, method := service.Type().Method(j).Name, service.Method(j)
				args := make([]reflect.Value, method.Type().NumIn())
				for k := range args {
					args[k] = reflect.Zero(method.Type().In(k))
				}
				args[0] = reflect.ValueOf(t.Context())
				args[len(args)-1] = reflect.ValueOf([]CallOption{Resend(first), WithDistinct()})
				results := method.CallSlice(args)
				err, _ := results[len(results)-1].Interface().(error)
				if err == nil || strings.HasPrefix(name, "Get") || strings.HasPrefix(name, "List") || strings.HasPrefix(name, "All") || services.Type().Field(i).Name == "Tokens" {
					continue // changes nothing
				}
				called++
				open(t, services.Type().Field(i).Name+"."+name, err, first, ErrInvalidArgument)
			}
		}
		if called < 30 {
			t.Errorf("only %d operations were called", called)
		}
	})
	virtual(t, "every option", func(t *testing.T) {
		r, first := lostPayment(t)
		for _, option := range callOptions(t) {
			bad, ok := badOptions[option]
			if !ok {
				t.Errorf("the new option %s has no entry in badOptions", option)
				continue
			}
			for _, opts := range [][]CallOption{{Resend(first), bad}, {bad, Resend(first)}} {
				open(t, option, r.pay(t.Context(), opts...), first, ErrInvalidArgument)
			}
		}
	})
	virtual(t, "the context and the token", func(t *testing.T) {
		r, first := lostPayment(t)
		ended, cancel := context.WithCancel(t.Context())
		cancel()
		past, cancel := context.WithDeadline(t.Context(), time.Now())
		defer cancel()
		for _, by := range []CallOption{Resend(first), WithIdempotencyKey(first.IdempotencyKey)} {
			open(t, "no context", r.pay(nil, by), first, ErrInvalidArgument) //nolint:staticcheck // what the test is about
			open(t, "a context that has ended", r.pay(ended, by), first, context.Canceled)
			open(t, "a deadline that has passed", r.pay(past, by), first, context.DeadlineExceeded)
		}
		for status, body := range map[int]string{401: `{"error":"invalid_client"}`, 403: "", 429: "", 503: "", 200: `{}`} {
			later := rigOf(t, r.bank, faultserver.Base, r.bank.Memory())
			answer := text(status, "application/json", body)
			later.answerToken(answer, answer, answer, answer, answer, answer)
			open(t, name("a token endpoint that answers %d", status), later.pay(t.Context(), Resend(first)), first)
		}
	})
}

// callOptions returns the names of the functions that return an option of a call.
func callOptions(t *testing.T) []string {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "call_options.go", nil, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, decl := range file.Decls {
		f, ok := decl.(*ast.FuncDecl)
		if !ok || f.Type.Results == nil || !f.Name.IsExported() {
			continue
		}
		if result, ok := f.Type.Results.List[0].Type.(*ast.Ident); ok && result.Name == "CallOption" {
			names = append(names, f.Name.Name)
		}
	}
	if len(names) < 7 {
		t.Errorf("found only %q", names)
	}
	return names
}

func TestFault303_ARecordIsComparedInAnySpelling(t *testing.T) {
	for name, change := range map[string]func(*OutcomeUnknownError){
		"Origin in upper case":         func(u *OutcomeUnknownError) { u.Origin = strings.ToUpper(u.Origin) },
		"Origin with a slash":          func(u *OutcomeUnknownError) { u.Origin += "/" },
		"Origin with its default port": func(u *OutcomeUnknownError) { u.Origin += ":443" },
		"Environment in another case":  func(u *OutcomeUnknownError) { u.Environment = "Sandbox" },
		"the hash in upper case":       func(u *OutcomeUnknownError) { u.BodySHA256 = strings.ToUpper(u.BodySHA256) },
		"First 2 minutes ahead":        func(u *OutcomeUnknownError) { u.First = time.Now().Add(2 * time.Minute) },
		"First 5 minutes ahead":        func(u *OutcomeUnknownError) { u.First = time.Now().Add(5 * time.Minute) },
	} {
		virtual(t, name, func(t *testing.T) {
			r, record := lostPayment(t)
			before := len(r.bank.Requests())
			change(record)
			later := rigOf(t, r.bank, faultserver.Base, r.bank.Memory())
			if _, err := later.Transfers.Reconcile(t.Context(), payment("rent-1"), record, Lookup{}); errors.Is(err, ErrInvalidArgument) {
				t.Errorf("Reconcile: %v", err)
			}
			later.bank.Always(faultserver.Drop())
			again := unknownOf(t, later.pay(t.Context(), Resend(record)))
			if again.First.After(time.Now()) || again.IdempotencyKey != record.IdempotencyKey {
				t.Errorf("the repetition is recorded as %+v", again)
			}
			later.bank.Fault = nil
			if err := later.pay(t.Context(), Resend(again)); err != nil {
				t.Error(err)
			}
			if paid, sent := r.bank.Ledger.Len(), len(r.bank.Requests())-before; paid != 1 || sent == 0 {
				t.Errorf("paid %d times by %d requests", paid, sent)
			}
			later.unchanged(t)
		})
	}
	virtual(t, "a gateway with a path", func(t *testing.T) {
		gateway := "https://gateway.example/Pay"
		o, err := newOrigin(Sandbox, gateway+"/")
		if err != nil {
			t.Fatal(err)
		}
		for origin, same := range map[string]bool{
			gateway: true, gateway + "/": true, "HTTPS://Gateway.Example:443/Pay": true,
			"https://gateway.example/pay": false, "https://gateway.example": false, "http://gateway.example/Pay": false, "https://gateway.example:8443/Pay": false,
		} {
			u := &OutcomeUnknownError{Origin: origin}
			if got := u.what().Origin == o.String(); got != same {
				t.Errorf("%s: %t", origin, got)
			}
		}
	})
}

func TestFault304_ALookUpThatIsRefusedLeavesThePaymentUnknown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, first := lostPayment(t)
		var zero TransfersService
		sent := len(r.bank.Requests())
		look := func(record *OutcomeUnknownError, opts ...CallOption) error {
			return errorOf(r.Transfers.Reconcile(t.Context(), payment("rent-1"), record, Lookup{}, opts...))
		}
		for name, c := range map[string]struct {
			err    error
			record *OutcomeUnknownError
		}{
			"no correlation id":     {errorOf(r.Transfers.Reconcile(t.Context(), payment(""), first, Lookup{})), first},
			"another one":           {errorOf(r.Transfers.Reconcile(t.Context(), payment("rent-2"), first, Lookup{})), first},
			"no destination":        {errorOf(r.Transfers.Reconcile(t.Context(), CreateTransfer{CorrelationID: "rent-1"}, first, Lookup{})), first},
			"another operation":     {errorOf(r.MassPayments.Reconcile(t.Context(), massPayment("rent-1"), first, Lookup{})), first},
			"a negative lookup":     {errorOf(r.Transfers.Reconcile(t.Context(), payment("rent-1"), first, Lookup{Looks: -1})), first},
			"a negative lookup (2)": {errorOf(r.MassPayments.Reconcile(t.Context(), massPayment("rent-1"), &OutcomeUnknownError{First: first.First}, Lookup{Over: -1})), &OutcomeUnknownError{First: first.First}},
			"no record":             {look(nil), &OutcomeUnknownError{}},
			"no time":               {look(&OutcomeUnknownError{CorrelationID: "rent-1"}), &OutcomeUnknownError{CorrelationID: "rent-1"}},
			"a time to come":        {look(&OutcomeUnknownError{First: time.Now().Add(6 * time.Minute)}), &OutcomeUnknownError{First: time.Now().Add(6 * time.Minute)}},
		} {
			open(t, name, c.err, c.record, ErrInvalidArgument)
		}
		unanswered := func(name string, err error, causes ...error) {
			t.Helper()
			if failed, ok := errors.AsType[*ReconcileError](err); !ok || failed.Kind != ErrOutcomeUnknown || OutcomeOf(err) != OutcomeUnknown || errors.Is(err, ErrNotSent) {
				t.Errorf("%s: outcome %q: %v", name, OutcomeOf(err), err)
			}
			for _, cause := range causes {
				if !errors.Is(err, cause) {
					t.Errorf("%s: not %v: %v", name, cause, err)
				}
			}
		}
		unanswered("with a key", look(first, WithIdempotencyKey("k")), ErrInvalidArgument)
		unanswered("with the record as an option", look(first, Resend(first)), ErrInvalidArgument)
		unanswered("with a bad option", look(first, WithHeader("Host", "x")), ErrInvalidArgument)
		unanswered("without a client", errorOf(zero.Reconcile(t.Context(), payment("rent-1"), first, Lookup{})))
		ended, cancel := context.WithCancel(t.Context())
		cancel()
		unanswered("a context that has ended", errorOf(r.Transfers.Reconcile(ended, payment("rent-1"), first, Lookup{})), context.Canceled)
		if n := len(r.bank.Requests()); n != sent {
			t.Errorf("%d requests", n-sent)
		}
		closed := rigOf(t, r.bank, faultserver.Base, roundTripFunc(func(*http.Request) (*http.Response, error) {
			return nil, &url.Error{Op: "dial", Err: errors.New("refused")}
		}))
		unanswered("no connection", errorOf(closed.Transfers.Reconcile(t.Context(), payment("rent-1"), first, Lookup{})))
		// First is the time of a machine whose clock is ahead: the payment is not looked for before it was made.
		first.First = time.Now().Add(4 * time.Minute)
		found, err := func() (*Transfer, error) {
			r, first := lostPayment(t)
			first.First = time.Now().Add(4 * time.Minute)
			return r.Transfers.Reconcile(t.Context(), payment("rent-1"), first, Lookup{})
		}()
		if failed, ok := errors.AsType[*ReconcileError](err); err == nil && found == nil || err != nil && (!ok || failed.Kind != ErrAmbiguous || len(failed.Found) != 1) {
			t.Errorf("a clock that is ahead: %+v, %v", found, err)
		}
	})
}
