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
func leg(id, amount string, links map[string]string) string {
	var all []string
	for rel, href := range links {
		all = append(all, fmt.Sprintf(`%q:{"href":%q}`, rel, at+href))
	}
	return fmt.Sprintf(`{"id":%q,"amount":{"value":%q,"currency":"USD"},"correlationId":"rent-1","status":"pending","_links":{%s}}`, id, amount, strings.Join(all, ","))
}

func listed(rel string, legs ...string) string {
	return fmt.Sprintf(`{"_links":{},"_embedded":{%q:[%s]},"total":%d}`, rel, strings.Join(legs, ","), len(legs))
}

func TestReconcileNeedsSomethingToCompareWith(t *testing.T) {
	for name, destination := range map[string]string{"no destination": "", "the collection": at + "/funding-sources/"} {
		t.Run(name, func(t *testing.T) {
			r := inMemoryRig(t)
			sent := payment("rent-1")
			sent.Links.Destination = LinkTo[FundingSource](destination)
			if found, err := r.Transfers.Reconcile(t.Context(), sent, Lookup{}); !errors.Is(err, ErrInvalidArgument) {
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
			found, err := r.Transfers.Reconcile(t.Context(), payment("rent-1"), Lookup{})
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
			if found, err := r.Transfers.Reconcile(t.Context(), sent, Lookup{}); err != nil || found.ID != "a" {
				t.Errorf("%+v, %v", found, err)
			}
		})
	}
	virtual(t, "nobody", func(t *testing.T) {
		r := inMemoryRig(t)
		answering(r, map[string]string{"/funding-sources/payer": `{"id":"payer","_links":{}}`})
		if _, err := r.Transfers.Reconcile(t.Context(), payment("rent-1"), Lookup{}); !errors.Is(err, ErrOutcomeUnknown) || !errors.Is(err, ErrNoLink) {
			t.Error(err)
		}
	})
}

func TestReconcileSettlesAMassPayment(t *testing.T) {
	batch := func(id, source, total string) string {
		return fmt.Sprintf(`{"id":%q,"status":"processing","correlationId":"batch-1","total":{"value":%q,"currency":"USD"},"_links":{"source":{"href":%q}}}`,
			id, total, at+"/funding-sources/"+source)
	}
	for name, c := range map[string]struct {
		found []string
		kind  Kind
	}{
		"the one":           {[]string{batch("m", "payer", "5.00")}, ""},
		"without its total": {[]string{`{"id":"m","correlationId":"batch-1","_links":{}}`}, ""},
		"two":               {[]string{batch("m", "payer", "5.00"), batch("n", "payer", "5.00")}, ErrAmbiguous},
		"another source":    {[]string{batch("m", "other", "5.00")}, ErrAmbiguous},
		"another total":     {[]string{batch("m", "payer", "6.00")}, ErrAmbiguous},
		"other metadata":    {[]string{`{"id":"m","correlationId":"batch-1","metadata":{"run":"2"},"_links":{}}`}, ErrAmbiguous},
		"its metadata":      {[]string{`{"id":"m","correlationId":"batch-1","metadata":{"run":"1"},"_links":{}}`}, ""},
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
				found, err := r.MassPayments.Reconcile(t.Context(), sent, Lookup{})
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
		if _, err := r.MassPayments.Reconcile(t.Context(), massPayment("batch-1"), Lookup{}); err != nil {
			t.Error(err)
		}
	})
	t.Run("without a correlation id", func(t *testing.T) {
		r := inMemoryRig(t)
		if _, err := r.MassPayments.Reconcile(t.Context(), massPayment(""), Lookup{}); !errors.Is(err, ErrInvalidArgument) {
			t.Error(err)
		}
	})
	virtual(t, "a bank that is down", func(t *testing.T) {
		r := inMemoryRig(t)
		r.bank.Always(faultserver.Status(500, ""))
		if _, err := r.MassPayments.Reconcile(t.Context(), massPayment("batch-1"), Lookup{}); !errors.Is(err, ErrOutcomeUnknown) {
			t.Error(err)
		}
	})
}

func TestAReconcileErrorSaysWhatItKnows(t *testing.T) {
	err := &ReconcileError{Kind: ErrOutcomeUnknown, Reason: "why", Looks: 3, Err: context.Canceled}
	for _, part := range []string{"outcome unknown", "why", "3 looks", "canceled"} {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("%q lacks %q", err, part)
		}
	}
}

func TestOnlyWhatIsAmbiguousIsStillUnknown(t *testing.T) {
	for _, c := range []struct {
		kind, target Kind
		want         bool
	}{
		{ErrAmbiguous, ErrAmbiguous, true},
		{ErrAmbiguous, ErrOutcomeUnknown, true},
		{ErrAmbiguous, ErrAbsent, false},
		{ErrAbsent, ErrAbsent, true},
		{ErrAbsent, ErrOutcomeUnknown, false},
		{ErrOutcomeUnknown, ErrOutcomeUnknown, true},
	} {
		if got := errors.Is(&ReconcileError{Kind: c.kind}, c.target); got != c.want {
			t.Errorf("%v is %v: %v", c.kind, c.target, got)
		}
	}
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
		found, err := r.Transfers.Reconcile(t.Context(), payment("rent-1"), Lookup{})
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
		found, err := r.Transfers.Reconcile(t.Context(), payment("rent-1"), Lookup{})
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
			found, err := r.Transfers.Reconcile(t.Context(), payment("rent-1"), Lookup{})
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
		if _, err := r.Transfers.Reconcile(t.Context(), payment("rent-1"), Lookup{}); !errors.Is(err, ErrAbsent) {
			t.Error(err)
		}
	})
}
