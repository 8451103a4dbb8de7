package dwolla

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dwolla-go/dwolla-go/api"
	"github.com/dwolla-go/dwolla-go/wrapper/internal/faultserver"
	"github.com/dwolla-go/dwolla-go/wrapper/internal/ledger"
)

const at = faultserver.Base

// answering scripts the bank by path: what a look-up reads.
func answering(r *rig, bodies map[string]string) {
	r.bank.Fault = func(_ int, req *http.Request) *faultserver.Fault {
		if body, ok := bodies[req.URL.Path]; ok {
			return faultserver.Text(200, halType, body)
		}
		return nil
	}
}

// leg is a transfer as a list shows it.
func leg(id, amount string, links map[string]string, change ...func(string) string) string {
	var all []string
	for rel, href := range links {
		all = append(all, fmt.Sprintf(`%q:{"href":%q}`, rel, at+href))
	}
	text := fmt.Sprintf(`{"id":%q,"amount":{"value":%q,"currency":"USD"},"correlationId":"rent-1","created":"2000-01-01T00:00:00.000Z","status":"pending","_links":{%s}}`, id, amount, strings.Join(all, ","))
	for _, c := range change {
		text = c(text)
	}
	return text
}

func listed(rel string, legs ...string) string {
	return fmt.Sprintf(`{"_links":{},"_embedded":{%q:[%s]},"total":%d}`, rel, strings.Join(legs, ","), len(legs))
}

func TestReconcileNeedsSomethingToCompareWith(t *testing.T) {
	for name, destination := range map[string]string{"no destination": "", "the collection": at + "/funding-sources/"} {
		virtual(t, name, func(t *testing.T) {
			r := inMemoryRig(t)
			sent := payment("rent-1")
			sent.Links.Destination = LinkTo[FundingSource](destination)
			if found, err := r.Transfers.Reconcile(t.Context(), sent, justSent(), Lookup{}); !errors.Is(err, ErrInvalidArgument) {
				t.Errorf("%v, %v", found, err)
			}
			if n := len(r.bank.Requests()); n > 0 {
				t.Errorf("%d requests", n)
			}
		})
	}
}

func TestReconcileTakesTheLegsOfAPaymentForOne(t *testing.T) {
	to := map[string]string{"source": "/customers/owner-of-payer", "destination": "/customers/owner-of-payee"}
	with := func(extra ...string) map[string]string {
		links := map[string]string{"source": to["source"], "destination": to["destination"]}
		for i := 0; i+1 < len(extra); i += 2 {
			links[extra[i]] = extra[i+1]
		}
		return links
	}
	for name, c := range map[string]struct {
		legs  []string
		found string
		kind  Kind
	}{
		"one transfer that names owners only": {[]string{leg("a", "12.50", with())}, "a", ""},
		"one transfer that names funding sources": {[]string{leg("a", "12.50", with(
			"source-funding-source", "/funding-sources/payer", "destination-funding-source", "/funding-sources/payee"))}, "a", ""},
		"one transfer that names another funding source as its only source": {[]string{leg("a", "12.50", with(
			"source", "/funding-sources/other"))}, "", ErrAmbiguous},
		"two legs, linked forwards": {[]string{
			leg("b", "12.50", with()), leg("a", "12.50", with("funded-transfer", "/transfers/b")),
		}, "a", ""},
		"two legs, linked backwards": {[]string{
			leg("a", "12.50", with()), leg("b", "12.50", with("funding-transfer", "/transfers/a")),
		}, "a", ""},
		"a fee is no payment": {[]string{
			leg("a", "12.50", with()), leg("fee", "0.50", with("created-from-transfer", "/transfers/a")),
		}, "a", ""},
		"two transfers that are not linked":  {[]string{leg("a", "12.50", with()), leg("b", "12.50", with())}, "", ErrAmbiguous},
		"legs that lead in a circle":         {[]string{leg("a", "12.50", with("funded-transfer", "/transfers/b")), leg("b", "12.50", with("funded-transfer", "/transfers/a"))}, "", ErrAmbiguous},
		"a second leg of another amount":     {[]string{leg("a", "12.50", with()), leg("b", "12.00", with("funding-transfer", "/transfers/a"))}, "", ErrAmbiguous},
		"another owner is paid":              {[]string{leg("a", "12.50", map[string]string{"source": to["source"], "destination": "/customers/stranger"})}, "", ErrAmbiguous},
		"another funding source is paid":     {[]string{leg("a", "12.50", with("destination-funding-source", "/funding-sources/other"))}, "", ErrAmbiguous},
		"another funding source pays":        {[]string{leg("a", "12.50", with("source-funding-source", "/funding-sources/other"))}, "", ErrAmbiguous},
		"the same amount in another writing": {[]string{leg("a", "12.5", with())}, "a", ""},
	} {
		virtual(t, name, func(t *testing.T) {
			r := inMemoryRig(t)
			answering(r, map[string]string{"/customers/owner-of-payer/transfers": listed("transfers", c.legs...)})
			found, err := r.Transfers.Reconcile(t.Context(), payment("rent-1"), justSent(), Lookup{})
			if c.found != "" && (err != nil || found.ID != c.found) || c.kind != "" && !errors.Is(err, c.kind) {
				t.Errorf("%+v, %v", found, err)
			}
			r.noNewPOST(t, 0)
		})
	}
}

