package dwollatest

import (
	"fmt"
	"strings"
)

// Ref is the id and the URL of a resource on the server.
type Ref struct{ ID, Href string }

func (s *Server) ref(path string) Ref {
	return Ref{ID: path[strings.LastIndex(path, "/")+1:], Href: s.url() + path}
}

// Customer describes a Customer to add. The zero value is an unverified Customer with an invented name and email.
type Customer struct {
	// Type is unverified, receive-only, personal or business; unverified if empty.
	Type string
	// Status is the state to be in; if empty, that which the sandbox gives personal and business Customers by their names,
	// verified for most, and unverified for the others.
	Status string

	FirstName, LastName, Email string
	BusinessName, BusinessType string // of a business; an llc if empty
	CorrelationID              string
}

// Account is the main account.
func (s *Server) Account() Ref {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.ref(s.state.account.path())
}

// AccountBalance is the balance of the main account, a funding source. It begins with 5,000 USD.
func (s *Server) AccountBalance() Ref {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.ref(s.state.account.balance.path())
}

// AccountBank is the verified bank that the main account has from the beginning.
func (s *Server) AccountBank() Ref {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.ref(s.state.account.sources[1].path())
}

// AddCustomer adds a Customer in any type and state, without the checks of its creation. Its names decide about its state as in
// the sandbox, unless a state is given. A verified one has a balance; a
// verified business is certified.
func (s *Server) AddCustomer(c Customer) Ref {
	s.mu.Lock()
	defer s.mu.Unlock()
	k := s.state.newCustomer(c.kind(), c.data(len(s.state.customers.all)+1))
	s.state.emit(k.event("created"))
	switch {
	case k.kind != personal && k.kind != business:
	case c.Status == "":
		s.state.verify(k, c.data(0))
	default:
		s.state.completeVerification(k)
	}
	if c.Status != "" {
		k.status = c.Status
	}
	if c.Status != "" || k.status == verified {
		k.certify()
	}
	s.state.customers.changed()
	s.refresh()
	return s.ref(k.path())
}

func (c Customer) kind() string {
	if c.Type == "" {
		return unverified
	}
	return c.Type
}

// data is the JSON of the Customer, with invented values for what is not given.
func (c Customer) data(number int) jsonObject {
	or := func(text, otherwise string) string {
		if text == "" {
			return otherwise
		}
		return text
	}
	out := jsonObject{
		"firstName": or(c.FirstName, "Customer"),
		"lastName":  or(c.LastName, fmt.Sprintf("No %d", number)),
		"email":     or(c.Email, fmt.Sprintf("customer-%d@example.com", number)),
	}
	if c.CorrelationID != "" {
		out["correlationId"] = c.CorrelationID
	}
	if c.BusinessName != "" {
		out["businessName"] = c.BusinessName
	}
	if c.kind() == personal || c.kind() == business {
		out["address1"], out["city"], out["state"], out["postalCode"] = "1 Main Street", "Des Moines", "IA", "50309"
	}
	if c.kind() == business {
		out["businessName"] = or(c.BusinessName, fmt.Sprintf("Company %d", number))
		out["businessType"] = or(c.BusinessType, "llc")
	}
	return out
}

// AddVerifiedCustomer adds a verified personal Customer, who has a balance. Its name is split at the last space.
func (s *Server) AddVerifiedCustomer(name string) Ref {
	first, last := splitName(name)
	return s.AddCustomer(Customer{Type: personal, Status: verified, FirstName: first, LastName: last})
}

// AddVerifiedCustomerWithBank adds a verified personal Customer with a verified bank of the same name.
func (s *Server) AddVerifiedCustomerWithBank(name string) (customer, bank Ref) {
	customer = s.AddVerifiedCustomer(name)
	return customer, s.AddBank(customer.ID, name)
}

// AddReceiver adds a receive-only Customer with an unverified bank: somebody to be paid.
func (s *Server) AddReceiver(name string) (customer, bank Ref) {
	first, last := splitName(name)
	customer = s.AddCustomer(Customer{Type: receiveOnly, FirstName: first, LastName: last})
	return customer, s.addBank(customer.ID, name, unverified)
}

func splitName(name string) (first, last string) {
	i := strings.LastIndex(name, " ")
	if i < 0 {
		return name, "Doe"
	}
	return name[:i], name[i+1:]
}

// AddBank adds a verified bank to a Customer or to the account. Its name decides about transfers as in the sandbox:
// R01, R03, R01-late and R03-late make them fail. A party that does not exist is reported.
func (s *Server) AddBank(owner, name string) Ref { return s.addBank(owner, name, verified) }

// AddUnverifiedBank adds a bank that can be paid but not debited.
func (s *Server) AddUnverifiedBank(owner, name string) Ref { return s.addBank(owner, name, unverified) }

func (s *Server) addBank(id, name, status string) (out Ref) {
	s.with(id, func(p *party) error {
		f := s.state.addBank(p, name, status)
		s.state.emit(f.event("added"))
		out = s.ref(f.path())
		return nil
	})
	return out
}

// with changes a party. An error is reported.
func (s *Server) with(id string, do func(*party) error) {
	s.mu.Lock()
	err := fmt.Errorf("there is no Customer or account %q", id)
	if p := s.state.partyByID(id); p != nil {
		s.state.catchUp(s.now())
		err = do(p)
		s.refresh()
	}
	s.mu.Unlock()
	if err != nil {
		s.problem(err)
	}
}

func (st *state) partyByID(id string) *party {
	id = strings.ToLower(id)
	if id == st.account.id {
		return &st.account.party
	}
	if k := st.customerByID[id]; k != nil {
		return &k.party
	}
	return nil
}

// Balance is what the balance of a Customer or of the account holds, in cents, labeled money included.
func (s *Server) Balance(owner string) (value int64) {
	s.withBalance(owner, func(f *fundingSource) { value = int64(f.holds) })
	return value
}

// SetBalance sets what the balance of a Customer or of the account holds, in cents.
func (s *Server) SetBalance(owner string, value int64) {
	s.withBalance(owner, func(f *fundingSource) { f.holds = cents(value) })
}

// BalanceOf is the balance of a Customer or of the account as a funding source.
func (s *Server) BalanceOf(owner string) (out Ref) {
	s.withBalance(owner, func(f *fundingSource) { out = s.ref(f.path()) })
	return out
}

func (s *Server) withBalance(id string, do func(*fundingSource)) {
	s.with(id, func(p *party) error {
		if p.balance == nil {
			return fmt.Errorf("%q cannot hold money", id)
		}
		do(p.balance)
		return nil
	})
}

// AddSettlementAccount adds a settlement account of the card network to the main account, from which cards are paid.
// It holds this many cents.
func (s *Server) AddSettlementAccount(holds int64) (out Ref) {
	s.with(s.Account().ID, func(p *party) error {
		f := s.state.addBank(p, "Card settlement", verified)
		f.usage, f.holds = "card-network", cents(holds)
		out = s.ref(f.path())
		return nil
	})
	return out
}
