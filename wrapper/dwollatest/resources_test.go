package dwollatest_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/dwolla-go/dwolla-go/wrapper/dwollatest"
)

func TestCustomersChangeTheirState(t *testing.T) {
	r := newRig(t, dwollatest.WithInvalidRequests())
	at := r.create("/customers", jsonObject{"type": "receive-only", "firstName": "Rosa", "lastName": "Lind", "email": "rosa@example.com"})
	r.expect("may send", r.get(at).href("send"), "")
	r.expect("upgrade", r.post(at, jsonObject{"type": "unverified"}).body.text("type"), "unverified")
	r.wants("relations", r.get(at).rels(), "send", "receive", "edit", "deactivate", "funding-sources", "transfers")

	edited := r.post(at, jsonObject{"email": "lind@example.com", "businessName": "Lind Cycles"})
	r.expect("edited", edited.body.text("businessName"), "Lind Cycles")
	edited = r.post(at, jsonObject{"businessName": ""})
	r.expect("unset", edited.body["businessName"], nil)
	r.expect("the old email is free", r.post("/customers", jsonObject{"firstName": "A", "lastName": "B", "email": "rosa@example.com"}).status, 201)

	data := person("Rosa", "lind@example.com")
	r.expect("upgrade", r.post(at, data).body.text("status"), "verified")
	r.expect("a name is fixed then", r.post(at, jsonObject{"firstName": "Rose"}).problem(), "ReadOnly /firstName")
	r.expect("an address is not", r.post(at, jsonObject{"city": "Superior"}).body.text("city"), "Superior")
	r.expect("verified twice", r.post(at, data).code(), "InvalidResourceState")
	r.expect("a balance of its own", len(r.all(at+"/funding-sources", "funding-sources")), 1)

	r.expect("deactivate", r.post(at, jsonObject{"status": "deactivated"}).body.text("status"), "deactivated")
	r.expect("edit then", r.post(at, jsonObject{"city": "Duluth"}).code(), "InvalidResourceState")
	r.expect("a bank then", r.post(at+"/funding-sources", bank("x")).code(), "Forbidden")
	r.expect("reactivate", r.post(at, jsonObject{"status": "reactivated"}).body.text("status"), "verified")
	r.expect("suspend", r.post(at, jsonObject{"status": "suspended"}).body.text("status"), "suspended")
	r.expect("reactivate", r.post(at, jsonObject{"status": "reactivated"}).code(), "InvalidResourceState")
	r.wants("topics", r.topics(), "customer_deactivated", "customer_activated", "customer_suspended")
}

func TestAPersonalRetryNeedsTheFullSSN(t *testing.T) {
	r := newRig(t)
	at := r.create("/customers", person("retry", "a@example.com"))
	again := person("Amara", "a@example.com")
	r.expect("four digits", r.post(at, again).problem(), "Invalid /ssn")
	again["ssn"] = "900-45-1234"
	r.expect("nine digits", r.post(at, again).body.text("status"), "verified")
	if strings.Contains(string(r.post(at, jsonObject{"city": "Duluth"}).raw), "900-45-1234") {
		t.Error("the SSN came back")
	}
}

func TestTheDataOfCustomersIsChecked(t *testing.T) {
	r := newRig(t, dwollatest.WithInvalidRequests())
	for _, row := range []struct{ field, value, want string }{
		{"firstName", "", "Required /firstName"},
		{"firstName", strings.Repeat("x", 51), "InvalidFormat /firstName"},
		{"lastName", "<script>", "InvalidFormat /lastName"},
		{"email", "nobody", "Invalid /email"},
		{"address1", "P.O. Box 12", "Invalid /address1"},
		{"city", "Area 51", "InvalidFormat /city"},
		{"state", "Minnesota", "InvalidFormat /state"},
		{"postalCode", "123", "InvalidFormat /postalCode"},
		{"dateOfBirth", "2020-01-01", "Invalid /dateOfBirth"},
		{"dateOfBirth", "1884-01-01", "Invalid /dateOfBirth"},
		{"dateOfBirth", "1990-02-30", "Invalid /dateOfBirth"},
		{"ssn", "12", "InvalidFormat /ssn"},
		{"phone", "+1 555", "InvalidFormat /phone"},
	} {
		in := person("Amara", "a@example.com")
		in[row.field] = row.value
		r.expect(row.field+" "+row.value, r.post("/customers", in).problem(), row.want)
	}
	group := r.all("/business-classifications", "business-classifications")[3]
	in := company("Lind Cycles", "Nils", "a@example.com")
	in["businessClassification"] = group.text("id")
	r.expect("a group of industries", r.post("/customers", in).problem(), "Invalid /businessClassification")
	in["businessClassification"] = group.text("_embedded industry-classifications 0 id")
	r.expect("an industry", r.post("/customers", in).status, http.StatusCreated)
	r.expect("the group", r.get(group.href("self")).text("name"), group.text("name"))
}

