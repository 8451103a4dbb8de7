package dwollatest_test

import (
	"net/http"
	"testing"
)

// TestSandbox… are the rows of the documented triggers of the sandbox, one each; most are beside what they are about.

func TestSandboxRowsThatLieOutsideOfTheAPI(t *testing.T) {
	for name, reason := range map[string]string{
		"Plaid":             "the user signs in at Plaid; the API sees the token only",
		"Mastercard":        "the user picks a bank in the widget of Mastercard; the API sees the receipt only",
		"cards":             "the number is typed at Checkout.com; the API sees the exchange only",
		"Connect transfers": "Dwolla Connect is another product on the same host",
	} {
		t.Run(name, func(t *testing.T) { t.Skip(reason) })
	}
}

func virtualAccount(r *rig, name string) (account, balance string) {
	customer := r.AddVerifiedCustomer("Jane Doe")
	account = r.create(customer.Href+"/funding-sources", jsonObject{"type": "virtual", "bankAccountType": "checking", "name": name})
	return account, customer.ID
}

func inbound(to string) jsonObject {
	return jsonObject{"type": "virtual", "transfers": []jsonObject{{
		"_link":      jsonObject{"destination": href(to)},
		"amount":     usd("18.75"),
		"achDetails": jsonObject{"companyName": "Prairie Clinic", "addenda": "claim 5521"},
	}}}
}

func TestSandboxVirtualAccountFailureByName(t *testing.T) {
	r := newRig(t)
	account, customer := virtualAccount(r, "r02 of tenant 12")
	r.expect("simulate", r.post("/sandbox-simulations", inbound(account)).status, http.StatusAccepted)
	failed := r.all("/customers/"+customer+"/transfers", "transfers")[0]
	r.expect("status", failed.text("status"), "failed")
	r.expect("code", r.get(failed.href("failure")).text("code"), "R02")
	r.expect("balance", r.Balance(customer), int64(0))
}

func TestSandboxInboundTransfersToAVirtualAccount(t *testing.T) {
	r := newRig(t)
	account, customer := virtualAccount(r, "Deposits")
	numbers := r.get(r.get(account).href("ach-routing"))
	r.expect("routing number", numbers.text("routingNumber"), "222222226")
	r.expect("simulate", r.post("/sandbox-simulations", inbound(account)).status, http.StatusAccepted)
	in := r.all("/customers/"+customer+"/transfers", "transfers")[0]
	r.expect("status", in.text("status"), "processed")
	r.expect("source", in.href("source"), account)
	r.expect("addenda", in.text("achDetails source addenda values 0"), "claim 5521")
	r.expect("balance", r.Balance(customer), int64(1875))
}

func TestSandboxProcessTransfers(t *testing.T) {
	r := newRig(t)
	_, bank := r.AddReceiver("Jane Doe")
	at := r.create("/transfers", transfer(r.AccountBank().Href, bank.Href, "40.00"))
	main := r.get(at)
	r.expect("before", main.text("status"), "pending")
	first := main.href("funding-transfer")
	out := r.post("/sandbox-simulations", nil)
	r.expect("total", out.body["total"], 1.0)
	r.expect("the debit after one call", r.get(first).text("status"), "processed")
	r.expect("the credit after one call", r.get(at).text("status"), "pending")
	r.simulate()
	r.expect("the credit after two calls", r.get(at).text("status"), "processed")
	r.expect("balance in between", r.Balance(r.Account().ID), int64(5_000_00))
	r.expect("nothing is left", r.post("/sandbox-simulations", nil).body["total"], 0.0)
	r.wants("topics", r.topics(), "bank_transfer_created", "bank_transfer_completed", "transfer_created",
		"transfer_completed", "customer_transfer_created", "customer_transfer_completed")
}

func TestSandboxVerificationDirective(t *testing.T) {
	r := newRig(t)
	k := r.get(r.create("/customers", company("retry", "Nils", "a@example.com")))
	for _, code := range []string{
		"ControllerNonResidential", "POBoxNotAllowed", "AddressNotAssociatedWithBusiness", "EINDocumentRequired", "PersonalIDRequired",
	} {
		out := r.post("/sandbox-simulations", jsonObject{
			"type": "customer-verification", "_links": jsonObject{"customer": href(k.href("self"))}, "errorCode": code,
		})
		r.expect("simulate", out.body.text("errorCode"), code)
		r.expect("directive", r.get(k.href("self")).text("_embedded errors 0 code"), code)
	}
}
