package dwollatest

import (
	"cmp"
	"fmt"
	"slices"
)

// An order is a payment that has passed every rule.
type order struct {
	source, destination *fundingSource
	amount              cents
	terms
	remittance string
	fees       []feeOrder
	funding    *transfer // the debit that pays for a whole mass payment
}

// A feeOrder is a facilitator fee that becomes due once the payment is processed.
type feeOrder struct {
	party  *party
	amount cents
}

// A feeRequest is a facilitator fee in the body of createTransfer.
type feeRequest struct {
	Links struct {
		ChargeTo link `json:"charge-to"`
	} `json:"_links"`
	Amount amount `json:"amount"`
}

// The documented limits of what Customers may send.
const (
	verifiedLimit   cents = 10_000_00 // per transfer of a verified Customer
	unverifiedLimit cents = 5_000_00  // per week of an unverified Customer, Monday to Sunday in UTC
)

const (
	atSource      = "/_links/source/href"
	atDestination = "/_links/destination/href"
	atAmount      = "/amount/value"
	atFee         = "/fees/_links/charge-to/href"
)

func (r transferRequest) fieldErrors() []fieldError {
	out := amountErrors(atAmount, r.Amount)
	if len(r.Fees) > 0 && r.Channel.Destination != "" {
		out = append(out, notAllowed("", "Fees are not supported for instant payments."))
	}
	return out
}

// amountErrors refuses what is no amount or not positive once it is rounded to cents.
func amountErrors(path string, a amount) []fieldError {
	value, err := a.cents()
	switch {
	case a.Value == "":
		return []fieldError{required(path, "Amount")}
	case err != nil:
		return []fieldError{invalidFormat(path, "The amount is not a decimal in USD.")}
	case value <= 0:
		return []fieldError{invalid(path, "The amount must be at least 0.01.")}
	}
	return nil
}

// orderTransfer checks a transfer by the rules that depend on the state.
func (st *state) orderTransfer(in transferRequest) (order, error) {
	value, err := in.Amount.cents()
	if err != nil {
		return order{}, err
	}
	remittance := cmp.Or(in.Instant.Destination.RemittanceData, in.RTP.Destination.RemittanceData)
	o := order{amount: value, terms: in.terms, remittance: remittance}
	source, bad := st.payer(in.Links.Source.Href)
	if bad != nil {
		return order{}, validationError(*bad)
	}
	destination, bad := st.payee(in.Links.Destination.Href, atDestination)
	if bad != nil {
		return order{}, validationError(*bad)
	}
	o.source, o.destination = source, destination
	for _, rule := range []func(*order) *fieldError{st.checkRoute, st.checkChannel, st.checkLimit, checkMetadata, checkFunds} {
		if bad := rule(&o); bad != nil {
			return order{}, validationError(*bad)
		}
	}
	if o.fees, bad = st.orderFees(&o, in.Fees); bad != nil {
		return order{}, validationError(*bad)
	}
	return o, nil
}

// payer finds a funding source that may be debited.
func (st *state) payer(href string) (*fundingSource, *fieldError) {
	f := st.sourceByID[st.idIn(href, "funding-sources")]
	var bad fieldError
	switch {
	case f == nil:
		bad = invalid(atSource, "Sender not found.")
	case f.removed || f.kind == virtual || f.status != verified:
		bad = invalid(atSource, "Invalid funding source.")
	case f.kind == card:
		bad = notAllowed(atSource, "A card cannot be debited.")
	case f.party.blocked() || f.party.customer != nil && !st.maySend(f.party.customer):
		bad = restricted(atSource, "Sender restricted.")
	default:
		return f, nil
	}
	return nil, &bad
}

// payee finds a funding source that may be credited. A Customer or the account stands for its balance, or its bank.
func (st *state) payee(href, at string) (*fundingSource, *fieldError) {
	f := st.sourceByID[st.idIn(href, "funding-sources")]
	if p := st.party(href); p != nil {
		if f = p.defaultDestination(); f == nil {
			return nil, &fieldError{code: "RequiresFundingSource", message: "Receiver requires funding source.", path: at}
		}
	}
	var bad fieldError
	switch {
	case f == nil:
		bad = invalid(at, "Receiver not found.")
	case f.party.blocked():
		bad = restricted(at, "Receiver restricted.")
	case f.removed:
		bad = fieldError{code: "RequiresFundingSource", message: "Receiver requires funding source.", path: at}
	case f.kind == virtual:
		bad = invalid(at, "Invalid funding source.")
	default:
		return f, nil
	}
	return nil, &bad
}