func TestReconcileAsksTheOwnerOfTheSource(t *testing.T) {
	for name, c := range map[string]struct{ source, owner, list string }{
		"a bank of the account": {"/funding-sources/main", `{"id":"main","_links":{"account":{"href":"` + at + `/accounts/acme"}}}`, "/accounts/acme/transfers"},
		"the account itself":    {"/accounts/acme", "", "/accounts/acme/transfers"},
		"a customer":            {"/customers/jane", "", "/customers/jane/transfers"},
	} {
		virtual(t, name, func(t *testing.T) {
			r := inMemoryRig(t)
			sent := payment("rent-1")
			sent.Links.Source = LinkTo[FundingSource](at + c.source)
			bodies := map[string]string{c.list: listed("transfers", leg("a", "12.50", map[string]string{"destination-funding-source": "/funding-sources/payee"}))}
			if c.owner != "" {
				bodies[c.source] = c.owner
			}
			answering(r, bodies)
			if found, err := r.Transfers.Reconcile(t.Context(), sent, justSent(), Lookup{}); err != nil || found.ID != "a" {
				t.Errorf("%+v, %v", found, err)
			}
		})
	}
	for name, links := range map[string]string{
		"nobody": `{}`, "a transfer": `{"account":{"href":"` + at + `/transfers/acme"}}`, "a list": `{"customer":{"href":"` + at + `/customers"}}`,
		"somebody elsewhere": `{"self":{"href":"` + at + `/funding-sources/payer"},"account":{"href":"https://evil.example/accounts/acme"}}`,
	} {
		virtual(t, name, func(t *testing.T) {
			r := inMemoryRig(t)
			answering(r, map[string]string{"/funding-sources/payer": `{"id":"payer","_links":` + links + `}`})
			if _, err := r.Transfers.Reconcile(t.Context(), payment("rent-1"), justSent(), Lookup{}); !errors.Is(err, ErrOutcomeUnknown) || !errors.Is(err, ErrNoLink) {
				t.Error(err)
			}
		})
	}
}

func TestReconcileComparesTheFundingSourceUnlessAnOwnerPays(t *testing.T) {
	for source, c := range map[string]struct {
		owner string
		kind  Kind
	}{
		at + "/accounts/acme":         {"/accounts/acme", ""},
		at + "/customers/jane":        {"/customers/jane", ""},
		at + "/funding-sources/payer": {"/customers/owner-of-payer", ErrAmbiguous},
		"payer":                       {"/customers/owner-of-payer", ErrAmbiguous},
	} {
		virtual(t, source, func(t *testing.T) {
			r := inMemoryRig(t)
			answering(r, map[string]string{c.owner + "/transfers": listed("transfers", leg("a", "12.50", map[string]string{
				"source-funding-source": "/funding-sources/other", "destination-funding-source": "/funding-sources/payee",
			}))})
			sent := payment("rent-1")
			sent.Links.Source.Href = source
			found, err := r.Transfers.Reconcile(t.Context(), sent, justSent(), Lookup{})
			if c.kind == "" && (err != nil || found.ID != "a") || c.kind != "" && !errors.Is(err, c.kind) {
				t.Errorf("%v, %v", found, err)
			}
		})
	}
}

