package dwolla_test

import (
	"net/http"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	dwolla "github.com/dwolla-go/dwolla-go/wrapper"
)

func TestFault339_ANilBodyIsRefusedBeforeAnythingIsSent(t *testing.T) {
	s := newStub(t, always(200, `{"id":"x"}`))
	ctx, c := t.Context(), s.client
	for name, run := range map[string]func() error{
		"Customers.Create":        func() error { _, err := c.Customers.Create(ctx, nil); return err },
		"Customers.Create, typed": func() error { _, err := c.Customers.Create(ctx, (*dwolla.CreateReceiveOnlyCustomer)(nil)); return err },
		"Customers.Update":        func() error { _, err := c.Customers.Update(ctx, "x", nil); return err },
		"Customers.Update, typed": func() error {
			_, err := c.Customers.Update(ctx, "x", (*dwolla.UpdateCustomerInformation)(nil))
			return err
		},
		"FundingSources.Create":    func() error { _, err := c.FundingSources.Create(ctx, nil); return err },
		"FundingSources.Update":    func() error { _, err := c.FundingSources.Update(ctx, "x", nil); return err },
		"FundingSources.CreateFor": func() error { _, err := c.FundingSources.CreateForCustomer(ctx, "x", nil); return err },
		"Exchanges.Create":         func() error { _, err := c.Exchanges.Create(ctx, nil); return err },
		"Exchanges.CreateFor":      func() error { _, err := c.Exchanges.CreateForCustomer(ctx, "x", nil); return err },
	} {
		t.Run(name, func(t *testing.T) { ends(t, run(), dwolla.OutcomeNotSent, dwolla.ErrInvalidArgument) })
	}
	s.sends(t, 0)
}

func TestFault340_ARetryAfterWithAFractionOrAListIsHeeded(t *testing.T) {
	for value, wait := range map[string]time.Duration{"2.5": 3, "2.0": 2, "4, 4": 4, "4,9": 4, "0.1": 1} {
		synctest.Test(t, func(t *testing.T) {
			s := newStub(t, func(n int, _ *http.Request) *http.Response {
				if n == 1 {
					return reply(429, `{"code":"TooManyRequests"}`, "Retry-After", value)
				}
				return reply(200, `{"id":"x"}`)
			})
			start := time.Now()
			_, err := s.client.Customers.Get(t.Context(), "x")
			ends(t, err, dwolla.OutcomeOK)
			if took := time.Since(start); took < wait*time.Second || took > wait*time.Second+time.Second {
				t.Errorf("%s: after %s", value, took)
			}
		})
	}
}

func TestFault341_AStatusThatHTTPDoesNotKnowIsNotRetried(t *testing.T) {
	for _, status := range []int{600, 700, 999} {
		s := newStub(t, always(status, `x`))
		_, err := s.client.Customers.Get(t.Context(), "x")
		ends(t, err, dwolla.OutcomeBadResponse)
		s.sends(t, 1)
		s = newStub(t, always(status, `x`))
		_, err = s.client.Transfers.Create(t.Context(), aTransfer())
		ends(t, err, dwolla.OutcomeUnknown)
		s.sends(t, 1)
	}
}

func TestFault343_AnEmptyBusinessNameIsSent(t *testing.T) {
	s := newStub(t, always(200, `{"id":"x"}`))
	_, err := s.client.Customers.Update(t.Context(), "x", dwolla.UpdateCustomerInformation{BusinessName: new("")})
	ends(t, err, dwolla.OutcomeOK)
	if body := string(s.requests()[0].Body); body != `{"businessName":""}` {
		t.Errorf("sent %s", body)
	}
}

func TestFault344_AMassPaymentByPostHasTheLimitOfASlowOperation(t *testing.T) {
	for path, want := range map[string]time.Duration{"/mass-payments": 20, "/Mass-Payments/": 20, "/transfers": 5, "/mass-payments/x": 5} {
		synctest.Test(t, func(t *testing.T) {
			var took time.Duration
			c := clientOf(t, &bank{answer: func(req *http.Request) (*http.Response, error) {
				start := time.Now()
				<-req.Context().Done()
				took = time.Since(start)
				return nil, req.Context().Err()
			}}, dwolla.WithRetries(dwolla.Retries{MaxAttempts: 1}), dwolla.WithTimeouts(dwolla.Timeouts{Attempt: 5 * time.Second, SlowAttempt: 20 * time.Second}))
			var body any = map[string]string{"status": "x"}
			switch {
			case strings.EqualFold(strings.TrimRight(path, "/"), "/mass-payments"):
				body = massPaymentOf(t)
			case path == "/transfers":
				body = aTransfer()
			}
			_, err := c.Post(t.Context(), path, body, nil)
			ends(t, err, dwolla.OutcomeUnknown)
			if took != want*time.Second {
				t.Errorf("%s: after %s", path, took)
			}
		})
	}
}

// massPaymentOf is a mass payment of one item.
func massPaymentOf(t *testing.T) dwolla.CreateMassPayment {
	t.Helper()
	p := aTransfer()
	m := dwolla.CreateMassPayment{}
	m.Links.Source = p.Links.Source
	item := dwolla.CreateMassPaymentItem{Amount: p.Amount}
	item.Links.Destination = p.Links.Destination
	m.Items = append(m.Items, item)
	return m
}

func TestFault345_APageWhoseTransportExitsIsAnErrorAndNotTheEnd(t *testing.T) {
	for ahead := range 4 {
		s := newStub(t, func(_ int, req *http.Request) *http.Response {
			if req.URL.Query().Get("offset") == "20" {
				runtime.Goexit()
			}
			return customersAt(req, 50)
		}, dwolla.WithRetries(dwolla.Retries{MaxAttempts: 1}))
		n, failed := 0, 0
		for _, err := range s.client.Customers.All(t.Context(), dwolla.ListCustomersParams{Limit: 10}, dwolla.WithPagesAhead(ahead)) {
			if err != nil {
				failed++
				continue
			}
			n++
		}
		if n != 20 || failed != 1 {
			t.Errorf("%d ahead: %d entries and %d errors", ahead, n, failed)
		}
	}
}
