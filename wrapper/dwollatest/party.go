package dwollatest

// A party has funding sources and takes part in transfers: it is the account or a Customer.
type party struct {
	id       string
	customer *customer // nil for the account

	balance  *fundingSource // nil for those who cannot hold money
	sources  []*fundingSource
	sourceOf map[string]*fundingSource // banks by fingerprint, removed ones included

	transfers    list[transfer]
	massPayments list[massPayment]

	exchanges   []*exchange
	connections []connection // of sessions with MX
	asksName    bool         // the latest session with Checkout.com asked for a check of the name
}

func (p *party) path() string {
	if p.customer == nil {
		return "/accounts/" + p.id
	}
	return "/customers/" + p.id
}

// rel is the relation under which a resource links to the party.
func (p *party) rel() string {
	if p.customer == nil {
		return "account"
	}
	return "customer"
}

// topic is the topic of an event about something of the party.
func (p *party) topic(name string) string {
	if p.customer == nil {
		return name
	}
	return "customer_" + name
}

// blocked reports whether the party can neither send nor receive.
func (p *party) blocked() bool {
	return p.customer != nil && (p.customer.status == suspended || p.customer.status == deactivated)
}

// names are what a search for text looks at.
func (p *party) names(account *account) []string {
	if p.customer == nil {
		return []string{account.name, p.id}
	}
	k := p.customer
	return []string{k.firstName + " " + k.lastName, k.businessName, k.email, k.id}
}

// party finds the party that a reference leads to, or nil.
func (st *state) party(href string) *party {
	if id := st.idIn(href, "accounts"); id != "" && id == st.account.id {
		return &st.account.party
	}
	if found := st.customerByID[st.idIn(href, "customers")]; found != nil {
		return &found.party
	}
	return nil
}
