package dwollatest

import "slices"

// maxSettled is how many bank transfers and micro-deposits one simulation processes.
const maxSettled = 500

// A leg is one step of a payment, before its transfer exists.
type leg struct{ source, destination *fundingSource }

// legsOf splits a payment into legs. Money to or from the bank of a party with a balance goes through that balance, so
// that a payment between banks has two or three legs.
func legsOf(from, to *fundingSource) []leg {
	stops := []*fundingSource{from}
	if from.kind == bank && from.party.balance != nil && to != from.party.balance && to.kind != card {
		stops = append(stops, from.party.balance)
	}
	if own := to.party.balance; to.kind == bank && own != nil && stops[len(stops)-1] != own {
		stops = append(stops, own)
	}
	stops = append(stops, to)
	legs := make([]leg, 0, len(stops)-1)
	for i := range len(stops) - 1 {
		legs = append(legs, leg{stops[i], stops[i+1]})
	}
	return legs
}

// mainLeg is the index of the leg that moves money from one party to another, or else of the first.
func mainLeg(legs []leg) int {
	for i, l := range legs {
		if l.source.party != l.destination.party {
			return i
		}
	}
	return 0
}

// pay carries out an order and returns its main leg, whose id the caller gets. The legs up to it are created at once,
// the others when the money arrives.
func (st *state) pay(o order) *transfer {
	legs := legsOf(o.source, o.destination)
	if o.funding != nil {
		legs = legs[1:] // the debit exists already, for all items together
	}
	index := mainLeg(legs)
	previous := o.funding
	for _, l := range legs[:index] {
		previous = st.openLeg(l, o.amount, previous, func(*transfer) {})
	}
	main := st.openLeg(legs[index], o.amount, previous, func(t *transfer) {
		t.terms, t.remittance, t.fees = o.terms, o.remittance, o.fees
		t.namedSource, t.namedDestination = o.source, o.destination
		t.nextLegs = legs[index+1:]
	})
	first := main
	for first.fundedBy != o.funding {
		first = first.fundedBy
	}
	if o.funding == nil || o.funding.status == processed {
		st.startLeg(first)
	}
	return main
}

// openLeg creates the transfer of a leg without moving money.
func (st *state) openLeg(l leg, value cents, funding *transfer, describe func(*transfer)) *transfer {
	t := &transfer{
		id:               st.ids.uuid(),
		status:           pending,
		amount:           value,
		created:          st.now,
		source:           l.source,
		destination:      l.destination,
		sender:           l.source.party,
		receiver:         l.destination.party,
		namedSource:      l.source,
		namedDestination: l.destination,
		fundedBy:         funding,
	}
	describe(t)
	if funding != nil {
		funding.fundedLegs = append(funding.fundedLegs, t)
	}
	st.addTransfer(t)
	st.announceTransfer(t, "created")
	return t
}

// addTransfer adds a transfer to the state.
func (st *state) addTransfer(t *transfer) {
	st.transferByID[t.id] = t
	t.receiver.transfers.add(t)
	if t.sender != nil && t.sender != t.receiver {
		t.sender.transfers.add(t)
	}
}

// announceTransfer emits the events of a change: one for each party, and that of a bank transfer for a leg between the
// bank and the balance of one party.
func (st *state) announceTransfer(t *transfer, what string) {
	if t.sender == t.receiver {
		st.announceTo(t, t.receiver, "bank_transfer_"+what)
		return
	}
	if t.sender != nil {
		st.announceTo(t, t.sender, "transfer_"+what)
	}
	st.announceTo(t, t.receiver, "transfer_"+what)
}

func (st *state) announceTo(t *transfer, p *party, what string) {
	n := p.event(what, t.path(), t.id)
	n.correlation = t.CorrelationID
	st.emit(n)
}

// setStatus sets the state of a transfer.
func (st *state) setStatus(t *transfer, status string) {
	t.status = status
	t.receiver.transfers.changed()
	if t.sender != nil {
		t.sender.transfers.changed()
	}
}

// startLeg takes the money of a leg from its source. Without a bank, or over an instant network, it arrives at once.
func (st *state) startLeg(t *transfer) {
	t.started = true
	if t.source.holdsMoney() {
		st.debit(t.source, t.amount)
	}
	if !t.atBank() || t.Channel.Destination != "" || t.destination.kind == card {
		st.completeLeg(t)
		return
	}
	st.unsettled = append(st.unsettled, t)
}

// atBank reports whether a bank takes part in the leg.
func (t *transfer) atBank() bool {
	return t.source != nil && t.source.kind != balance || t.destination.kind == bank || t.destination.kind == card
}

// completeLeg gives the money of a leg to its destination and starts the legs after it.
func (st *state) completeLeg(t *transfer) {
	st.setStatus(t, processed)
	if t.destination.kind == balance {
		st.credit(t.destination, t.amount)
	}
	st.announceTransfer(t, "completed")
	st.chargeFees(t)
	for _, waiting := range t.fundedLegs {
		if waiting.status == pending {
			st.startLeg(waiting)
		}
	}
	if len(t.nextLegs) > 0 {
		next := st.openLeg(t.nextLegs[0], t.amount, t, func(n *transfer) { n.nextLegs = t.nextLegs[1:] })
		st.startLeg(next)
	}
}

