package dwollatest_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/dwolla-go/dwolla-go/wrapper/dwollatest"
)

func TestTransfersAreFiltered(t *testing.T) {
	r := newRig(t)
	list := "/accounts/" + r.Account().ID + "/transfers"
	jane, janes := r.AddReceiver("Jane Doe")
	_, maxs := r.AddReceiver("Max Roe")
	first := transfer(r.AccountBalance().Href, janes.Href, "10.00")
	first["correlationId"] = "first"
	r.create("/transfers", first)
	day := r.Now().UTC().Format(time.DateOnly)
	r.Advance(48 * time.Hour)
	r.authenticate()
	second := r.create("/transfers", transfer(r.AccountBalance().Href, maxs.Href, "20.00"))
	r.post(second, jsonObject{"status": "cancelled"})
	for _, row := range []struct {
		name  string
		query string
		want  int
	}{
		{"all", "", 2},
		{"correlation id", query("correlationId", "first"), 1},
		{"state", query("status", "cancelled"), 1},
		{"least amount", query("startAmount", "10.01"), 1},
		{"greatest amount", query("endAmount", "10"), 1},
		{"both amounts", query("startAmount", "10", "endAmount", "20.00"), 2},
		{"last day", query("endDate", day), 1},
		{"first day", query("startDate", day), 2},
		{"name", query("search", "jane"), 1},
		{"id", query("search", jane.ID), 1},
		{"two at a time", query("search", "jane", "status", "cancelled"), 0},
	} {
		page := r.get(list + row.query)
		r.expect(row.name, page["total"], float64(row.want))
		r.expect(row.name, len(r.all(list+row.query, "transfers")), row.want)
	}
	r.expect("of a Customer", len(r.all(jane.Href+"/transfers", "transfers")), 1)
	r.expect("newest first", r.all(list, "transfers")[0].href("self"), second)
}

// transfer is the body of a transfer.
func transfer(from, to, value string) jsonObject {
	return jsonObject{"_links": jsonObject{"source": href(from), "destination": href(to)}, "amount": usd(value)}
}

func TestFault422_ReferencesToAnotherHostOrEnvironmentLeadNowhere(t *testing.T) {
	r := newRig(t, dwollatest.WithItemRate(0), dwollatest.WithInvalidRequests())
	own, to := r.AccountBalance(), r.AddCustomer(dwollatest.Customer{})
	bank := r.AddBank(to.ID, "Jane Doe")
	for _, origin := range []string{
		"https://api.dwolla.com", "https://evil.example", "https://api-sandbox.dwolla.com.evil.example", "https://api-sandbox.dwolla.com:8443",
		"https://jane@api-sandbox.dwolla.com", "http://127.0.0.1:1", "//evil.example", "ftp://api-sandbox.dwolla.com",
	} {
		foreign := origin + "/funding-sources/"
		r.wire("source at "+origin, r.post("/transfers", transfer(foreign+own.ID, bank.Href, "1.00")), http.StatusBadRequest, `"path":"/_links/source/href"`)
		r.wire("destination at "+origin, r.post("/transfers", transfer(own.Href, foreign+bank.ID, "1.00")), http.StatusBadRequest, `"path":"/_links/destination/href"`)
		r.wire("Customer at "+origin, r.post("/transfers", transfer(own.Href, origin+"/customers/"+to.ID, "1.00")), http.StatusBadRequest, `"path":"/_links/destination/href"`)
		r.wire("mass payment from "+origin, r.post("/mass-payments", massPayment(foreign+own.ID, item(bank.Href, "1.00", "a"))), http.StatusBadRequest, `"path":"/_links/source/href"`)
		at := r.create("/mass-payments", massPayment(own.Href, item(foreign+bank.ID, "1.00", "a")))
		got := r.call(http.MethodGet, at+"/items", nil)
		r.wire("item to "+origin, got, http.StatusOK, `"status":"failed"`, `"path":"/items/destination/href"`, `"href":"`+foreign+bank.ID+`"`)
	}
	r.expect("paid", len(r.Ledger()), 0)

	for _, good := range []string{
		bank.Href, strings.ToUpper(bank.ID), "http://api-sandbox.dwolla.com/funding-sources/" + bank.ID, "https://API-Sandbox.Dwolla.com/funding-sources/" + bank.ID,
	} {
		if good == strings.ToUpper(bank.ID) {
			good = "https://api-sandbox.dwolla.com/funding-sources/" + good
		}
		r.create("/transfers", transfer(own.Href, good, "1.00"))
	}
	r.expect("paid", len(r.Ledger().To(strings.ToUpper(bank.ID))), 4)
}

func TestFault422_AServerOnLoopbackTakesItsOwnReferencesAndThoseOfTheSandbox(t *testing.T) {
	r := newRig(t, dwollatest.WithInvalidRequests())
	url := r.Start()
	r.http, r.base = http.DefaultClient, url
	bank := r.AddBank(r.AddCustomer(dwollatest.Customer{}).ID, "Jane Doe")
	source := "https://api-sandbox.dwolla.com/funding-sources/" + r.AccountBalance().ID
	for _, target := range []string{bank.Href, strings.Replace(bank.Href, "127.0.0.1", "localhost", 1)} {
		r.create("/transfers", transfer(source, target, "1.00"))
	}
	other := "http://127.0.0.1:1/funding-sources/" + bank.ID
	r.wire("another port", r.post("/transfers", transfer(source, other, "1.00")), http.StatusBadRequest, "Receiver not found.")
	r.expect("paid", len(r.Ledger()), 2)
}
