package dwolla_test

import (
	"net/http"
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
		"SandboxSimulations":       func() error { _, err := c.SandboxSimulations.Create(ctx, nil); return err },
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
