package dwollatest

import (
	"slices"
	"strings"
	"time"

	"github.com/dwolla-go/dwolla-go/api"
)

// A payment is an entry of the ledger.
type payment struct {
	transfer *transfer
	key      string
	item     *massPaymentItem
}

// Payment is a payment that was really made: a transfer, or an item of a mass payment that created one.
type Payment struct {
	Transfer       string // id
	Source         string // id of the funding source that pays
	Destination    string // id of the funding source that is paid
	Receiver       string // id of the Customer or account that is paid
	Amount         api.Money
	Status         string // of the transfer: pending, processed, cancelled or failed
	Created        time.Time
	CorrelationID  string
	IdempotencyKey string // of the request that made it
	MassPayment    string // id, if it is an item of one
	Item           string // id, if it is an item of a mass payment
}

// Ledger is a list of payments in the order in which they were made.
type Ledger []Payment

// Ledger is what was paid, also by requests whose responses were lost. Payments that were made twice are in it twice.
func (s *Server) Ledger() Ledger {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.refresh()
	out := make(Ledger, 0, len(s.state.paid))
	for _, p := range s.state.paid {
		out = append(out, p.export())
	}
	return out
}

func (p payment) export() Payment {
	t := p.transfer
	out := Payment{
		Transfer:       t.id,
		Source:         t.namedSource.id,
		Destination:    t.namedDestination.id,
		Receiver:       t.namedDestination.party.id,
		Amount:         api.USDCents(int64(t.amount)),
		Status:         t.status,
		Created:        t.created,
		CorrelationID:  t.CorrelationID,
		IdempotencyKey: p.key,
	}
	if p.item != nil {
		out.MassPayment, out.Item = p.item.parent.id, p.item.id
	}
	return out
}

// To are the payments to a funding source, a Customer or the account, by its id.
func (l Ledger) To(id string) Ledger {
	return l.only(func(p Payment) bool { return strings.EqualFold(p.Destination, id) || strings.EqualFold(p.Receiver, id) })
}

// Correlated are the payments with a correlation id.
func (l Ledger) Correlated(id string) Ledger {
	return l.only(func(p Payment) bool { return p.CorrelationID == id })
}

// Total is the sum of the payments, failed and cancelled ones left out.
func (l Ledger) Total() api.Money {
	var sum int64
	for _, p := range l {
		if p.Status == failed || p.Status == cancelled {
			continue
		}
		// Amounts are whole cents, because the server made them of cents.
		value, _ := p.Amount.Cents()
		sum += value
	}
	return api.USDCents(sum)
}

func (l Ledger) only(keep func(Payment) bool) Ledger {
	return slices.DeleteFunc(slices.Clone(l), func(p Payment) bool { return !keep(p) })
}
