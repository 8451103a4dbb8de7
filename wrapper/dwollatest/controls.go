package dwollatest

import (
	"fmt"
	"strings"
)

// SetStatus sets the state of a Customer, also to one that only Dwolla can set, such as the end of a suspension.
func (s *Server) SetStatus(customer, status string) {
	s.with(customer, func(p *party) error {
		k := p.customer
		if k == nil {
			return fmt.Errorf("%q is not a Customer", customer)
		}
		k.before, k.status = k.status, status
		s.state.customers.changed()
		s.state.emit(k.event(topicOf(status)))
		return nil
	})
}

// topicOf is the last part of the topic of a new state.
func topicOf(status string) string {
	switch status {
	case retry:
		return "reverification_needed"
	case kbaNeeded:
		return "kba_verification_needed"
	case document:
		return "verification_document_needed"
	case unverified:
		return "activated"
	}
	return status
}

// SetMicroDeposits sets the amounts in cents that verify a bank. Without it any two below 0.10 do, as in the sandbox.
func (s *Server) SetMicroDeposits(fundingSource string, first, second int64) {
	s.mu.Lock()
	f := s.state.sourceByID[strings.ToLower(fundingSource)]
	if f != nil && f.micro != nil {
		f.micro.amounts = [2]cents{cents(first), cents(second)}
		s.mu.Unlock()
		return
	}
	s.mu.Unlock()
	s.problem(fmt.Errorf("there are no micro-deposits on %q", fundingSource))
}

// Settle processes what is at the banks, like a sandbox simulation, and returns how many transfers and micro-deposits
// that were. A payment from bank to bank takes two calls.
func (s *Server) Settle() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.state.catchUp(s.now())
	count := s.state.settleBanks()
	s.refresh()
	return count
}

// ReviewDocument accepts or rejects a document that waits for review. The published test images need no such call.
func (s *Server) ReviewDocument(document string, accepted bool) {
	s.mu.Lock()
	s.state.catchUp(s.now())
	done := s.state.finishReview(strings.ToLower(document), accepted)
	s.refresh()
	s.mu.Unlock()
	if !done {
		s.problem(fmt.Errorf("no document %q waits for review", document))
	}
}

// RequireReauth asks the user of an exchange to sign in again: its balance is a 400 UpdateCredentials until a session
// for it is created.
func (s *Server) RequireReauth(id string) {
	s.withExchange(id, func(x *exchange) {
		x.renewal = true
		if x.party.customer != nil {
			s.state.emit(x.party.event("exchange_reauth_required", x.path(), x.id))
		}
	})
}

// DeactivateExchange ends an exchange, as a partner does: no funding source can be created from it any more.
func (s *Server) DeactivateExchange(id string) {
	s.withExchange(id, func(x *exchange) { x.status = deactivated })
}

// withExchange changes an exchange. One that does not exist is reported.
func (s *Server) withExchange(id string, do func(*exchange)) {
	s.mu.Lock()
	x := s.state.exchangeByID[strings.ToLower(id)]
	if x != nil {
		do(x)
		s.refresh()
	}
	s.mu.Unlock()
	if x == nil {
		s.problem(fmt.Errorf("there is no exchange %q", id))
	}
}
