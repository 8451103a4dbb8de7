package dwollatest_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/dwolla-go/dwolla-go/wrapper/dwollatest"
)

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