func TestReconcileSettlesAMassPayment(t *testing.T) {
	batch := func(id, source, total string) string {
		return fmt.Sprintf(`{"id":%q,"status":"processing","correlationId":"batch-1","created":"2000-01-01T00:00:00.000Z","total":{"value":%q,"currency":"USD"},"_links":{"source":{"href":%q}}}`,
			id, total, at+"/funding-sources/"+source)
	}
	for name, c := range map[string]struct {
		found []string
		kind  Kind
	}{
		"the one":           {[]string{batch("m", "payer", "5.00")}, ""},
		"without its total": {[]string{`{"id":"m","correlationId":"batch-1","created":"2000-01-01T00:00:00.000Z","_links":{}}`}, ""},
		"two":               {[]string{batch("m", "payer", "5.00"), batch("n", "payer", "5.00")}, ErrAmbiguous},
		"another source":    {[]string{batch("m", "other", "5.00")}, ErrAmbiguous},
		"another total":     {[]string{batch("m", "payer", "6.00")}, ErrAmbiguous},
		"other metadata":    {[]string{`{"id":"m","correlationId":"batch-1","created":"2000-01-01T00:00:00.000Z","metadata":{"run":"2"},"_links":{}}`}, ErrAmbiguous},
		"its metadata":      {[]string{`{"id":"m","correlationId":"batch-1","created":"2000-01-01T00:00:00.000Z","metadata":{"run":"1"},"_links":{}}`}, ""},
		"none":              {nil, ErrAbsent},
	} {
		for owner, body := range map[string]string{
			"/customers/owner-of-payer": "", "/accounts/acme": `{"id":"payer","_links":{"account":{"href":"` + at + `/accounts/acme"}}}`,
		} {
			virtual(t, name+" of "+owner, func(t *testing.T) {
				r := inMemoryRig(t)
				bodies := map[string]string{owner + "/mass-payments": listed("mass-payments", c.found...)}
				if body != "" {
					bodies["/funding-sources/payer"] = body
				}
				answering(r, bodies)
				sent := massPayment("batch-1")
				sent.Metadata = map[string]string{"run": "1"}
				found, err := r.MassPayments.Reconcile(t.Context(), sent, justSent(), Lookup{})
				if c.kind == "" && (err != nil || found.ID != "m") || c.kind != "" && !errors.Is(err, c.kind) {
					t.Errorf("%+v, %v", found, err)
				}
			})
		}
	}
	virtual(t, "the real bank's list", func(t *testing.T) {
		r := inMemoryRig(t)
		r.bank.Script(faultserver.Status(500, "").Committed().Locked())
		_, err := r.MassPayments.Create(t.Context(), massPayment("batch-1"))
		r.check(t, err, want{OutcomeUnknown, 5, 1})
		if _, err := r.MassPayments.Reconcile(t.Context(), massPayment("batch-1"), unknownOf(t, err), Lookup{}); err != nil {
			t.Error(err)
		}
	})
	t.Run("without a correlation id", func(t *testing.T) {
		r := inMemoryRig(t)
		if _, err := r.MassPayments.Reconcile(t.Context(), massPayment(""), justSent(), Lookup{}); !errors.Is(err, ErrInvalidArgument) {
			t.Error(err)
		}
	})
	virtual(t, "a bank that is down", func(t *testing.T) {
		r := inMemoryRig(t)
		r.bank.Always(faultserver.Status(500, ""))
		if _, err := r.MassPayments.Reconcile(t.Context(), massPayment("batch-1"), justSent(), Lookup{}); !errors.Is(err, ErrOutcomeUnknown) {
			t.Error(err)
		}
	})
}

func TestFault098_ALockedKeyOfAPaymentThatWasMadeIsReconciled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := inMemoryRig(t)
		r.bank.Script(faultserver.Status(500, "ServerError").Committed().Locked())
		started := time.Now()
		err := r.pay(t.Context())
		r.check(t, err, want{OutcomeUnknown, 1 + 1 + conflictPolls, 1})
		if d := time.Since(started); d > conflictWait+time.Second || !errors.Is(err, ErrConflict) {
			t.Errorf("after %s: %v", d, err)
		}
		found, err := r.Transfers.Reconcile(t.Context(), payment("rent-1"), unknownOf(t, err), Lookup{})
		if err != nil || found.ID != r.bank.Ledger.Payments()[0].ID {
			t.Errorf("%+v, %v", found, err)
		}
		r.noNewPOST(t, 1+1+conflictPolls)
	})
}

func TestFault099_ALockedKeyWithoutAPaymentNeedsTheCallersDecision(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := inMemoryRig(t)
		r.bank.Script(faultserver.Status(500, "ServerError").Locked())
		first := r.pay(t.Context())
		r.check(t, first, want{OutcomeUnknown, 5, 0})
		started := time.Now()
		found, err := r.Transfers.Reconcile(t.Context(), payment("rent-1"), unknownOf(t, first), Lookup{})
		absent, _ := errors.AsType[*ReconcileError](err)
		if found != nil || !errors.Is(err, ErrAbsent) || absent.Looks != 5 || time.Since(started) < 2*time.Minute || OutcomeOf(err) != OutcomeUnknown {
			t.Errorf("%+v, %v after %s", found, err, time.Since(started))
		}
		r.noNewPOST(t, 5)
		// Only now, and only because the caller says so, there is a new key.
		if err := r.pay(t.Context()); err != nil {
			t.Fatal(err)
		}
		if paid := r.bank.Ledger.Payments(); len(paid) != 1 || paid[0].Key == unknownOf(t, first).IdempotencyKey {
			t.Errorf("%+v", paid)
		}
	})
}

