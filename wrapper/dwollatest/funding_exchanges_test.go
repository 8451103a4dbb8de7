package dwollatest_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/dwolla-go/dwolla-go/wrapper/dwollatest"
)

func TestExchangesBecomeFundingSources(t *testing.T) {
	r := newRig(t, dwollatest.WithRedirectURLs("https://rentals.example.com/back"))
	customer := r.AddVerifiedCustomer("Jane Doe")
	at := func(rel string) string { return customer.Href + "/" + rel }
	plaid, mx := r.partner("Plaid"), r.partner("MX")
	session := jsonObject{"_links": jsonObject{"exchange-partner": href(plaid), "redirect-url": href("https://elsewhere.example.com")}}
	r.expect("unknown return", r.post(at("exchange-sessions"), session).problem(), "Invalid /_links/redirect-url/href")
	session["_links"].(jsonObject)["redirect-url"] = href("https://rentals.example.com/back")
	if token := r.get(r.create(at("exchange-sessions"), session)).text("externalProviderSessionToken"); token == "" {
		t.Error("the session has no token")
	}
	none := jsonObject{"_links": jsonObject{"exchange-partner": href(r.partner("Flinks"))}}
	r.expect("no sessions", r.post(at("exchange-sessions"), none).code(), "Forbidden")

	public := jsonObject{"_links": jsonObject{"exchange-partner": href(plaid)}, "plaid": jsonObject{"publicToken": "public-1"}}
	exchange := r.create(at("exchanges"), public)
	r.expect("used twice", r.post(at("exchanges"), public).code(), "InvalidExchangeToken")
	source := func(x string) jsonObject {
		return jsonObject{"_links": jsonObject{"exchange": href(x)}, "bankAccountType": "checking", "name": "Open"}
	}
	opened := r.get(r.create(at("funding-sources"), source(exchange)))
	r.expect("status", opened.text("status"), "verified")
	r.expect("balance", r.get(opened.href("balance")).text("closing value"), "1000.00")
	r.RequireReauth(exchange[strings.LastIndex(exchange, "/")+1:])
	refused := r.call(http.MethodGet, opened.href("balance"), nil)
	r.expect("renewal", refused.code(), "UpdateCredentials")
	r.create(refused.body.href("about"), nil)
	r.expect("afterwards", r.call(http.MethodGet, opened.href("balance"), nil).status, http.StatusOK)

	s := r.get(r.create(at("exchange-sessions"), jsonObject{"_links": jsonObject{"exchange-partner": href(mx)}}))
	if strings.HasPrefix(s.href("external-provider-session"), r.base) {
		t.Error("the page of MX is on our host")
	}
	found := r.all(at("available-exchange-connections"), "available-exchange-connections")
	r.expect("connections", len(found), 2)
	choose := func(token string) jsonObject {
		return jsonObject{"_links": jsonObject{"exchange-partner": href(mx)}, "mx": jsonObject{"availableConnectionToken": token}}
	}
	r.expect("a token of nobody", r.post(at("exchanges"), choose("x")).code(), "InvalidExchangeToken")
	second := r.create(at("exchanges"), choose(found[1].text("availableConnectionToken")))
	r.DeactivateExchange(second[strings.LastIndex(second, "/")+1:])
	r.expect("inactive", r.post(at("funding-sources"), source(second)).code(), "InactiveExchange")
	r.expect("listed", len(r.all(at("exchanges"), "exchanges")), 2)

	token := jsonObject{"_links": jsonObject{"exchange-partner": href(plaid)}, "token": "processor-2"}
	own := r.create("/exchanges", token)
	r.expect("of the account", r.all("/exchanges", "exchanges")[0].href("self"), own)
	r.create("/funding-sources", source(own))
	r.expect("of another owner", r.post(at("funding-sources"), source(own)).problem(), "Invalid /_links/exchange/href")
	r.expect("a partner", r.get(plaid).text("name"), "Plaid")
	r.wants("topics", r.topics(), "customer_exchange_reauth_required")
}
