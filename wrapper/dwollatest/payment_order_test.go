package dwollatest_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/dwolla-go/dwolla-go/wrapper/dwollatest"
)

func TestCustomersSendWithinTheirLimits(t *testing.T) {
	r := newRig(t)
	sender := r.AddCustomer(dwollatest.Customer{FirstName: "Jane"})
	bank := r.AddBank(sender.ID, "Checking")
	pay := func(value string) answer {
		return r.post("/transfers", transfer(bank.Href, r.AccountBalance().Href, value))
	}
	r.expect("more than a week's", pay("5000.01").problem(), "Invalid /amount/value")
	r.expect("a part", pay("4000.00").status, http.StatusCreated)
	r.expect("more than what is left", pay("1000.01").problem(), "Invalid /amount/value")
	r.Advance(7 * 24 * time.Hour)
	r.authenticate()
	r.expect("a week later", pay("5000.00").status, http.StatusCreated)
}