func TestFault108_AnythingButOneEqualMatchIsAmbiguous(t *testing.T) {
	for name, wrong := range map[string][]ledger.Payment{
		"two of them":         {{}, {}},
		"another amount":      {{Amount: "99.00"}},
		"another destination": {{Destination: faultserver.Base + "/funding-sources/stranger"}},
		"another source":      {{Source: faultserver.Base + "/funding-sources/stranger"}},
	} {
		virtual(t, name, func(t *testing.T) {
			r := inMemoryRig(t)
			for _, p := range wrong {
				r.bank.Ledger.Pay(like(payment("rent-1"), p))
			}
			found, err := r.Transfers.Reconcile(t.Context(), payment("rent-1"), justSent(), Lookup{})
			why, ok := errors.AsType[*ReconcileError](err)
			if found != nil || !ok || !errors.Is(err, ErrAmbiguous) || len(why.Found) != len(wrong) || OutcomeOf(err) != OutcomeUnknown {
				t.Errorf("%+v, %v", found, err)
			}
			r.noNewPOST(t, 0)
		})
	}
	virtual(t, "another correlation id is another payment", func(t *testing.T) {
		r := inMemoryRig(t)
		r.bank.Ledger.Pay(like(payment("rent-11"), ledger.Payment{}))
		if _, err := r.Transfers.Reconcile(t.Context(), payment("rent-1"), justSent(), Lookup{}); !errors.Is(err, ErrAbsent) {
			t.Error(err)
		}
	})
}

// settledLeg is what was sent, as the list of its owner shows it: with a correlation id, or none, and when it was created.
func settledLeg(id, correlationID string, created time.Time) string {
	return leg(id, "12.50", map[string]string{"source-funding-source": "/funding-sources/payer", "destination-funding-source": "/funding-sources/payee"},
		func(s string) string {
			s = strings.Replace(s, `"correlationId":"rent-1"`, `"correlationId":"`+correlationID+`"`, 1)
			return strings.Replace(s, `"created":"2000-01-01T00:00:00.000Z"`, `"created":"`+string(api.TimeOf(created))+`"`, 1)
		})
}

func TestFault204_ThePaymentOfLastMonthIsNotThisOne(t *testing.T) {
	for name, carriedOut := range map[string]bool{"February's was made": true, "February's was not": false} {
		virtual(t, name, func(t *testing.T) {
			r := inMemoryRig(t)
			if err := r.pay(t.Context()); err != nil {
				t.Fatal(err)
			}
			time.Sleep(30 * 24 * time.Hour)
			february := faultserver.Status(500, "ServerError").Locked()
			if carriedOut {
				february = february.Committed()
			}
			r.bank.Fault = func(n int, _ *http.Request) *faultserver.Fault {
				if n == 2 {
					return february
				}
				return nil
			}
			unknown := unknownOf(t, r.pay(t.Context()))
			found, err := r.Transfers.Reconcile(t.Context(), payment("rent-1"), unknown, Lookup{})
			paid := r.bank.Ledger.Payments()
			if carriedOut && (err != nil || found.ID != paid[1].ID) || !carriedOut && (found != nil || !errors.Is(err, ErrAbsent)) {
				t.Errorf("%v, %v; paid: %+v", found, err, paid)
			}
		})
	}
}

