package dwollatest_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dwolla-go/dwolla-go/wrapper/contract"
	"github.com/dwolla-go/dwolla-go/wrapper/dwollatest"
)

func TestTokens(t *testing.T) {
	r := newRig(t, dwollatest.WithInvalidRequests())
	valid := r.token
	r.token = "unknown"
	r.expect("unknown token", r.call(http.MethodGet, "/", nil).code(), "InvalidAccessToken")
	out := r.call(http.MethodGet, "/", nil, "Authorization", "Basic x")
	r.expect("another scheme", out.code(), "InvalidCredentials")
	r.expect("status", out.status, http.StatusUnauthorized)

	r.token = valid
	r.Advance(time.Hour - time.Second)
	r.expect("within its life", r.call(http.MethodGet, "/", nil).status, http.StatusOK)
	r.authenticate()
	r.Advance(time.Second)
	r.expect("the newer one", r.call(http.MethodGet, "/", nil).status, http.StatusOK)
	r.token = valid
	r.expect("the older one", r.call(http.MethodGet, "/", nil).code(), "ExpiredAccessToken")

	for _, row := range []struct{ name, secret, form, want string }{
		{"wrong secret", "wrong", "grant_type=client_credentials", "invalid_client"},
		{"no grant", r.Secret(), "", "invalid_request"},
		{"another grant", r.Secret(), "grant_type=password", "unsupported_grant_type"},
	} {
		request := r.request(http.MethodPost, "/token", strings.NewReader(row.form))
		request.SetBasicAuth(r.Key(), row.secret)
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.expect(row.name, r.send(request).body.text("error"), row.want)
	}
}

