package dwollatest_test

import (
	"net/http"
	"testing"
)

func TestCardsArePaidFromASettlementAccount(t *testing.T) {
	r := newRig(t)
	customer, _ := r.AddReceiver("Jane Doe")
	partner := r.partner("Checkout.com")
	session := r.get(r.create(customer.Href+"/exchange-sessions", jsonObject{
		"_links":      jsonObject{"exchange-partner": href(partner)},
		"cardDetails": jsonObject{"firstName": "Jane", "lastName": "Doe", "accountNameInquiry": true},
	}))
	if session.text("externalProviderSessionData payment_session_token") == "" {
		t.Error("the session has no data")
	}
	exchange := r.create(customer.Href+"/exchanges", jsonObject{"_links": jsonObject{"exchange-partner": href(partner)}, "token": "pay_1"})
	r.expect("inquiry", r.get(exchange).text("cardDetails accountNameInquiry"), "full-match")
	card := r.create(customer.Href+"/funding-sources", jsonObject{
		"_links": jsonObject{"exchange": href(exchange)}, "name": "Debit card",
		"cardDetails": jsonObject{"firstName": "Jane", "lastName": "Doe", "billingAddress": address()},
	})
	r.expect("cardholder", r.get(card).text("cardDetails nameOnCard"), "Jane Doe")
	change := jsonObject{"cardDetails": jsonObject{"lastName": "Roe", "billingAddress": jsonObject{"postalCode": "55804"}}}
	r.expect("change", r.post(card, change).body.text("cardDetails nameOnCard"), "Jane Roe")
	r.expect("address", r.get(card).text("cardDetails billingAddress city"), "Duluth")

	refused := r.post("/transfers", transfer(r.AccountBalance().Href, card, "5.00"))
	r.expect("from a balance", refused.problem(), "NotAllowed /_links/source/href")
	settlement := r.AddSettlementAccount(20_00)
	r.expect("at once", r.get(r.create("/transfers", transfer(settlement.Href, card, "5.00"))).text("status"), "processed")
	r.expect("left", r.get(settlement.Href+"/balance").text("available value"), "15.00")
	again := jsonObject{
		"_links": jsonObject{"exchange": href(exchange)}, "name": "Debit card",
		"cardDetails": jsonObject{"firstName": "Jane", "lastName": "Doe", "billingAddress": address()},
	}
	r.expect("the same card", r.post(customer.Href+"/funding-sources", again).code(), "DuplicateResource")
	r.expect("found", r.call(http.MethodGet, r.get(exchange).href("funding-sources"), nil).status, http.StatusOK)
}
