package dwollatest_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/dwolla-go/dwolla-go/wrapper/dwollatest"
)

// payTwo creates a mass payment with metadata, and completes it.
func payTwo(r *rig) (at string) {
	_, bank := r.AddReceiver("Jane Doe")
	body := massPayment(r.AccountBalance().Href, item(bank.Href, "1.00", "a"), item(bank.Href, "2.00", "b"))
	body["metadata"], body["correlationId"] = jsonObject{"id": "x", "metadata": "y"}, "pay-1"
	return r.create("/mass-payments", body)
}

func TestMetadataCanHaveAnotherNameOrNone(t *testing.T) {
	for _, name := range []string{"metaData", dwollatest.NoMetadata} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t)
			r.SetQuirks(dwollatest.Quirks{Metadata: name, UpperCaseIDs: true})
			m := r.get(payTwo(r))
			r.expect("metadata", m["metadata"], nil)
			if name == dwollatest.NoMetadata {
				name = "metaData"
				r.expect(name, m[name], nil)
			} else {
				r.expect(name, m.text(name+" id")+m.text(name+" metadata"), "xy")
			}
		})
	}
}

func TestIDsOfAnswersCanBeInUpperCase(t *testing.T) {
	r := newRig(t)
	r.SetQuirks(dwollatest.Quirks{UpperCaseIDs: true})
	at := payTwo(r)
	r.Advance(time.Minute)
	m := r.get(at)
	id := m.text("id")
	r.expect("id", id, strings.ToUpper(id))
	r.expect("href", m.href("self"), r.base+"/mass-payments/"+id)
	entry := r.all(m.href("items"), "items")[0]
	r.expect("transfer", r.get(entry.href("transfer")).text("status"), "pending")
}

func TestListsCanLagBehind(t *testing.T) {
	r := newRig(t)
	r.SetQuirks(dwollatest.Quirks{SearchLag: time.Minute, ItemLag: 2 * time.Minute, SettleLag: 3 * time.Minute})
	at := payTwo(r)
	list := "/accounts/" + r.Account().ID + "/mass-payments?correlationId=pay-1"
	for after, want := range []string{"0 0 pending", "1 0 pending", "1 2 pending", "1 2 pending", "1 2 success"} {
		statuses := "pending"
		if items := r.all(at+"/items", "items"); len(items) > 0 {
			statuses = items[1].text("status")
		}
		got := fmt.Sprintf("%d %d %s", len(r.all(list, "mass-payments")), len(r.all(at+"/items", "items")), statuses)
		r.expect(fmt.Sprint("after minutes: ", after), got, want)
		r.Advance(time.Minute)
	}
}

func TestAnItemCanHaveTheWholeMassPaymentRefused(t *testing.T) {
	r := newRig(t, dwollatest.WithInvalidRequests())
	_, bank := r.AddReceiver("Jane Doe")
	body := massPayment(r.AccountBalance().Href, item(bank.Href, "1.00", "a"), item(bank.Href[:len(bank.Href)-4]+"0000", "2.00", "b"))
	r.SetQuirks(dwollatest.Quirks{RefuseItems: true})
	r.expect("refusal", r.post("/mass-payments", body).problem(), "Invalid /items/1/_links/destination/href")
	r.expect("listed", len(r.all("/accounts/"+r.Account().ID+"/mass-payments", "mass-payments")), 0)
	r.SetQuirks(dwollatest.Quirks{})
	r.create("/mass-payments", body)
}

func TestAPaymentCanComeBackDaysLater(t *testing.T) {
	r := newRig(t)
	at := payTwo(r)
	r.Advance(time.Minute)
	r.simulate()
	paid := r.get(r.all(at+"/items", "items")[1].href("transfer"))
	r.expect("status", paid.text("status"), "processed")
	before := r.Balance(r.Account().ID)
	r.Advance(4 * 24 * time.Hour)
	r.authenticate()
	r.Return(paid.text("id"), "R03")
	back := r.get(paid.href("self"))
	r.expect("status", back.text("status"), "failed")
	r.expect("code", r.get(back.href("failure")).text("code"), "R03")
	r.expect("balance", r.Balance(r.Account().ID), before+2_00)
	r.wants("topics", r.topics(), "transfer_failed", "customer_transfer_failed", "customer_funding_source_removed")
}