func TestAnswersHaveTheDocumentedStatusAndCode(t *testing.T) {
	r := newRig(t, dwollatest.WithInvalidRequests())
	balance, own := r.AccountBalance().Href, r.AccountBank().Href
	customer, theirs := r.AddVerifiedCustomerWithBank("Jane Doe")
	_, receiver := r.AddReceiver("Rosa Okafor")
	unverified := r.AddUnverifiedBank(customer.ID, "New")
	suspended, blocked := r.AddVerifiedCustomerWithBank("Max Roe")
	r.SetStatus(suspended.ID, "suspended")
	van := r.create("/funding-sources", jsonObject{"type": "virtual", "bankAccountType": "checking", "name": "Deposits"})
	removed := r.AddBank(customer.ID, "Old")
	r.post(removed.Href, jsonObject{"removed": true})
	nobody := r.base + "/funding-sources/00000000-0000-4000-8000-000000000000"
	with := func(name string, value any) jsonObject {
		out := transfer(balance, receiver.Href, "10.00")
		out[name] = value
		return out
	}
	fee := func(party, value string) jsonObject {
		return with("fees", []jsonObject{{"_links": jsonObject{"charge-to": href(party)}, "amount": usd(value)}})
	}
	for _, row := range []struct {
		name    string
		body    jsonObject
		problem string
	}{
		{"an unknown source", transfer(nobody, receiver.Href, "1.00"), "Invalid /_links/source/href"},
		{"an unverified source", transfer(unverified.Href, balance, "1.00"), "Invalid /_links/source/href"},
		{"a removed source", transfer(removed.Href, balance, "1.00"), "Invalid /_links/source/href"},
		{"a virtual source", transfer(van, receiver.Href, "1.00"), "Invalid /_links/source/href"},
		{"a suspended sender", transfer(blocked.Href, balance, "1.00"), "Restricted /_links/source/href"},
		{"an unknown destination", transfer(balance, nobody, "1.00"), "Invalid /_links/destination/href"},
		{"a virtual destination", transfer(own, van, "1.00"), "Invalid /_links/destination/href"},
		{"a removed destination", transfer(balance, removed.Href, "1.00"), "RequiresFundingSource /_links/destination/href"},
		{"a suspended receiver", transfer(balance, blocked.Href, "1.00"), "Restricted /_links/destination/href"},
		{"the source as destination", transfer(balance, balance, "1.00"), "Invalid /_links/destination/href"},
		{"more than the balance", transfer(balance, receiver.Href, "5000.01"), "InsufficientFunds /_links/source/href"},
		{"more than a Customer may send", transfer(theirs.Href, balance, "10000.01"), "Invalid /amount/value"},
		{"an amount of zero", transfer(balance, receiver.Href, "0.004"), "Invalid /amount/value"},
		{"a negative amount", transfer(balance, receiver.Href, "-1.00"), "Invalid /amount/value"},
		{"no decimal", transfer(balance, receiver.Href, "1e2"), "InvalidFormat /amount/value"},
		{"another currency", with("amount", jsonObject{"value": "1.00", "currency": "EUR"}), "InvalidFormat /amount/value"},
		{"no destination", jsonObject{"_links": jsonObject{"source": href(balance)}, "amount": usd("1")}, "Required /_links/destination/href"},
		{"a correlation id with a space", with("correlationId", "a b"), "InvalidFormat /correlationId"},
		{"metadata with a balance", with("metadata", jsonObject{"a": "b"}), "Invalid /metadata"},
		{"an unknown speed", with("clearing", jsonObject{"destination": "soon"}), "Invalid /clearing/destination"},
		{"a fee of half and more", fee(r.Account().Href, "5.01"), "Invalid "},
		{"a fee for a stranger", fee(customer.Href, "1.00"), "Invalid /fees/_links/charge-to/href"},
		{"a fee of nothing", fee(r.Account().Href, "0.00"), "Invalid /fees/_links/charge-to/href"},
	} {
		t.Run("transfer with "+row.name, func(t *testing.T) {
			out := r.post("/transfers", row.body)
			if out.status != http.StatusBadRequest || out.code() != "ValidationError" || out.problem() != row.problem {
				t.Errorf("got %d %s %q, want %q", out.status, out.code(), out.problem(), row.problem)
			}
		})
	}
	if paid := r.Ledger(); len(paid) != 0 {
		t.Errorf("refused transfers were paid: %v", paid)
	}
	long := jsonObject{"url": "https://example.com", "secret": strings.Repeat("s", 129)}
	for _, row := range []struct {
		name, method, path string
		body               any
		status             int
		code               string
	}{
		{"an unknown customer", "GET", "/customers/none", nil, 404, "NotFound"},
		{"another account", "GET", "/accounts/none", nil, 404, "NotFound"},
		{"an unknown path", "GET", "/nothing", nil, 404, "NotFound"},
		{"an unknown method", "PUT", "/customers", nil, 405, "MethodNotAllowed"},
		{"a limit of 201", "GET", "/customers?limit=201", nil, 400, "ValidationError"},
		{"a status that does not exist", "GET", "/customers?status=lost", nil, 400, "ValidationError"},
		{"the 10,001st transfer", "GET", "/accounts/" + r.Account().ID + "/transfers?limit=200&offset=9801", nil, 400, "BadRequest"},
		{"the balance of a bank", "GET", theirs.Href + "/balance", nil, 400, "UnsupportedOperation"},
		{"the failure of a payment that did not fail", "GET", "/transfers/none/failure", nil, 404, "NotFound"},
		{"a name that is missing", "POST", "/customers", jsonObject{"lastName": "Doe", "email": "x@example.com"}, 400, "ValidationError"},
		{"a balance that is removed", "POST", balance, jsonObject{"removed": true}, 400, "ValidationError"},
		{"a secret of 129 characters", "POST", "/webhook-subscriptions", long, 400, "ValidationError"},
	} {
		t.Run(row.name, func(t *testing.T) {
			out := r.call(row.method, row.path, row.body)
			if out.status != row.status || out.code() != row.code {
				t.Errorf("got %d %s, want %d %s", out.status, out.code(), row.status, row.code)
			}
		})
	}
	t.Run("a body that is no JSON", func(t *testing.T) {
		request := r.request(http.MethodPost, "/transfers", strings.NewReader("{"))
		request.Header.Set("Content-Type", "application/json")
		r.expect("code", r.send(request).code(), "BadRequest")
	})
	t.Run("an Accept header of anything", func(t *testing.T) {
		for _, accept := range []string{"*/*", "application/json", ""} {
			out := r.call(http.MethodGet, "/", nil, "Accept", accept)
			if out.status != http.StatusNotAcceptable || out.code() != "InvalidVersion" {
				t.Errorf("%q: got %d %s", accept, out.status, out.code())
			}
		}
	})
	t.Run("an email and a correlation id that are taken", func(t *testing.T) {
		k := jsonObject{"firstName": "A", "lastName": "B", "email": "same@example.com", "correlationId": "same"}
		r.create("/customers", k)
		r.expect("email", r.post("/customers", k).problem(), "Duplicate /email")
		k["email"] = "other@example.com"
		r.expect("correlation id", r.post("/customers", k).problem(), "Duplicate /correlationId")
	})
	t.Run("an eleventh subscription", func(t *testing.T) {
		for range 10 {
			r.create("/webhook-subscriptions", jsonObject{"url": "https://example.com", "secret": "s"})
		}
		out := r.post("/webhook-subscriptions", jsonObject{"url": "https://example.com", "secret": "s"})
		r.expect("code", out.code(), "MaxNumberOfResources")
	})
}

