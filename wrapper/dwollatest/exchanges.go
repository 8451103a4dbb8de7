package dwollatest

import "net/http"

// exchange is a connection to a bank or card through a partner.
type exchange struct {
	id      string
	owner   *owner
	partner *exchangePartner
	status  string
}

// exchangePartner is a partner for open banking or cards.
type exchangePartner struct{ id, name string }

func (x *exchange) readable() error { return nil }

func (w *world) identifyCard(*owner, *fundingSource, form) error         { return errNotYet() }
func (w *world) identifyByExchange(*owner, *fundingSource, string) error { return errNotYet() }
func (w *world) consent(*fundingSource, string) error                    { return nil }
func (f *fundingSource) changeCard(form)                                 {}

func errNotYet() error { return &failure{status: http.StatusNotImplemented, code: "NotImplemented"} }