// defaultDestination is where the party is paid when no funding source is named.
func (p *party) defaultDestination() *fundingSource {
	if p.balance != nil {
		return p.balance
	}
	for _, f := range p.sources {
		if f.kind == bank && !f.removed {
			return f
		}
	}
	return nil
}

// checkRoute refuses what the network cannot do: at least one party must have a balance.
func (st *state) checkRoute(o *order) *fieldError {
	var bad fieldError
	from, to := o.source, o.destination
	switch {
	case from == to:
		bad = invalid(atDestination, "Source and destination are the same.")
	case to.kind == card && from.usage == "":
		bad = notAllowed(atSource, "Cards are paid from a settlement account of the card network.")
	case to.kind == card:
		return nil
	case from.party.balance == nil && to.party.balance == nil:
		bad = invalid(atDestination, "Incompatible source and destination types.")
	case to.accountType == "loan" && from.accountType == "loan":
		bad = invalid(atDestination, "Invalid bank account type.")
	case from.accountType == "loan":
		bad = invalid(atSource, "Invalid bank account type.")
	default:
		return nil
	}
	return &bad
}

func (st *state) checkChannel(o *order) *fieldError {
	var bad fieldError
	switch {
	case o.Channel.Destination == "":
		return nil
	case o.source.kind != balance:
		bad = notAllowed(atDestination, "Instant payments are made from a balance.")
	case !slices.Contains(o.destination.channels, instantChannel):
		bad = notAllowed("/processingChannel/destination", "The destination cannot be reached by this channel.")
	case o.source.party == o.destination.party && o.source.party.customer != nil:
		bad = notAllowed("", "A Customer cannot withdraw its own balance instantly.")
	default:
		return nil
	}
	return &bad
}

func (st *state) checkLimit(o *order) *fieldError {
	k := o.source.party.customer
	if k == nil {
		return nil
	}
	limit, sent := verifiedLimit, cents(0)
	if k.kind == unverified {
		limit, sent = unverifiedLimit, st.sentThisWeek(k)
	}
	if o.amount+sent <= limit {
		return nil
	}
	bad := invalid(atAmount, fmt.Sprintf("The limit of the Customer is %s.", limit))
	return &bad
}

// sentThisWeek adds up what an unverified Customer has sent since Monday.
func (st *state) sentThisWeek(k *customer) cents {
	day := st.now.UTC()
	back := (int(day.Weekday()) + 6) % 7
	monday := day.AddDate(0, 0, -back).Truncate(24 * 60 * 60 * 1e9)
	var sum cents
	for _, t := range k.transfers.all {
		if t.sender == &k.party && !t.created.Before(monday) && (t.status == pending || t.status == processed) {
			sum += t.amount
		}
	}
	return sum
}

func checkMetadata(o *order) *fieldError {
	if o.source.kind != balance || len(o.Metadata) == 0 {
		return nil
	}
	bad := invalid("/metadata", "Metadata is not allowed when a balance pays.")
	return &bad
}

func checkFunds(o *order) *fieldError {
	if !o.source.holdsMoney() || o.source.spendable() >= o.amount {
		return nil
	}
	bad := fieldError{code: "InsufficientFunds", message: "Insufficient funds.", path: atSource}
	return &bad
}

// orderFees checks the facilitator fees: a single party of the transfer pays them, and together
// they are at most half of the amount.
func (st *state) orderFees(o *order, requests []feeRequest) ([]feeOrder, *fieldError) {
	var (
		out []feeOrder
		sum cents
		bad fieldError
	)
	for _, r := range requests {
		value, err := r.Amount.cents()
		p := st.party(r.Links.ChargeTo.Href)
		switch {
		case err != nil || value <= 0:
			bad = invalid(atFee, "Invalid fee amount.")
		case p == nil || p != o.source.party && p != o.destination.party:
			bad = invalid(atFee, "The fee must be charged to a party of the transfer.")
		case len(out) > 0 && out[0].party != p:
			bad = invalid(atFee, "All fees must be charged to the same party.")
		case o.source.kind == balance && o.source.party == o.destination.party:
			bad = invalid("", "No fee can be charged on a withdrawal.")
		default:
			sum += value
			out = append(out, feeOrder{party: p, amount: value})
			continue
		}
		return nil, &bad
	}
	if sum*2 > o.amount {
		bad = invalid("", "The fees are more than half of the amount.")
		return nil, &bad
	}
	return out, nil
}