func TestIdempotencyKeys(t *testing.T) {
	setup := func(t *testing.T) (*rig, jsonObject) {
		t.Helper()
		r := newRig(t)
		_, receiver := r.AddReceiver("Jane Doe")
		return r, transfer(r.AccountBalance().Href, receiver.Href, "10.00")
	}
	t.Run("the same request is answered again and paid once", func(t *testing.T) {
		r, pay := setup(t)
		first, second := r.post("/transfers", pay, "Idempotency-Key", "k"), r.post("/transfers", pay, "Idempotency-Key", "k")
		r.expect("status", second.status, http.StatusCreated)
		r.expect("location", second.location, first.location)
		r.expect("paid", len(r.Ledger()), 1)
		r.expect("key", r.Ledger()[0].IdempotencyKey, "k")
	})
	t.Run("a day later the key is free", func(t *testing.T) {
		r, pay := setup(t)
		first := r.post("/transfers", pay, "Idempotency-Key", "k")
		r.Advance(24 * time.Hour)
		r.authenticate()
		second := r.post("/transfers", pay, "Idempotency-Key", "k")
		if second.location == first.location {
			t.Error("the old answer was given")
		}
		r.expect("paid", len(r.Ledger()), 2)
	})
	t.Run("a refused request does not use its key up", func(t *testing.T) {
		r, pay := setup(t)
		r.SetBalance(r.Account().ID, 0)
		r.expect("first", r.post("/transfers", pay, "Idempotency-Key", "k").status, http.StatusBadRequest)
		r.SetBalance(r.Account().ID, 10_00)
		r.expect("second", r.post("/transfers", pay, "Idempotency-Key", "k").status, http.StatusCreated)
	})
	t.Run("without a key it is paid twice", func(t *testing.T) {
		r, pay := setup(t)
		r.create("/transfers", pay)
		r.create("/transfers", pay)
		r.expect("paid", len(r.Ledger()), 2)
	})
	t.Run("while the first one runs it is a conflict", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			r, pay := setup(t)
			r.Fault("createTransfer", dwollatest.Fault{Delay: time.Second, AfterCommit: true, Times: 1})
			done := make(chan answer)
			go func() { done <- r.post("/transfers", pay, "Idempotency-Key", "k") }()
			synctest.Wait() // the first one is held up
			second := r.post("/transfers", pay, "Idempotency-Key", "k")
			r.expect("second", second.code(), "Conflict")
			r.expect("first", (<-done).status, http.StatusCreated)
			r.expect("paid", len(r.Ledger()), 1)
		})
	})
	t.Run("after a lost answer the first one is given again", func(t *testing.T) {
		r, pay := setup(t)
		r.Fault("createTransfer", dwollatest.Fault{Status: 500, AfterCommit: true, Times: 1})
		r.expect("first", r.post("/transfers", pay, "Idempotency-Key", "k").code(), "ServerError")
		again := r.post("/transfers", pay, "Idempotency-Key", "k")
		r.expect("second", again.status, http.StatusCreated)
		r.expect("paid", len(r.Ledger()), 1)
		if !strings.HasSuffix(again.location, r.Ledger()[0].Transfer) {
			t.Error("the location is not that of the transfer")
		}
	})
	t.Run("a 500 can lock the key for a day", func(t *testing.T) {
		r, pay := setup(t)
		r.Fault("createTransfer", dwollatest.Fault{Status: 500, AfterCommit: true, Lock: true, Times: 1})
		r.post("/transfers", pay, "Idempotency-Key", "k")
		r.Advance(23 * time.Hour)
		r.authenticate()
		r.expect("within the day", r.post("/transfers", pay, "Idempotency-Key", "k").code(), "Conflict")
		r.Advance(time.Hour)
		r.authenticate()
		r.expect("afterwards", r.post("/transfers", pay, "Idempotency-Key", "k").status, http.StatusCreated)
		r.expect("paid", len(r.Ledger()), 1)
	})
	t.Run("a dropped connection leaves the key free or the answer kept", func(t *testing.T) {
		r, pay := setup(t)
		r.Fault("createTransfer", dwollatest.Fault{Drop: true, Times: 1})
		r.Fault("createTransfer", dwollatest.Fault{Drop: true, AfterCommit: true, Times: 1})
		for range 2 {
			request := r.request(http.MethodPost, "/transfers", strings.NewReader(string(mustJSON(t, pay))))
			request.Header.Set("Content-Type", "application/json")
			request.Header.Set("Idempotency-Key", "k")
			if _, err := r.try(request); err == nil {
				t.Error("got an answer")
			}
		}
		r.expect("third", r.post("/transfers", pay, "Idempotency-Key", "k").status, http.StatusCreated)
		r.expect("paid", len(r.Ledger()), 1)
	})
}