func TestFault205_OnlyWhatCanBeOfTheFirstAttemptIsTaken(t *testing.T) {
	const month = 30 * 24 * time.Hour
	for name, c := range map[string]struct {
		created []time.Duration // after the first attempt
		found   string
		kind    Kind
	}{
		"at once":                            {[]time.Duration{0}, "0", ""},
		"within the second that was cut off": {[]time.Duration{-2 * time.Second}, "0", ""},
		"shortly before":                     {[]time.Duration{-2*time.Second - time.Millisecond}, "", ErrAmbiguous},
		"as far before as clocks may differ": {[]time.Duration{-5 * time.Minute}, "", ErrAmbiguous},
		"longer before":                      {[]time.Duration{-5*time.Minute - time.Millisecond}, "", ErrAbsent},
		"by a repetition a day later":        {[]time.Duration{24 * time.Hour}, "0", ""},
		"a day later, by clocks that differ": {[]time.Duration{24*time.Hour + 5*time.Minute}, "0", ""},
		"when the key had expired":           {[]time.Duration{24*time.Hour + 5*time.Minute + time.Millisecond}, "", ErrAmbiguous},
		"a month before, and at once":        {[]time.Duration{-month, time.Second}, "1", ""},
		"at once, and a month later":         {[]time.Duration{time.Second, month}, "0", ""},
		"a month later, and at once":         {[]time.Duration{month, time.Second}, "1", ""},
		"shortly before, and at once":        {[]time.Duration{-time.Minute, time.Second}, "", ErrAmbiguous},
		"twice since":                        {[]time.Duration{time.Second, time.Minute}, "", ErrAmbiguous},
		"a month before, and a month later":  {[]time.Duration{-month, month}, "", ErrAmbiguous},
		"each of the two months before":      {[]time.Duration{-2 * month, -month}, "", ErrAbsent},
	} {
		check := func(t *testing.T, id string, err error) {
			t.Helper()
			if id != c.found || c.kind != "" && !errors.Is(err, c.kind) || c.kind == "" && err != nil {
				t.Errorf("%q, %v", id, err)
			}
		}
		virtual(t, name, func(t *testing.T) {
			r := inMemoryRig(t)
			var legs, batches []string
			for i, d := range c.created {
				at := time.Now().Add(d)
				legs = append(legs, settledLeg(fmt.Sprint(i), "rent-1", at))
				batches = append(batches, fmt.Sprintf(`{"id":"%d","correlationId":"rent-1","created":%q,"_links":{}}`, i, api.TimeOf(at)))
			}
			answering(r, map[string]string{
				"/customers/owner-of-payer/transfers": listed("transfers", legs...), "/customers/owner-of-payer/mass-payments": listed("mass-payments", batches...),
			})
			unknown := justSent()
			transfer, err := r.Transfers.Reconcile(t.Context(), payment("rent-1"), unknown, Lookup{Looks: 2, Over: time.Millisecond})
			if transfer == nil {
				transfer = &Transfer{}
			}
			check(t, transfer.ID, err)
			batch, err := r.MassPayments.Reconcile(t.Context(), massPayment("rent-1"), unknown, Lookup{Looks: 2, Over: time.Millisecond})
			if batch == nil {
				batch = &MassPayment{}
			}
			check(t, batch.ID, err)
		})
	}
	virtual(t, "an older one of another amount", func(t *testing.T) {
		r := inMemoryRig(t)
		older := strings.Replace(settledLeg("a", "rent-1", time.Now().Add(-month)), "12.50", "99.00", 1)
		answering(r, map[string]string{"/customers/owner-of-payer/transfers": listed("transfers", older, settledLeg("b", "rent-1", time.Now()))})
		if found, err := r.Transfers.Reconcile(t.Context(), payment("rent-1"), justSent(), Lookup{}); err != nil || found.ID != "b" {
			t.Errorf("%v, %v", found, err)
		}
	})
	virtual(t, "a later leg belongs to its payment, whenever it was created", func(t *testing.T) {
		for first, kind := range map[time.Duration]Kind{-5 * 24 * time.Hour: ErrAbsent, 0: ""} {
			r := inMemoryRig(t)
			a, b := settledLeg("a", "rent-1", time.Now().Add(first)), settledLeg("b", "rent-1", time.Now().Add(first+5*24*time.Hour))
			a = strings.Replace(a, `"_links":{`, `"_links":{"funded-transfer":{"href":"`+at+`/transfers/b"},`, 1)
			answering(r, map[string]string{"/customers/owner-of-payer/transfers": listed("transfers", a, b)})
			found, err := r.Transfers.Reconcile(t.Context(), payment("rent-1"), justSent(), Lookup{Looks: 1, Over: 1})
			if kind == "" && (err != nil || found.ID != "a") || kind != "" && !errors.Is(err, kind) {
				t.Errorf("%v, %v", found, err)
			}
		}
	})
	virtual(t, "what does not say when it was created", func(t *testing.T) {
		r := inMemoryRig(t)
		answering(r, map[string]string{
			"/customers/owner-of-payer/transfers":     listed("transfers", settledLeg("a", "rent-1", time.Time{})),
			"/customers/owner-of-payer/mass-payments": listed("mass-payments", `{"id":"m","correlationId":"rent-1","_links":{}}`),
		})
		if _, err := r.Transfers.Reconcile(t.Context(), payment("rent-1"), justSent(), Lookup{}); !errors.Is(err, ErrAmbiguous) {
			t.Error(err)
		}
		if _, err := r.MassPayments.Reconcile(t.Context(), massPayment("rent-1"), justSent(), Lookup{}); !errors.Is(err, ErrAmbiguous) {
			t.Error(err)
		}
	})
}

func TestFault206_WhatTheFilterReturnedIsNotAbsent(t *testing.T) {
	for id, kind := range map[string]Kind{"": ErrAmbiguous, "RENT-1": ErrAmbiguous, "rent-11": ErrAbsent} {
		virtual(t, "correlation id "+id, func(t *testing.T) {
			r := inMemoryRig(t)
			now := time.Now()
			answering(r, map[string]string{
				"/customers/owner-of-payer/transfers":     listed("transfers", settledLeg("a", id, now)),
				"/customers/owner-of-payer/mass-payments": listed("mass-payments", fmt.Sprintf(`{"id":"m","correlationId":%q,"created":%q,"_links":{}}`, id, api.TimeOf(now))),
			})
			if found, err := r.Transfers.Reconcile(t.Context(), payment("rent-1"), justSent(), Lookup{Looks: 2, Over: 1}); found != nil || !errors.Is(err, kind) {
				t.Errorf("%v, %v", found, err)
			}
			if found, err := r.MassPayments.Reconcile(t.Context(), massPayment("rent-1"), justSent(), Lookup{Looks: 2, Over: 1}); found != nil || !errors.Is(err, kind) {
				t.Errorf("%v, %v", found, err)
			}
		})
	}
	virtual(t, "of last month, without an id", func(t *testing.T) {
		r := inMemoryRig(t)
		answering(r, map[string]string{"/customers/owner-of-payer/transfers": listed("transfers", settledLeg("a", "", time.Now().AddDate(0, -1, 0)))})
		if _, err := r.Transfers.Reconcile(t.Context(), payment("rent-1"), justSent(), Lookup{}); !errors.Is(err, ErrAbsent) {
			t.Error(err)
		}
	})
}