// chargeFees charges the facilitator fees, which go to the account. A party without a balance pays by its bank.
func (st *state) chargeFees(t *transfer) {
	for _, f := range t.fees {
		fee := &transfer{
			id: st.ids.uuid(), status: processed, amount: f.amount, created: st.now, feeOf: t,
			source: f.party.defaultDestination(), destination: st.account.balance, sender: f.party, receiver: &st.account.party, started: true,
		}
		if f.party.balance != nil {
			st.debit(f.party.balance, f.amount)
		}
		st.credit(st.account.balance, f.amount)
		t.charged = append(t.charged, fee)
		st.addTransfer(fee)
		st.announceTransfer(fee, "created")
		st.announceTransfer(fee, "completed")
	}
	t.fees = nil
}

// settleBanks processes the latest of the legs that are at the banks and returns how many there were. A leg that starts
// meanwhile waits for the next call: a payment between banks takes two.
func (st *state) settleBanks() int {
	var waiting []*transfer
	for _, t := range st.unsettled {
		if t.status == pending || t.lateFailure != nil {
			waiting = append(waiting, t)
		}
	}
	first := max(0, len(waiting)-maxSettled)
	st.unsettled = waiting[:first:first]
	for _, t := range waiting[first:] {
		st.settleLeg(t)
	}
	count := len(waiting) - first
	count += len(st.deposits)
	st.deposits = slices.DeleteFunc(st.deposits, func(m *microDeposits) bool { return !st.settleDeposits(m) })
	return count
}

// settleLeg completes a leg, returns it, or returns it after it was completed.
func (st *state) settleLeg(t *transfer) {
	if t.lateFailure != nil {
		st.returnLeg(t)
		return
	}
	if t.status != pending {
		return // cancelled or failed together with another one of this run
	}
	faulty, code, late := t.outcome()
	if code == nil {
		st.completeLeg(t)
		return
	}
	t.failedSource = faulty
	if !late {
		st.failLeg(t, code)
		return
	}
	st.completeLeg(t)
	t.lateFailure = code
	st.unsettled = append(st.unsettled, t)
}

// outcome is what the names of the banks say about the leg, as in the sandbox.
func (t *transfer) outcome() (faulty *fundingSource, code *returnCode, late bool) {
	for _, f := range []*fundingSource{t.source, t.destination} {
		if f.kind != bank {
			continue
		}
		if code, late := returnCodeByName(f.name); code != nil {
			return f, code, late
		}
	}
	return nil, nil, false
}

// failLeg returns a leg that was not completed; the legs that wait for its money fail too.
func (st *state) failLeg(t *transfer, code *returnCode) {
	t.failure = code
	st.setStatus(t, failed)
	st.refundLeg(t)
	st.announceTransfer(t, "failed")
	for _, waiting := range t.fundedLegs {
		if waiting.status == pending {
			waiting.failedSource = t.failedSource
			st.failLeg(waiting, code)
		}
	}
	st.applyReturn(t.failedSource, code)
}

// returnLeg returns a leg that was completed. The money may have been spent since then, so the balance can become
// negative.
func (st *state) returnLeg(t *transfer) {
	t.failure, t.lateFailure = t.lateFailure, nil
	st.setStatus(t, failed)
	if t.destination.kind == balance {
		st.debit(t.destination, t.amount)
	}
	st.refundLeg(t)
	st.announceTransfer(t, "failed")
	st.applyReturn(t.failedSource, t.failure)
}

// refundLeg gives the money of a leg back to its source.
func (st *state) refundLeg(t *transfer) {
	if t.started && t.source.holdsMoney() {
		st.credit(t.source, t.amount)
	}
}

// cancellable reports whether the leg can still be cancelled: until the bank processes it, here in the next simulation.
func (t *transfer) cancellable() bool {
	return t.status == pending && t.feeOf == nil
}

// cancelLeg cancels a leg, those that wait for it, and the debit that was made for it alone.
func (st *state) cancelLeg(t *transfer) {
	st.setStatus(t, cancelled)
	st.refundLeg(t)
	st.announceTransfer(t, "cancelled")
	for _, waiting := range t.fundedLegs {
		if waiting.status == pending {
			st.cancelLeg(waiting)
		}
	}
	if t.fundedBy != nil && t.fundedBy.status == pending && len(t.fundedBy.fundedLegs) == 1 {
		st.cancelLeg(t.fundedBy)
	}
}

// cancelCredits cancels the pending credits to a funding source.
func (st *state) cancelCredits(f *fundingSource) {
	for _, t := range st.unsettled {
		if t.destination == f && t.status == pending {
			st.cancelLeg(t)
		}
	}
}
