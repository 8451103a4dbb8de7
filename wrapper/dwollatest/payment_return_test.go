package dwollatest_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/dwolla-go/dwolla-go/wrapper/dwollatest"
)

func TestSandboxTransferFailureByFundingSourceName(t *testing.T) {
	for _, row := range []struct {
		name    string
		code    string
		calls   int
		removed bool
	}{
		{"R01", "R01", 1, false},
		{"R03", "R03", 1, true},
		{"R01-late", "R01", 2, false},
		{"R03-late", "R03", 2, true},
	} {
		t.Run(row.name, func(t *testing.T) {
			r := newRig(t)
			customer, bank := r.AddVerifiedCustomerWithBank("Jane Doe")
			r.post(bank.Href, jsonObject{"name": row.name})
			at := r.create("/transfers", transfer(bank.Href, r.BalanceOf(customer.ID).Href, "25.00"))
			if row.calls == 2 {
				r.simulate()
				r.expect("first call", r.get(at).text("status"), "processed")
				r.expect("balance", r.Balance(customer.ID), int64(2500))
			}
			r.simulate()
			failed := r.get(at)
			r.expect("status", failed.text("status"), "failed")
			r.expect("code", r.get(failed.href("failure")).text("code"), row.code)
			r.expect("bank", r.get(failed.href("failure")).href("failed-funding-source"), bank.Href)
			r.expect("balance", r.Balance(customer.ID), int64(0))
			r.expect("removed", r.get(bank.Href)["removed"], row.removed)
			r.wants("topics", r.topics(), "customer_bank_transfer_created", "customer_bank_transfer_failed")
		})
	}
}

func TestFault436_ANameHasItsEffectHoweverItIsGiven(t *testing.T) {
	numbers := func(name string) jsonObject {
		return jsonObject{"routingNumber": "222222226", "accountNumber": "1234567", "bankAccountType": "checking", "name": name}
	}
	for how, add := range map[string]func(r *rig, owner dwollatest.Ref, name string) string{
		"AddBank": func(r *rig, owner dwollatest.Ref, name string) string { return r.AddBank(owner.ID, name).Href },
		"AddUnverifiedBank": func(r *rig, owner dwollatest.Ref, name string) string {
			return r.AddUnverifiedBank(owner.ID, name).Href
		},
		"a request": func(r *rig, owner dwollatest.Ref, name string) string {
			return r.create(owner.Href+"/funding-sources", numbers(name))
		},
		"a change": func(r *rig, owner dwollatest.Ref, name string) string {
			bank := r.AddBank(owner.ID, "Checking").Href
			r.post(bank, jsonObject{"name": name})
			return bank
		},
		"by Plaid": func(r *rig, owner dwollatest.Ref, name string) string {
			return r.create(owner.Href+"/funding-sources", jsonObject{"plaidToken": "p", "bankAccountType": "checking", "name": name})
		},
	} {
		for name, want := range map[string]string{
			"R01": "pending failed failed", "R03": "pending failed failed",
			"R01-late": "pending processed failed", "R03-late": "pending processed failed", "Checking": "pending processed processed",
		} {
			r := newRig(t, dwollatest.WithItemRate(0))
			owners := map[string]dwollatest.Ref{
				"without a balance": r.AddCustomer(dwollatest.Customer{}), "with a balance": r.AddVerifiedCustomer("Jane Doe"),
			}
			for kind, owner := range owners {
				bank := add(r, owner, name)
				r.create("/mass-payments", massPayment(r.AccountBalance().Href, item(bank, "1.00", "a")))
				credit := func() string { // the transfer that ends at the bank
					for _, t := range r.all(owner.Href+"/transfers", "transfers") {
						if t.text("_links destination-funding-source href") == bank {
							return t.text("status")
						}
					}
					return "none"
				}
				credits := []string{credit()}
				for range 2 {
					r.simulate()
					credits = append(credits, credit())
				}
				if got := strings.Join(credits, " "); got != want {
					t.Errorf("%s as %s, owner %s: got %s, want %s", name, how, kind, got, want)
				}
			}
		}
	}
}

func TestFault436_ANameThatTriggersAStateDoesSoInAddCustomerToo(t *testing.T) {
	r := newRig(t)
	for _, name := range []string{"retry", "kba", "document", "suspended", "verified", "Jane"} {
		want := r.get(r.create("/customers", person(name, name+"@example.com"))).text("status")
		added := r.AddCustomer(dwollatest.Customer{Type: "personal", FirstName: name})
		r.wire(name, r.call(http.MethodGet, added.Href, nil), http.StatusOK, `"status":"`+want+`"`)
	}
	firm := r.AddCustomer(dwollatest.Customer{Type: "business", BusinessName: "document"})
	r.wire("a business", r.call(http.MethodGet, firm.Href, nil), http.StatusOK, `"status":"document"`, `"verify-business-with-document"`)
	r.wire("a given state", r.call(http.MethodGet, r.AddVerifiedCustomer("retry Doe").Href, nil), http.StatusOK, `"status":"verified"`)

	bank := r.AddUnverifiedBank(r.AddCustomer(dwollatest.Customer{}).ID, "R01-late")
	r.post(bank.Href+"/micro-deposits", nil)
	var states []string
	for range 3 {
		states = append(states, r.get(bank.Href+"/micro-deposits").text("status"))
		r.simulate()
	}
	r.expect("micro-deposits", strings.Join(states, " "), "pending processed failed")
}
