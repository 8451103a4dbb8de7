package dwollatest

// owner is who holds funding sources and is a party of transfers: the account or a Customer.
type owner struct {
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

func (o *owner) path() string {
	if o.customer == nil {
		return "/accounts/" + o.id
	}
	return "/customers/" + o.id
}

// rel is the relation under which a resource links to its owner.
func (o *owner) rel() string {
	if o.customer == nil {
		return "account"
	}
	return "customer"
}

// topic is the topic of an event about something of this owner.
func (o *owner) topic(name string) string {
	if o.customer == nil {
		return name
	}
	return "customer_" + name
}

// blocked reports whether the owner can neither send nor receive.
func (o *owner) blocked() bool {
	return o.customer != nil && (o.customer.status == suspended || o.customer.status == deactivated)
}

// names are what a search for text looks at.
func (o *owner) names(account *account) []string {
	if o.customer == nil {
		return []string{account.name, o.id}
	}
	k := o.customer
	return []string{k.firstName + " " + k.lastName, k.businessName, k.email, k.id}
}

// party finds the owner that a reference leads to, or nil.
func (w *world) party(href string) *owner {
	if id := idIn(href, "accounts"); id != "" && id == w.account.id {
		return &w.account.owner
	}
	if found := w.customerByID[idIn(href, "customers")]; found != nil {
		return &found.owner
	}
	return nil
}