func TestCustomersAreFoundAndPaged(t *testing.T) {
	r := newRig(t)
	for i := range 30 {
		r.create("/customers", jsonObject{"firstName": fmt.Sprint("Number ", i), "lastName": "Doe", "email": fmt.Sprintf("n%d@example.com", i)})
	}
	r.create("/customers", person("retry", "r@example.com"))
	first := r.get("/customers?limit=10")
	r.expect("total", first["total"], 31.0)
	r.expect("self", first.href("self"), r.base+"/customers?limit=10")
	r.expect("first", first.href("first"), r.base+"/customers?limit=10&offset=0")
	r.expect("last", first.href("last"), r.base+"/customers?limit=10&offset=30")
	r.expect("next", first.href("next"), r.base+"/customers?limit=10&offset=10")
	r.expect("prev", first.href("prev"), "")
	last := r.get(first.href("last"))
	r.expect("entries", len(last.at("_embedded customers").([]any)), 1)
	r.expect("next", last.href("next"), "")
	r.expect("prev", last.href("prev"), r.base+"/customers?limit=10&offset=20")
	r.expect("default", len(r.get("/customers").at("_embedded customers").([]any)), 25)
	r.expect("self of the first page", r.get("/customers").href("self"), r.base+"/customers")
	r.expect("oldest first", first.text("_embedded customers 0 firstName"), "Number 0")

	r.expect("search", len(r.all("/customers?search=number+1", "customers")), 11)
	page := r.get("/customers?search=number+1&limit=5")
	r.expect("filter in links", page.href("next"), r.base+"/customers?search=number+1&limit=5&offset=5")
	r.expect("email", len(r.all("/customers?email=N7@example.com", "customers")), 1)
	r.expect("state", len(r.all("/customers?status=retry&status=document", "customers")), 1)
	r.post(r.all("/customers?status=retry", "customers")[0].href("self"), jsonObject{"status": "deactivated"})
	r.expect("state afterwards", len(r.all("/customers?status=retry&status=document", "customers")), 0)
}

func TestLabelsAddUp(t *testing.T) {
	r := newRig(t)
	customer := r.AddVerifiedCustomer("Jane Doe")
	r.SetBalance(customer.ID, 100_00)
	labels := customer.Href + "/labels"
	r.expect("too much", r.post(labels, jsonObject{"amount": usd("100.01")}).problem(), "Invalid /amount/value")
	a := r.create(labels, jsonObject{"amount": usd("60.00")})
	r.expect("more than is left", r.post(labels, jsonObject{"amount": usd("40.01")}).problem(), "Invalid /amount/value")
	b := r.create(labels, jsonObject{"amount": usd("40.00")})
	balance := r.get(r.BalanceOf(customer.ID).Href + "/balance")
	r.expect("available", balance.text("balance value"), "0.00")
	r.expect("total", balance.text("total value"), "100.00")
	short := r.post("/transfers", transfer(r.BalanceOf(customer.ID).Href, r.AccountBalance().Href, "1.00"))
	r.expect("labeled money stays", short.problem(), "InsufficientFunds /_links/source/href")

	entry := r.get(r.create(r.get(a).href("update"), jsonObject{"amount": usd("-25.00")}))
	r.expect("entry", entry.text("amount value"), "-25.00")
	r.expect("label", r.get(a).text("amount value"), "35.00")
	r.expect("below zero", r.post(a+"/ledger-entries", jsonObject{"amount": usd("-35.01")}).problem(), "Invalid /amount/value")

	move := jsonObject{"_links": jsonObject{"from": href(b), "to": href(a)}, "amount": usd("40.00")}
	moved := r.get(r.create("/label-reallocations", move))
	r.expect("from", r.get(moved.href("from-ledger-entry")).text("amount value"), "-40.00")
	r.expect("to", r.get(moved.href("to-ledger-entry")).text("amount value"), "40.00")
	r.expect("label", r.get(a).text("amount value"), "75.00")
	r.expect("move again", r.post("/label-reallocations", move).problem(), "Invalid /amount/value")
	r.expect("entries", len(r.all(a+"/ledger-entries", "ledger-entries")), 3)
	r.expect("listed", len(r.all(labels, "labels")), 2)

	r.expect("remove", r.call(http.MethodDelete, a, nil).code(), "InvalidResourceState")
	r.expect("remove", r.call(http.MethodDelete, r.get(b).href("remove"), nil).status, http.StatusOK)
	r.expect("removed", r.call(http.MethodGet, b, nil).status, http.StatusNotFound)
	_, other := r.AddReceiver("Max Roe")
	r.expect("of a receiver", r.post(r.get(other.Href).href("customer")+"/labels", jsonObject{"amount": usd("1")}).code(), "NotAuthorized")
	r.wants("topics", r.topics(), "customer_label_created", "customer_label_ledger_entry_created", "customer_label_removed")
}

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

