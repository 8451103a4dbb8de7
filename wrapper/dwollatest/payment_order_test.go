package dwollatest_test

import (
	"fmt"
	"net/http"
	"strings"
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

func TestFault432_WhatClientsOfOthersSendIsTakenAsDwollaTakesIt(t *testing.T) {
	r := newRig(t, dwollatest.WithInvalidRequests())
	jane, bank := r.AddVerifiedCustomerWithBank("Jane Doe")
	send := func(target, body string) answer {
		request := r.request(http.MethodPost, target, strings.NewReader(body))
		request.Header.Set("Content-Type", "application/json")
		return r.send(request)
	}
	pay := func(amount, more string) answer {
		return send("/transfers", fmt.Sprintf(`{"_links":{"source":{"href":%q},"destination":{"href":%q}},"amount":{"value":%s,"currency":"USD"}%s}`,
			r.AccountBalance().Href, bank.Href, amount, more))
	}
	r.wire("a number", pay(`1.10`, ``), http.StatusCreated)
	r.wire("a whole number", pay(` 2`, ``), http.StatusCreated)
	r.wire("members that are null", pay(`"4.00"`, `,"metadata":null,"fees":null,"clearing":null,"correlationId":null`), http.StatusCreated)
	r.wire("an empty correlation id", pay(`"8.00"`, `,"correlationId":"","fees":[]`), http.StatusCreated)
	r.expect("paid", r.Ledger().Total().String(), "15.10 USD")
	r.wire("less than nothing", pay(`-1`, ``), http.StatusBadRequest, `"path":"/amount/value"`)
	r.wire("a power", pay(`1e2`, ``), http.StatusBadRequest, `"path":"/amount/value"`)
	r.wire("no amount", pay(`null`, ``), http.StatusBadRequest, `"code":"Required"`, `"path":"/amount/value"`)

	numbers := `{"routingNumber":"222222226","accountNumber":"1234567","bankAccountType":"checking","name":"Bank","plaidToken":""}`
	added := send(jane.Href+"/funding-sources", numbers)
	r.wire("numbers and an empty token", added, http.StatusCreated)
	r.expect("its status", r.get(added.location).text("status"), "unverified")
	r.wire("no name", send(jane.Href+"/funding-sources", strings.Replace(numbers, "Bank", "", 1)), http.StatusBadRequest, `"code":"Required"`, `"path":"/name"`)
	r.wire("an empty correlation id of a Customer", send("/customers", `{"firstName":"A","lastName":"B","email":"a@example.com","correlationId":""}`), http.StatusCreated)
	r.wire("by Plaid, which knows the type", send(jane.Href+"/funding-sources", `{"plaidToken":"processor-1","name":"Jane's"}`), http.StatusCreated)
}
