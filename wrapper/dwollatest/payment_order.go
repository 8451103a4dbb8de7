package dwollatest

import (
	"fmt"
	"slices"
)

// order is a payment that has passed every rule.
type order struct {
	source, destination *fundingSource
	amount              cents
	terms               terms
	correlation         string
	fees                []feeOrder
	funding             *transfer // the debit that pays for a whole mass payment
}

// feeOrder is a facilitator fee that becomes due once the payment is processed.
type feeOrder struct {
	party  *owner
	amount cents
}

// feeRequest is a facilitator fee in the body of createTransfer.
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

func (r transferRequest) problems() []problem {
	out := amountProblems(atAmount, r.Amount)
	if len(r.Fees) > 0 && r.Channel.Destination != "" {
		out = append(out, notAllowed("", "Fees are not supported for instant payments."))
	}
	return out
}

// amountProblems refuses what is no amount or not positive once it is rounded to cents.
func amountProblems(path string, a amount) []problem {
	value, err := a.cents()
	switch {
	case a.Value == "":
		return []problem{required(path, "Amount")}
	case err != nil:
		return []problem{invalidFormat(path, "The amount is not a decimal in USD.")}
	case value <= 0:
		return []problem{invalid(path, "The amount must be at least 0.01.")}
	}
	return nil
}

// orderTransfer holds a transfer against the rules that depend on the state.
func (w *world) orderTransfer(in transferRequest) (order, error) {
	value, err := in.Amount.cents()
	if err != nil {
		return order{}, err
	}
	o := order{amount: value, terms: in.terms()}
	if in.CorrelationID != nil {
		o.correlation = *in.CorrelationID
	}
	source, bad := w.payer(in.Links.Source.Href)
	if bad != nil {
		return order{}, validationError(*bad)
	}
	destination, bad := w.payee(in.Links.Destination.Href, atDestination)
	if bad != nil {
		return order{}, validationError(*bad)
	}
	o.source, o.destination = source, destination
	for _, rule := range []func(*order) *problem{w.checkRoute, w.checkChannel, w.checkLimit, checkMetadata, checkFunds} {
		if bad := rule(&o); bad != nil {
			return order{}, validationError(*bad)
		}
	}
	if o.fees, bad = w.orderFees(&o, in.Fees); bad != nil {
		return order{}, validationError(*bad)
	}
	return o, nil
}

func (r transferRequest) terms() terms {
	out := terms{metadata: r.Metadata, clearing: r.Clearing, achDetails: r.ACH, channel: r.Channel.Destination}
	out.remittance = r.Instant.Destination.RemittanceData
	if out.remittance == "" {
		out.remittance = r.RTP.Destination.RemittanceData
	}
	return out
}

// payer finds a funding source that may be debited.
func (w *world) payer(href string) (*fundingSource, *problem) {
	f := w.sourceByID[idIn(href, "funding-sources")]
	var bad problem
	switch {
	case f == nil:
		bad = invalid(atSource, "Sender not found.")
	case f.removed || f.kind == virtual || f.status != verified:
		bad = invalid(atSource, "Invalid funding source.")
	case f.kind == card:
		bad = notAllowed(atSource, "A card cannot be debited.")
	case f.owner.blocked() || f.owner.customer != nil && !w.maySend(f.owner.customer):
		bad = restricted(atSource, "Sender restricted.")
	default:
		return f, nil
	}
	return nil, &bad
}

// payee finds a funding source that may be credited. A Customer or the account stands for its balance, or its bank.
func (w *world) payee(href, at string) (*fundingSource, *problem) {
	f := w.sourceByID[idIn(href, "funding-sources")]
	if party := w.party(href); party != nil {
		if f = party.receiver(); f == nil {
			return nil, &problem{code: "RequiresFundingSource", message: "Receiver requires funding source.", path: at}
		}
	}
	var bad problem
	switch {
	case f == nil:
		bad = invalid(at, "Receiver not found.")
	case f.owner.blocked():
		bad = restricted(at, "Receiver restricted.")
	case f.removed:
		bad = problem{code: "RequiresFundingSource", message: "Receiver requires funding source.", path: at}
	case f.kind == virtual:
		bad = invalid(at, "Invalid funding source.")
	default:
		return f, nil
	}
	return nil, &bad
}