func TestOnDemandAuthorizationsServeForOneBank(t *testing.T) {
	r := newRig(t)
	customer := r.AddVerifiedCustomer("Jane Doe")
	consent := r.post("/on-demand-authorizations", nil)
	r.expect("status", consent.status, http.StatusOK)
	in := bank("Savings")
	in["_links"] = jsonObject{"on-demand-authorization": href(consent.body.href("self"))}
	at := r.create(customer.Href+"/funding-sources", in)
	r.expect("linked", r.get(at).href("on-demand-authorization"), consent.body.href("self"))
	in["accountNumber"] = "11112222"
	r.expect("used twice", r.post(customer.Href+"/funding-sources", in).problem(), "Invalid /_links/on-demand-authorization/href")
}

func TestFundingSourcesAreChangedAndListed(t *testing.T) {
	r := newRig(t, dwollatest.WithInvalidRequests())
	customer := r.AddVerifiedCustomer("Jane Doe")
	list := customer.Href + "/funding-sources"
	at := r.create(list, bank("Savings"))
	before := r.get(at).text("fingerprint")
	changed := r.post(at, jsonObject{"name": "Joint", "accountNumber": "70025514"})
	r.expect("name", changed.body.text("name"), "Joint")
	if changed.body.text("fingerprint") == before {
		t.Error("the fingerprint is that of the old number")
	}
	other := r.AddVerifiedCustomer("Max Roe")
	same := r.get(r.create(other.Href+"/funding-sources", bank("Savings")))
	r.expect("equal numbers, equal fingerprints", same.text("fingerprint"), before)
	verified := r.AddBank(customer.ID, "Checking")
	r.expect("numbers of a verified bank", r.post(verified.Href, jsonObject{"name": "x", "accountNumber": "70025514"}).problem(), "NotAllowed /accountNumber")
	r.post(verified.Href, jsonObject{"removed": true})
	r.expect("all", len(r.all(list, "funding-sources")), 3)
	r.expect("removed", len(r.all(list+"?removed=true", "funding-sources")), 1)
	r.expect("in use", len(r.all(list+"?removed=false", "funding-sources")), 2)
	r.expect("still there", r.get(verified.Href)["removed"], true)
}

func TestClientTokensAreForKnownCustomers(t *testing.T) {
	r := newRig(t)
	customer := r.AddVerifiedCustomer("Jane Doe")
	in := jsonObject{"action": "customer.transfers.send", "_links": jsonObject{"customer": href(customer.Href)}}
	if token := r.post("/client-tokens", in).body.text("token"); token == "" {
		t.Error("got no token")
	}
	in["_links"] = jsonObject{"customer": href("/customers/none")}
	r.expect("unknown", r.post("/client-tokens", in).problem(), "Invalid /_links/customer/href")
}

func TestFormsAreDescribedOnRequest(t *testing.T) {
	r := newRig(t)
	k := r.get(r.create("/customers", person("document", "a@example.com")))
	if slices.Contains(k.rels(), "edit-form") {
		t.Error("the data can be edited")
	}
	accept := halJSON + `; profile="https://github.com/dwolla/hal-forms"`
	form := r.call(http.MethodGet, k.href("document-form"), nil, "Accept", accept)
	r.expect("content type", form.body.text("_templates default contentType"), "multipart/form-data")
}

func TestDocumentsAreChecked(t *testing.T) {
	r := newRig(t, dwollatest.WithInvalidRequests())
	k := r.create("/customers", person("document", "a@example.com"))
	at := k + "/documents"
	r.expect("another type of file", r.upload(at, "license", "a.gif", []byte("1")).code(), "invalidFileType")
	r.expect("too large", r.upload(at, "license", "a.png", make([]byte, 10<<20+1)).code(), "fileTooLarge")
	first := r.upload(at, "license", "a.png", []byte("1"))
	r.expect("twice", r.upload(at, "license", "a.png", []byte("1")).code(), "DuplicateResource")
	for i := range 3 {
		r.upload(at, "license", "a.png", []byte{byte(i), 2})
	}
	r.expect("a fifth", r.upload(at, "license", "a.png", []byte("5")).code(), "maximumNumberOfResources")
	r.ReviewDocument(first.location[strings.LastIndex(first.location, "/")+1:], true)
	r.expect("verified", r.get(k).text("status"), "verified")

	firm := r.get(r.create("/customers", company("document", "document", "b@example.com")))
	at = firm.href("verify-controller-and-business-with-document")
	r.upload(at, "passport", "test-document-upload-success.png", []byte("p"))
	r.Advance(2e9)
	r.expect("one of two", r.get(firm.href("self")).text("status"), "document")
	r.wants("what is left", r.get(firm.href("self")).rels(), "verify-business-with-document")
	r.upload(at, "other", "test-document-upload-success.png", []byte("o"))
	r.Advance(2e9)
	r.expect("both", r.get(firm.href("self")).text("status"), "verified")
}
