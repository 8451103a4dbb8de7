package main

import (
	"context"
	"io"
	"testing"
	"testing/synctest"
	"time"

	dwolla "github.com/dwolla-go/dwolla-go/wrapper"
	"github.com/dwolla-go/dwolla-go/wrapper/dwollatest"
)

// A stage is a Dwolla in memory, in virtual time, with somebody who is to pay people.
type stage struct {
	*testing.T

	server  *dwollatest.Server
	payer   *payer
	batches []batch
}

// inBubble runs a test where waiting takes no time.
func inBubble(t *testing.T, recipientCount int, test func(*stage)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		server := dwollatest.New(t)
		recipients := recipientsOf(recipientCount)
		p, err := seed(t.Context(), server, recipients)
		if err != nil {
			t.Fatal(err)
		}
		p.wait = dwolla.Wait{}
		batches, err := plan("", p.source, recipients)
		if err != nil {
			t.Fatal(err)
		}
		test(&stage{t, server, p, batches})
	})
}

// pay pays, and returns how many recipients are in each state.
func (s *stage) pay(ctx context.Context) (map[state]int, []result) {
	results := s.payer.pay(ctx, s.batches, newProgress(io.Discard, s.recipients()))
	states := map[state]int{}
	for _, r := range results {
		for _, o := range r.outcomes {
			states[o.state]++
		}
	}
	return states, results
}

func (s *stage) recipients() (n int) {
	for _, b := range s.batches {
		n += len(b.recipients)
	}
	return n
}

func (s *stage) wantPaid(want int) {
	s.Helper()
	if got := len(s.server.Ledger()); got != want {
		s.Errorf("%d payments were made, want %d", got, want)
	}
}

func TestEveryoneIsPaid(t *testing.T) {
	inBubble(t, 3, func(s *stage) {
		if states, results := s.pay(s.Context()); states[paid] != 3 {
			s.Errorf("%v, %v", states, results[0].err)
		}
		s.wantPaid(3)
		for _, payment := range s.server.Ledger() {
			if payment.IdempotencyKey != s.batches[0].key {
				s.Error("not paid with the key of the plan")
			}
		}
	})
}

func TestTwoMassPaymentsPayMoreThan5000(t *testing.T) {
	inBubble(t, 5001, func(s *stage) {
		if states, results := s.pay(s.Context()); states[paid] != 5001 || len(results) != 2 {
			s.Errorf("%v in %d mass payments, %v", states, len(results), results[0].err)
		}
		s.wantPaid(5001)
	})
}

func TestTheSameFileIsPaidOnce(t *testing.T) {
	inBubble(t, 3, func(s *stage) {
		s.pay(s.Context())
		time.Sleep(48 * time.Hour) // longer than an idempotency key holds
		if states, results := s.pay(s.Context()); states[paid] != 3 {
			s.Errorf("%v, %v", states, results[0].err)
		}
		s.wantPaid(3)
	})
}

func TestALostAnswerIsFoundByCorrelationID(t *testing.T) {
	inBubble(t, 3, func(s *stage) {
		s.server.Fault("createMassPayment", dwollatest.Fault{Drop: true, AfterCommit: true})
		if states, results := s.pay(s.Context()); states[paid] != 3 {
			s.Errorf("%v, %v", states, results[0].err)
		}
		s.wantPaid(3)
	})
}

func TestAnOutcomeThatCannotBeFoundOutIsUnknown(t *testing.T) {
	inBubble(t, 3, func(s *stage) {
		s.server.Fault("createMassPayment", dwollatest.Fault{Drop: true})
		states, results := s.pay(s.Context())
		if states[unknown] != 3 || dwolla.OutcomeOf(results[0].err) != dwolla.OutcomeUnknown {
			s.Errorf("%v, %v", states, results[0].err)
		}

		s.server.ClearFaults()
		if states, results = s.pay(s.Context()); states[paid] != 3 {
			s.Errorf("the second run: %v, %v", states, results[0].err)
		}
		s.wantPaid(3)
	})
}

func TestNothingIsSentAfterAnOpenEnd(t *testing.T) {
	inBubble(t, 3, func(s *stage) {
		s.server.Fault("createMassPayment", dwollatest.Fault{Status: 400, Code: "ValidationError"})
		s.batches = append(s.batches, s.batches[0])
		if states, _ := s.pay(s.Context()); states[unpaid] != 6 {
			s.Errorf("%v", states)
		}
		if calls := len(s.server.Calls("createMassPayment")); calls != 1 {
			s.Errorf("%d mass payments were asked for", calls)
		}
	})
}

func TestAnInterruptedWaitLeavesThePaymentsPending(t *testing.T) {
	inBubble(t, 3, func(s *stage) {
		ctx, cancel := context.WithTimeout(s.Context(), time.Second)
		defer cancel()
		if states, results := s.pay(ctx); states[pending] != 3 || results[0].massPayment == "" {
			s.Errorf("%v, %v", states, results[0].err)
		}
		time.Sleep(time.Minute)
		s.wantPaid(3)
	})
}

func TestACancelledMassPaymentPaysNobody(t *testing.T) {
	inBubble(t, 3, func(s *stage) {
		request := s.batches[0].request(s.payer.source)
		request.Status = dwolla.CreateMassPaymentStatusDeferred
		ref, err := s.payer.client.MassPayments.Create(s.Context(), request)
		if err != nil {
			s.Fatal(err)
		}
		_, err = s.payer.client.MassPayments.Update(s.Context(), ref.ID(), dwolla.UpdateMassPayment{Status: dwolla.UpdateMassPaymentStatusCancelled})
		if err != nil {
			s.Fatal(err)
		}
		if states, _ := s.pay(s.Context()); states[unpaid] != 3 {
			s.Errorf("%v", states)
		}
		s.wantPaid(0)
	})
}