func TestFault207_AUUIDIsTheSameInAnyCase(t *testing.T) {
	const source, destination = "707177c3-bf15-4e7e-b37c-55c3898d9bf4", "07d59716-ef22-4fe6-98e8-f3190233dfb8"
	virtual(t, "transfers and mass payments", func(t *testing.T) {
		r := inMemoryRig(t)
		sent := payment("rent-1")
		sent.Links.Source.Href = at + "/funding-sources/" + strings.ToUpper(source)
		sent.Links.Destination.Href = at + "/funding-sources/" + strings.ToUpper(destination) + "/?ref=hr"
		batch := massPayment("batch-1")
		batch.Links.Source = sent.Links.Source
		created := string(api.TimeOf(time.Now()))
		answering(r, map[string]string{
			"/funding-sources/" + strings.ToUpper(source): `{"id":"` + source + `","_links":{"customer":{"href":"` + at + `/customers/jane/"}}}`,
			"/customers/jane/transfers": listed("transfers", leg("a", "12.50", map[string]string{
				"source-funding-source": "/funding-sources/" + source, "destination-funding-source": "/funding-sources/" + destination,
			})),
			"/customers/jane/mass-payments": listed("mass-payments", `{"id":"m","correlationId":"batch-1","created":"`+created+`","_links":{"source":{"href":"`+at+`/funding-sources/`+source+`"}}}`),
		})
		if found, err := r.Transfers.Reconcile(t.Context(), sent, justSent(), Lookup{}); err != nil || found.ID != "a" {
			t.Error(found, err)
		}
		if found, err := r.MassPayments.Reconcile(t.Context(), batch, justSent(), Lookup{}); err != nil || found.ID != "m" {
			t.Error(found, err)
		}
	})
}

func TestReconcileRefusesARecordThatCannotBeOfThePayment(t *testing.T) {
	for name, record := range map[string]func() *OutcomeUnknownError{
		"none":            func() *OutcomeUnknownError { return nil },
		"no time":         func() *OutcomeUnknownError { return new(OutcomeUnknownError) },
		"the future":      func() *OutcomeUnknownError { return &OutcomeUnknownError{First: time.Now().Add(time.Hour)} },
		"another payment": func() *OutcomeUnknownError { return &OutcomeUnknownError{First: time.Now(), CorrelationID: "rent-2"} },
	} {
		virtual(t, name, func(t *testing.T) {
			r := inMemoryRig(t)
			unknown := record()
			_, err := r.Transfers.Reconcile(t.Context(), payment("rent-1"), unknown, Lookup{})
			_, also := r.MassPayments.Reconcile(t.Context(), massPayment("rent-1"), unknown, Lookup{})
			if !errors.Is(err, ErrInvalidArgument) || !errors.Is(also, ErrInvalidArgument) || len(r.bank.Requests()) != 0 {
				t.Error(err, also)
			}
		})
	}
}

func TestReconcileTakesNoOtherAnswerForAnEmptyList(t *testing.T) {
	virtual(t, "maintenance", func(t *testing.T) {
		r := inMemoryRig(t)
		answering(r, map[string]string{"/customers/owner-of-payer/transfers": `{"maintenance":true}`})
		ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
		defer cancel()
		if _, err := r.Transfers.Reconcile(ctx, payment("rent-1"), justSent(), Lookup{}); err == nil || errors.Is(err, ErrAbsent) {
			t.Error(err)
		}
	})
}

func TestFault271_ARecordOfAnotherCallIsNotReconciled(t *testing.T) {
	sent := payment("rent-1")
	for name, c := range map[string]struct {
		change func(*OutcomeUnknownError)
		same   bool
	}{
		"its own":                  {func(*OutcomeUnknownError) {}, true},
		"without its hash":         {func(u *OutcomeUnknownError) { u.BodySHA256 = "" }, true},
		"with a slash and a query": {func(u *OutcomeUnknownError) { u.Path += "/?x=1" }, true},
		"of another method":        {func(u *OutcomeUnknownError) { u.Method = "DELETE" }, false},
		"of another operation":     {func(u *OutcomeUnknownError) { u.Path = "/mass-payments" }, false},
		"of another environment":   {func(u *OutcomeUnknownError) { u.Environment = "production" }, false},
		"of another origin":        {func(u *OutcomeUnknownError) { u.Origin = "https://api.dwolla.com" }, false},
		"of other bytes":           {func(u *OutcomeUnknownError) { u.BodySHA256 = strings.Repeat("0", 64) }, true},
	} {
		virtual(t, name, func(t *testing.T) {
			r := inMemoryRig(t)
			stall := faultserver.Stall().Committed()
			r.bank.Script(stall, stall, stall)
			unknown := unknownOf(t, r.pay(t.Context()))
			c.change(unknown)
			before := len(r.bank.Requests())
			_, err := r.Transfers.Reconcile(t.Context(), sent, unknown, Lookup{})
			if c.same && err != nil || !c.same && (!errors.Is(err, ErrInvalidArgument) || len(r.bank.Requests()) != before) {
				t.Errorf("%d requests: %v", len(r.bank.Requests())-before, err)
			}
			unknown.Path, unknown.BodySHA256 = "/transfers", ""
			_, err = r.MassPayments.Reconcile(t.Context(), massPayment("rent-1"), unknown, Lookup{})
			if !errors.Is(err, ErrInvalidArgument) {
				t.Errorf("a mass payment by the record of a transfer: %v", err)
			}
		})
	}
}

