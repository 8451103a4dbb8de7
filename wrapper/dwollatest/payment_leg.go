package dwollatest

// maxSettled is how many bank transfers and micro-deposits one simulation processes.
const maxSettled = 500

// hop is one leg of a payment before it exists.
type leg struct{ source, destination *fundingSource }

// route splits a payment into legs. Money to or from the own bank of an owner who has a balance goes through that
// balance, so that a payment between banks has two or three legs.
func legsOf(from, to *fundingSource) []leg {
	stops := []*fundingSource{from}
	if from.kind == bank && from.party.balance != nil && to != from.party.balance && to.kind != card {
		stops = append(stops, from.party.balance)
	}
	if own := to.party.balance; to.kind == bank && own != nil && stops[len(stops)-1] != own {
		stops = append(stops, own)
	}
	stops = append(stops, to)
	hops := make([]leg, 0, len(stops)-1)
	for i := range len(stops) - 1 {
		hops = append(hops, leg{stops[i], stops[i+1]})
	}
	return hops
}

// mainLeg is the leg that moves money from one owner to another; a payment to oneself has only its own.
func mainLeg(hops []leg) int {
	for i, l := range hops {
		if l.source.party != l.destination.party {
			return i
		}
	}
	return 0
}

// pay carries out an order and returns its main leg, which has the id that the caller gets. The legs up to it exist
// at once, the others when the money arrives.
func (st *state) pay(o order) *transfer {
	hops := legsOf(o.source, o.destination)
	if o.funding != nil {
		hops = hops[1:] // the debit exists already, for all items together
	}
	index := mainLeg(hops)
	previous := o.funding
	for _, l := range hops[:index] {
		previous = st.open(l, o.amount, previous, func(*transfer) {})
	}
	main := st.open(hops[index], o.amount, previous, func(t *transfer) {
		t.terms, t.correlation, t.fees = o.terms, o.correlation, o.fees
		t.namedSource, t.namedDestination = o.source, o.destination
		t.nextLegs = hops[index+1:]
	})
	first := main
	for first.fundedBy != o.funding {
		first = first.fundedBy
	}
	if o.funding == nil || o.funding.status == processed {
		st.start(first)
	}
	return main
}

// open brings a leg into being. Its money stays where it is.
func (st *state) open(l leg, value cents, funding *transfer, describe func(*transfer)) *transfer {
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
	st.announce(t, "created")
	return t
}

// enter makes the transfer found.
func (st *state) addTransfer(t *transfer) {
	st.transferByID[t.id] = t
	t.receiver.transfers.add(t)
	if t.sender != nil && t.sender != t.receiver {
		t.sender.transfers.add(t)
	}
}

// announce raises the events of a change: one for each party, and that of a bank transfer for a leg between the own
// bank and the own balance of an owner.
func (st *state) announce(t *transfer, what string) {
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
	n.correlation = t.correlation
	st.emit(n)
}

// move puts the transfer into a state.
func (st *state) setStatus(t *transfer, status string) {
	t.status = status
	t.receiver.transfers.changed()
	if t.sender != nil {
		t.sender.transfers.changed()
	}
}

// start sends the money of a leg on its way. What touches no bank, or goes over an instant network, is there at once.
func (st *state) start(t *transfer) {
	t.started = true
	if t.source.holdsMoney() {
		st.debit(t.source, t.amount)
	}
	if !t.atBank() || t.terms.channel != "" || t.destination.kind == card {
		st.complete(t)
		return
	}
	st.unsettled = append(st.unsettled, t)
}

// atBank reports whether a bank takes part in the leg.
func (t *transfer) atBank() bool {
	return t.source != nil && t.source.kind != balance || t.destination.kind == bank || t.destination.kind == card
}