// receiver is where the owner is paid when no funding source is named.
func (o *owner) receiver() *fundingSource {
	if o.balance != nil {
		return o.balance
	}
	for _, f := range o.sources {
		if f.kind == bank && !f.removed {
			return f
		}
	}
	return nil
}

// checkRoute refuses what the network cannot do: at least one party has a balance that is in between.
func (w *world) checkRoute(o *order) *problem {
	var bad problem
	from, to := o.source, o.destination
	switch {
	case from == to:
		bad = invalid(atDestination, "Source and destination are the same.")
	case to.kind == card && from.usage == "":
		bad = notAllowed(atSource, "Cards are paid from a settlement account of the card network.")
	case to.kind == card:
		return nil
	case from.owner.balance == nil && to.owner.balance == nil:
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

func (w *world) checkChannel(o *order) *problem {
	var bad problem
	switch {
	case o.terms.channel == "":
		return nil
	case o.source.kind != balance:
		bad = notAllowed(atDestination, "Instant payments are made from a balance.")
	case !slices.Contains(o.destination.channels, instantChannel):
		bad = notAllowed("/processingChannel/destination", "The destination cannot be reached by this channel.")
	case o.source.owner == o.destination.owner && o.source.owner.customer != nil:
		bad = notAllowed("", "A Customer cannot withdraw its own balance instantly.")
	default:
		return nil
	}
	return &bad
}

func (w *world) checkLimit(o *order) *problem {
	k := o.source.owner.customer
	if k == nil {
		return nil
	}
	limit, sent := verifiedLimit, cents(0)
	if k.kind == unverified {
		limit, sent = unverifiedLimit, w.sentThisWeek(k)
	}
	if o.amount+sent <= limit {
		return nil
	}
	bad := invalid(atAmount, fmt.Sprintf("The limit of the Customer is %s.", limit))
	return &bad
}

// sentThisWeek adds up what an unverified Customer has sent since Monday.
func (w *world) sentThisWeek(k *customer) cents {
	day := w.now.UTC()
	back := (int(day.Weekday()) + 6) % 7
	monday := day.AddDate(0, 0, -back).Truncate(24 * 60 * 60 * 1e9)
	var sum cents
	for _, t := range k.transfers.all {
		if t.from == &k.owner && !t.created.Before(monday) && (t.status == pending || t.status == processed) {
			sum += t.amount
		}
	}
	return sum
}

func checkMetadata(o *order) *problem {
	if o.source.kind != balance || len(o.terms.metadata) == 0 {
		return nil
	}
	bad := invalid("/metadata", "Metadata is not allowed when a balance pays.")
	return &bad
}

func checkFunds(o *order) *problem {
	if !o.source.holdsMoney() || o.source.spendable() >= o.amount {
		return nil
	}
	bad := problem{code: "InsufficientFunds", message: "Insufficient funds.", path: atSource}
	return &bad
}

// orderFees holds the facilitator fees against their rules: a single party of the transfer pays them, and together
// they are at most half of the amount.
func (w *world) orderFees(o *order, requests []feeRequest) ([]feeOrder, *problem) {
	var (
		out []feeOrder
		sum cents
		bad problem
	)
	for _, r := range requests {
		value, err := r.Amount.cents()
		party := w.party(r.Links.ChargeTo.Href)
		switch {
		case err != nil || value <= 0:
			bad = invalid(atFee, "Invalid fee amount.")
		case party == nil || party != o.source.owner && party != o.destination.owner:
			bad = invalid(atFee, "The fee must be charged to a party of the transfer.")
		case len(out) > 0 && out[0].party != party:
			bad = invalid(atFee, "All fees must be charged to the same party.")
		case o.source.kind == balance && o.source.owner == o.destination.owner:
			bad = invalid("", "No fee can be charged on a withdrawal.")
		default:
			sum += value
			out = append(out, feeOrder{party: party, amount: value})
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