func TestFault272_APaymentWithoutAnIDIsAmbiguous(t *testing.T) {
	virtual(t, "a transfer", func(t *testing.T) {
		r := inMemoryRig(t)
		one := leg("", "12.50", map[string]string{"source": "/customers/owner-of-payer", "destination": "/customers/owner-of-payee"})
		answering(r, map[string]string{"/customers/owner-of-payer/transfers": listed("transfers", one)})
		if found, err := r.Transfers.Reconcile(t.Context(), payment("rent-1"), justSent(), Lookup{}); !errors.Is(err, ErrAmbiguous) {
			t.Errorf("%v, %v", found, err)
		}
	})
	virtual(t, "a mass payment", func(t *testing.T) {
		r := inMemoryRig(t)
		answering(r, map[string]string{"/customers/owner-of-payer/mass-payments": listed("mass-payments",
			`{"correlationId":"batch-1","created":"2000-01-01T00:00:00.000Z","_links":{}}`)})
		if found, err := r.MassPayments.Reconcile(t.Context(), massPayment("batch-1"), justSent(), Lookup{}); !errors.Is(err, ErrAmbiguous) {
			t.Errorf("%v, %v", found, err)
		}
	})
}

func TestFault376_OnlyTheListOfThePayerProvesThatNothingWasPaid(t *testing.T) {
	const path = "/customers/owner-of-payer/transfers"
	page := func(members string) string { return `{"_embedded":{"transfers":[]},` + members + `}` }
	for name, body := range map[string]string{
		"self is of another Customer":             page(`"_links":{"self":{"href":"` + at + `/customers/stranger/transfers"}},"total":0`),
		"self is of an account":                   page(`"_links":{"self":{"href":"` + at + `/accounts/stranger/transfers?limit=25"}},"total":0`),
		"a negative total":                        page(`"_links":{},"total":-1`),
		"a next link to another's list":           page(`"_links":{"next":{"href":"` + at + `/customers/stranger/transfers?limit=200&offset=200"}},"total":0`),
		"a next link to another's list, relative": page(`"_links":{"next":{"href":"/customers/stranger/transfers?limit=200&offset=200"}},"total":0`),
		"an error":                 page(`"_links":{},"code":"ServerError","message":"m","total":0`),
		"an error that is unknown": page(`"_links":{},"code":"Upstream","total":0`),
	} {
		virtual(t, name, func(t *testing.T) {
			r := inMemoryRig(t)
			answering(r, map[string]string{path: body, "/customers/stranger/transfers": listed("transfers")})
			found, err := r.Transfers.Reconcile(t.Context(), payment("rent-1"), justSent(), Lookup{})
			if failed, ok := errors.AsType[*ReconcileError](err); found != nil || !ok || failed.Kind != ErrOutcomeUnknown || failed.Looks != 0 {
				t.Errorf("%+v, %v", found, err)
			}
			r.noNewPOST(t, 0)
		})
		virtual(t, name+", mass payments", func(t *testing.T) {
			r := inMemoryRig(t)
			own := strings.NewReplacer("transfers", "mass-payments")
			answering(r, map[string]string{own.Replace(path): own.Replace(body), "/customers/stranger/mass-payments": listed("mass-payments")})
			found, err := r.MassPayments.Reconcile(t.Context(), massPayment("rent-1"), justSent(), Lookup{})
			if failed, ok := errors.AsType[*ReconcileError](err); found != nil || !ok || failed.Kind != ErrOutcomeUnknown || failed.Looks != 0 {
				t.Errorf("%+v, %v", found, err)
			}
		})
	}
}