// complete delivers the money of a leg and starts the legs after it.
func (st *state) complete(t *transfer) {
	st.setStatus(t, processed)
	if t.destination.kind == balance {
		st.credit(t.destination, t.amount)
	}
	st.announce(t, "completed")
	st.chargeFees(t)
	for _, waiting := range t.fundedLegs {
		if waiting.status == pending {
			st.start(waiting)
		}
	}
	if len(t.nextLegs) > 0 {
		next := st.open(t.nextLegs[0], t.amount, t, func(n *transfer) { n.nextLegs = t.nextLegs[1:] })
		st.start(next)
	}
}

// chargeFees makes the facilitator fees, which go to the account. A party without a balance pays by its bank.
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
		st.announce(fee, "created")
		st.announce(fee, "completed")
	}
	t.fees = nil
}

// settleBanks processes what is at the banks, the latest first to be picked, and returns how many there were. What
// begins only now waits for the next call: a payment between banks takes two.
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
		st.settle(t)
	}
	count := len(waiting) - first
	for _, m := range st.deposits {
		st.settleDeposits(m)
	}
	count += len(st.deposits)
	st.deposits = nil
	return count
}

// settle lets the bank act on one leg: it delivers it, returns it, or returns it although it was delivered.
func (st *state) settle(t *transfer) {
	if t.lateFailure != nil {
		st.takeBack(t)
		return
	}
	if t.status != pending {
		return // cancelled or failed together with another one of this run
	}
	faulty, code, late := t.outcome()
	if code == nil {
		st.complete(t)
		return
	}
	t.failedSource = faulty
	if !late {
		st.fail(t, code)
		return
	}
	st.complete(t)
	t.lateFailure = code
	st.unsettled = append(st.unsettled, t)
}

// outcome reads what the names of the banks say about the leg.
func (t *transfer) outcome() (faulty *fundingSource, code *returnCode, late bool) {
	for _, f := range []*fundingSource{t.source, t.destination} {
		if f.kind != bank {
			continue
		}
		if code, late := failureByName(f.name); code != nil {
			return f, code, late
		}
	}
	return nil, nil, false
}

// fail returns a leg that has not been delivered; the legs that wait for its money fail with it.
func (st *state) fail(t *transfer, code *returnCode) {
	t.failure = code
	st.setStatus(t, failed)
	st.refund(t)
	st.announce(t, "failed")
	for _, waiting := range t.fundedLegs {
		if waiting.status == pending {
			waiting.failedSource = t.failedSource
			st.fail(waiting, code)
		}
	}
	st.applyReturn(t.failedSource, code)
}

// takeBack returns a leg that was delivered; what has been done with the money since then stands, so the balance can
// become negative.
func (st *state) takeBack(t *transfer) {
	t.failure, t.lateFailure = t.lateFailure, nil
	st.setStatus(t, failed)
	if t.destination.kind == balance {
		st.debit(t.destination, t.amount)
	}
	st.refund(t)
	st.announce(t, "failed")
	st.applyReturn(t.failedSource, t.failure)
}

// refund gives back what left a balance.
func (st *state) refund(t *transfer) {
	if t.started && t.source.holdsMoney() {
		st.credit(t.source, t.amount)
	}
}

// cancellable reports whether the caller can still stop the leg: until a bank has it, which here is the next
// simulation.
func (t *transfer) cancellable() bool {
	return t.status == pending && t.feeOf == nil
}

// cancel stops a leg, those that wait for it, and the debit that was made for it alone.
func (st *state) cancel(t *transfer) {
	st.setStatus(t, cancelled)
	st.refund(t)
	st.announce(t, "cancelled")
	for _, waiting := range t.fundedLegs {
		if waiting.status == pending {
			st.cancel(waiting)
		}
	}
	if t.fundedBy != nil && t.fundedBy.status == pending && len(t.fundedBy.fundedLegs) == 1 {
		st.cancel(t.fundedBy)
	}
}

// cancelCredits stops the credits that are on their way to a funding source.
func (st *state) cancelCredits(f *fundingSource) {
	for _, t := range st.unsettled {
		if t.destination == f && t.status == pending {
			st.cancel(t)
		}
	}
}
