package dwolla

import (
	"context"
	"errors"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/dwolla-go/dwolla-go/internal/call"
)

func TestTheHandWrittenServicesAreTheGeneratedOnesAndMore(t *testing.T) {
	client, err := NewClient(Sandbox, "key", "secret")
	if err != nil {
		t.Fatal(err)
	}
	if client.Transfers.TransfersService != client.Services.Transfers || client.MassPayments.MassPaymentsService != client.Services.MassPayments {
		t.Error("a service is another one than the client's")
	}
	if client.Transfers.sources != client.FundingSources || client.MassPayments.sources != client.FundingSources {
		t.Error("owners are looked up by another client")
	}
}

func TestTheHandWrittenServicesOfAZeroClientReturnAnError(t *testing.T) {
	var client Client
	ctx := t.Context()
	var payment CreateMassPayment
	payment.CorrelationID = "c"
	payment.Links.Source.Href = "https://api-sandbox.dwolla.com/funding-sources/x"
	_, get := client.Transfers.Get(ctx, "id")
	_, wait := client.MassPayments.WaitFor(ctx, "id", Wait{})
	_, reconcile := client.MassPayments.Reconcile(ctx, payment, justSent(), Lookup{})
	for name, err := range map[string]error{"Get": get, "WaitFor": wait, "Reconcile": reconcile} {
		if !errors.Is(err, call.ErrNoClient) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, err := range client.Transfers.AllForAccount(ctx, "id", ListAccountTransfersParams{}) {
		if !errors.Is(err, call.ErrNoClient) {
			t.Errorf("a walk: %v", err)
		}
	}
}

func TestFault306_EveryMethodOfAZeroClientSaysSo(t *testing.T) {
	record := &OutcomeUnknownError{
		IdempotencyKey: "k", BodySHA256: "abc", First: time.Now().Add(-time.Hour), Method: "POST", Path: "/transfers", Origin: "https://api-sandbox.dwolla.com", Environment: "sandbox",
	}
	reads := regexp.MustCompile(`\.(Get|List|All|WaitFor|Reconcile|Delete|Remove)|^generated Tokens.Create$`)
	for _, resend := range []bool{false, true} {
		check := func(name string, err error, changes bool) {
			if !errors.Is(err, ErrNoClient) {
				t.Errorf("%s: %v", name, err)
			}
			unknown, isUnknown := errors.AsType[*OutcomeUnknownError](err)
			if resend && changes {
				if OutcomeOf(err) != OutcomeUnknown || !isUnknown || unknown.IdempotencyKey != record.IdempotencyKey || !unknown.First.Equal(record.First) || unknown.what() != record.what() {
					t.Errorf("%s that was resent is %q: %v", name, OutcomeOf(err), err)
				}
				if errors.Is(err, ErrNotSent) || !strings.Contains(err.Error(), "not made by NewClient") {
					t.Errorf("%s: %v", name, err)
				}
				return
			}
			if OutcomeOf(err) != OutcomeNotSent || isUnknown {
				t.Errorf("%s is %q: %v", name, OutcomeOf(err), err)
			}
		}
		opts := []CallOption{}
		if resend {
			opts = append(opts, Resend(record))
		}
		called := 0
		var client Client
		services := map[string]reflect.Value{"Transfers": reflect.ValueOf(client.Transfers), "MassPayments": reflect.ValueOf(client.MassPayments)}
		generated := reflect.ValueOf(client.Services)
		for i := range generated.NumField() {
			services["generated "+generated.Type().Field(i).Name] = generated.Field(i)
		}
		for service, v := range services {
			for i := range v.NumMethod() {
				name := service + "." + v.Type().Method(i).Name
				m := v.Method(i)
				args := []reflect.Value{}
				for j := range m.Type().NumIn() {
					switch in := m.Type().In(j); {
					case in == reflect.TypeFor[context.Context]():
						args = append(args, reflect.ValueOf(t.Context()))
					case in == reflect.TypeFor[*OutcomeUnknownError]():
						args = append(args, reflect.ValueOf(record))
					case in == reflect.TypeFor[CreateTransfer]():
						args = append(args, reflect.ValueOf(payment("rent-1")))
					case in == reflect.TypeFor[CreateMassPayment]():
						args = append(args, reflect.ValueOf(CreateMassPayment{CorrelationID: "rent-1", Links: CreateMassPaymentLinks{Source: payment("rent-1").Links.Source}}))
					case m.Type().IsVariadic() && j == m.Type().NumIn()-1:
						args = append(args, reflect.ValueOf(opts))
					default:
						args = append(args, reflect.Zero(in))
					}
				}
				call := m.Call
				if m.Type().IsVariadic() {
					call = m.CallSlice
				}
				results := call(args)
				called++
				last := results[len(results)-1]
				if last.Type() == reflect.TypeFor[error]() {
					err, _ := last.Interface().(error)
					check(name, err, !reads.MatchString(name))
					continue
				}
				n := 0
				for _, err := range last.Seq2() {
					n++
					err, _ := err.Interface().(error)
					check(name, err, false)
				}
				if n != 1 {
					t.Errorf("%s yields %d errors", name, n)
				}
			}
		}
		if called < 100 {
			t.Errorf("only %d methods were called", called)
		}
		for _, c := range []*Client{nil, {}} {
			_, err := c.Post(t.Context(), "/transfers", payment("rent-1"), nil, opts...)
			check("Post", err, true)
			_, err = c.Post(t.Context(), "/transfers", nil, nil, opts...)
			check("Post of nothing", err, true)
			check("Get", c.Get(t.Context(), "/x", nil, nil, opts...), false)
			check("Delete", c.Delete(t.Context(), "/x", nil, opts...), false)
			_, err = Follow(t.Context(), c, LinkTo[Customer]("https://api-sandbox.dwolla.com/customers/x"), opts...)
			check("Follow", err, false)
			for _, err := range FollowAll(t.Context(), c, LinkTo[CustomerPage]("https://api-sandbox.dwolla.com/customers"), opts...) {
				check("FollowAll", err, false)
			}
		}
	}
}