func TestFault377_APaymentThatIsListedTwiceIsOne(t *testing.T) {
	to := map[string]string{"source": "/customers/owner-of-payer", "destination": "/customers/owner-of-payee"}
	paid := leg("a", "12.50", to)
	batch := `{"id":"a","status":"processing","correlationId":"rent-1","created":"2000-01-01T00:00:00.000Z","_links":{}}`
	for name, c := range map[string]struct {
		relation, entry string
		look            func(context.Context, *rig) (string, error)
	}{
		"a transfer": {"transfers", paid, func(ctx context.Context, r *rig) (string, error) {
			found, err := r.Transfers.Reconcile(ctx, payment("rent-1"), justSent(), Lookup{})
			if err != nil {
				return "", err
			}
			return found.ID, nil
		}},
		"a mass payment": {"mass-payments", batch, func(ctx context.Context, r *rig) (string, error) {
			found, err := r.MassPayments.Reconcile(ctx, massPayment("rent-1"), justSent(), Lookup{})
			if err != nil {
				return "", err
			}
			return found.ID, nil
		}},
	} {
		path := "/customers/owner-of-payer/" + c.relation
		virtual(t, name+" on two pages", func(t *testing.T) {
			r := inMemoryRig(t)
			r.bank.Fault = func(_ int, req *http.Request) *faultserver.Fault {
				filler := strings.Replace(strings.Replace(c.entry, `"id":"a"`, `"id":"b`+req.URL.Query().Get("offset")+`"`, 1), "rent-1", "rent-2", 1)
				switch {
				case req.URL.Path != path:
					return nil
				case req.URL.Query().Get("offset") == "2":
					return faultserver.Text(200, halType, fmt.Sprintf(`{"_links":{},"_embedded":{%q:[%s,%s]},"total":4}`, c.relation, c.entry, filler))
				default:
					return faultserver.Text(200, halType, fmt.Sprintf(`{"_links":{"next":{"href":%q}},"_embedded":{%q:[%s,%s]},"total":4}`,
						at+path+"?limit=2&offset=2", c.relation, filler, c.entry))
				}
			}
			if id, err := c.look(t.Context(), r); err != nil || id != "a" {
				t.Errorf("%q, %v", id, err)
			}
		})
		virtual(t, name+" on one page", func(t *testing.T) {
			r := inMemoryRig(t)
			answering(r, map[string]string{path: listed(c.relation, c.entry, c.entry)})
			if id, err := c.look(t.Context(), r); err != nil || id != "a" {
				t.Errorf("%q, %v", id, err)
			}
		})
	}
}

func TestFault385_AnEntryThatCannotBeReadIsNeverAbsent(t *testing.T) {
	odd := `{"id":{},"correlationId":"rent-1"}`
	virtual(t, "nothing else is there", func(t *testing.T) {
		r := inMemoryRig(t)
		answering(r, map[string]string{
			"/customers/owner-of-payer/transfers":     listed("transfers", odd),
			"/customers/owner-of-payer/mass-payments": listed("mass-payments", odd),
		})
		if found, err := r.Transfers.Reconcile(t.Context(), payment("rent-1"), justSent(), Lookup{}); found != nil || OutcomeOf(err) != OutcomeUnknown || errors.Is(err, ErrAbsent) {
			t.Errorf("%v, %v", found, err)
		}
		if found, err := r.MassPayments.Reconcile(t.Context(), massPayment("rent-1"), justSent(), Lookup{}); found != nil || OutcomeOf(err) != OutcomeUnknown || errors.Is(err, ErrAbsent) {
			t.Errorf("%v, %v", found, err)
		}
	})
	virtual(t, "the payment is there too", func(t *testing.T) {
		r := inMemoryRig(t)
		answering(r, map[string]string{"/customers/owner-of-payer/transfers": listed("transfers", odd, settledLeg("a", "rent-1", time.Now()))})
		if found, err := r.Transfers.Reconcile(t.Context(), payment("rent-1"), justSent(), Lookup{}); err != nil || found.ID != "a" {
			t.Errorf("%v, %v", found, err)
		}
	})
}

// A list holds exactly the payment, with the time of Chicago and no word of that.
func TestFault431_ATimeWithoutAZoneDoesNotCallAPaymentAbsent(t *testing.T) {
	for _, layout := range []string{"2006-01-02T15:04:05", "2006-01-02T15:04:05.000", "2006-01-02 15:04:05"} {
		for _, hours := range []int{-6, 0, 14, 26} {
			virtual(t, fmt.Sprint(layout, " of UTC ", hours), func(t *testing.T) {
				r := inMemoryRig(t)
				created := time.Now().In(time.FixedZone("", hours*3600)).Format(layout)
				one := strings.Replace(settledLeg("a", "rent-1", time.Now()), string(api.TimeOf(time.Now())), created, 1)
				answering(r, map[string]string{
					"/customers/owner-of-payer/transfers":     listed("transfers", one),
					"/customers/owner-of-payer/mass-payments": listed("mass-payments", fmt.Sprintf(`{"id":"m","correlationId":"rent-1","created":%q,"_links":{}}`, created)),
				})
				if found, err := r.Transfers.Reconcile(t.Context(), payment("rent-1"), justSent(), Lookup{}); !errors.Is(err, ErrAmbiguous) {
					t.Errorf("%v, %v", found, err)
				}
				if found, err := r.MassPayments.Reconcile(t.Context(), massPayment("rent-1"), justSent(), Lookup{}); !errors.Is(err, ErrAmbiguous) {
					t.Errorf("%v, %v", found, err)
				}
			})
		}
	}
}