func TestConcurrentTransfersFromOneBalance(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		_, receiver := r.AddReceiver("Jane Doe")
		pay := transfer(r.AccountBalance().Href, receiver.Href, "10.00")
		r.Fault("createTransfer", dwollatest.Fault{Delay: time.Second, Times: 1})
		done := make(chan answer)
		go func() { done <- r.post("/transfers", pay) }()
		synctest.Wait() // the first one is held up
		second := r.post("/transfers", pay)
		r.expect("second", second.status, http.StatusTooManyRequests)
		r.expect("code", second.code(), "TooManyRequests")
		r.expect("first", (<-done).status, http.StatusCreated)
	})
}

// silentTB is a test that may fail without consequence.
type silentTB struct {
	testing.TB
	failures []string
}

func (s *silentTB) Errorf(format string, args ...any) {
	for _, a := range args {
		if err, ok := a.(error); ok {
			s.failures = append(s.failures, err.Error())
		}
	}
}

func TestDeviationsFromTheContractFailTheTest(t *testing.T) {
	silent := &silentTB{TB: t}
	server := dwollatest.New(silent)
	r := &rig{Server: server, t: t, http: server.Client(), base: server.URL()}
	r.authenticate()
	r.post("/customers", jsonObject{"firstName": "A", "lastName": "B", "email": "a@example.com", "phone": "55"})
	r.call(http.MethodGet, "/nothing", nil)
	r.Fault("createNothing", dwollatest.Fault{Status: 500})
	if len(silent.failures) != 3 {
		t.Fatalf("got %q", silent.failures)
	}
	for i, want := range []string{"createCustomer: request body /phone: ", "unexpected call: ", "createNothing"} {
		if !strings.Contains(silent.failures[i], want) {
			t.Errorf("%q does not tell %q", silent.failures[i], want)
		}
	}
	if _, ok := errors.AsType[*contract.Violation](server.Problems()[0]); !ok {
		t.Errorf("got a %T", server.Problems()[0])
	}
}
