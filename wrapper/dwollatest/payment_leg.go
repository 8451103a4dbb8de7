package dwollatest

// maxSettled is how many bank transfers and micro-deposits one simulation processes.
const maxSettled = 500

// hop is one leg of a payment before it exists.
type hop struct{ from, to *fundingSource }

// route splits a payment into legs. Money to or from the own bank of an owner who has a balance goes through that
// balance, so that a payment between banks has two or three legs.
func route(from, to *fundingSource) []hop {
	stops := []*fundingSource{from}
	if from.kind == bank && from.owner.balance != nil && to != from.owner.balance && to.kind != card {
		stops = append(stops, from.owner.balance)
	}
	if own := to.owner.balance; to.kind == bank && own != nil && stops[len(stops)-1] != own {
		stops = append(stops, own)
	}
	stops = append(stops, to)
	hops := make([]hop, 0, len(stops)-1)
	for i := range len(stops) - 1 {
		hops = append(hops, hop{stops[i], stops[i+1]})
	}
	return hops
}

// mainLeg is the leg that moves money from one owner to another; a payment to oneself has only its own.
func mainLeg(hops []hop) int {
	for i, h := range hops {
		if h.from.owner != h.to.owner {
			return i
		}
	}
	return 0
}

// pay carries out an order and returns its main leg, which has the id that the caller gets. The legs up to it exist
// at once, the others when the money arrives.
func (w *world) pay(o order) *transfer {
	hops := route(o.source, o.destination)
	if o.funding != nil {
		hops = hops[1:] // the debit exists already, for all items together
	}
	index := mainLeg(hops)
	previous := o.funding
	for _, h := range hops[:index] {
		previous = w.open(h, o.amount, previous, func(*transfer) {})
	}
	main := w.open(hops[index], o.amount, previous, func(t *transfer) {
		t.terms, t.correlation, t.fees = o.terms, o.correlation, o.fees
		t.shownFrom, t.shownTo = o.source, o.destination
		t.rest = hops[index+1:]
	})
	first := main
	for first.funding != o.funding {
		first = first.funding
	}
	if o.funding == nil || o.funding.status == processed {
		w.start(first)
	}
	return main
}

// open brings a leg into being. Its money stays where it is.
func (w *world) open(h hop, value cents, funding *transfer, describe func(*transfer)) *transfer {
	t := &transfer{
		id:        w.ids.uuid(),
		status:    pending,
		amount:    value,
		created:   w.now,
		seller:    h.from,
		buyer:     h.to,
		from:      h.from.owner,
		to:        h.to.owner,
		shownFrom: h.from,
		shownTo:   h.to,
		funding:   funding,
	}
	describe(t)
	if funding != nil {
		funding.funds = append(funding.funds, t)
	}
	w.enter(t)
	w.announce(t, "created")
	return t
}

// enter makes the transfer found.
func (w *world) enter(t *transfer) {
	w.transferByID[t.id] = t
	t.to.transfers.add(t)
	if t.from != nil && t.from != t.to {
		t.from.transfers.add(t)
	}
}

// announce raises the events of a change: one for each party, and that of a bank transfer for a leg between the own
// bank and the own balance of an owner.
func (w *world) announce(t *transfer, what string) {
	if t.from == t.to {
		w.tell(t, t.to, "bank_transfer_"+what)
		return
	}
	if t.from != nil {
		w.tell(t, t.from, "transfer_"+what)
	}
	w.tell(t, t.to, "transfer_"+what)
}

func (w *world) tell(t *transfer, party *owner, what string) {
	n := party.about(what, t.path(), t.id)
	n.correlation = t.correlation
	w.raise(n)
}

// move puts the transfer into a state.
func (w *world) move(t *transfer, status string) {
	t.status = status
	t.to.transfers.changed()
	if t.from != nil {
		t.from.transfers.changed()
	}
}

// start sends the money of a leg on its way. What touches no bank, or goes over an instant network, is there at once.
func (w *world) start(t *transfer) {
	t.started = true
	if t.seller.holdsMoney() {
		w.debit(t.seller, t.amount)
	}
	if !t.atBank() || t.terms.channel != "" || t.buyer.kind == card {
		w.complete(t)
		return
	}
	w.unsettled = append(w.unsettled, t)
}

// atBank reports whether a bank takes part in the leg.
func (t *transfer) atBank() bool {
	return t.seller != nil && t.seller.kind != balance || t.buyer.kind == bank || t.buyer.kind == card
}

// complete delivers the money of a leg and starts the legs after it.
func (w *world) complete(t *transfer) {
	w.move(t, processed)
	if t.buyer.kind == balance {
		w.credit(t.buyer, t.amount)
	}
	w.announce(t, "completed")
	w.chargeFees(t)
	for _, waiting := range t.funds {
		if waiting.status == pending {
			w.start(waiting)
		}
	}
	if len(t.rest) > 0 {
		next := w.open(t.rest[0], t.amount, t, func(n *transfer) { n.rest = t.rest[1:] })
		w.start(next)
	}
}

// chargeFees makes the facilitator fees, which go to the account. A party without a balance pays by its bank.
func (w *world) chargeFees(t *transfer) {
	for _, f := range t.fees {
		fee := &transfer{
			id: w.ids.uuid(), status: processed, amount: f.amount, created: w.now, feeOf: t,
			seller: f.party.receiver(), buyer: w.account.balance, from: f.party, to: &w.account.owner, started: true,
		}
		if f.party.balance != nil {
			w.debit(f.party.balance, f.amount)
		}
		w.credit(w.account.balance, f.amount)
		t.charged = append(t.charged, fee)
		w.enter(fee)
		w.announce(fee, "created")
		w.announce(fee, "completed")
	}
	t.fees = nil
}

// settleBanks processes what is at the banks, the latest first to be picked, and returns how many there were. What
// begins only now waits for the next call: a payment between banks takes two.
func (w *world) settleBanks() int {
	var waiting []*transfer
	for _, t := range w.unsettled {
		if t.status == pending || t.late != nil {
			waiting = append(waiting, t)
		}
	}
	first := max(0, len(waiting)-maxSettled)
	w.unsettled = waiting[:first:first]
	for _, t := range waiting[first:] {
		w.settle(t)
	}
	count := len(waiting) - first
	for _, m := range w.deposits {
		w.settleDeposits(m)
	}
	count += len(w.deposits)
	w.deposits = nil
	return count
}

// settle lets the bank act on one leg: it delivers it, returns it, or returns it although it was delivered.
func (w *world) settle(t *transfer) {
	if t.late != nil {
		w.takeBack(t)
		return
	}
	if t.status != pending {
		return // cancelled or failed together with another one of this run
	}
	faulty, code, late := t.outcome()
	if code == nil {
		w.complete(t)
		return
	}
	t.faulty = faulty
	if !late {
		w.fail(t, code)
		return
	}
	w.complete(t)
	t.late = code
	w.unsettled = append(w.unsettled, t)
}

// outcome reads what the names of the banks say about the leg.
func (t *transfer) outcome() (faulty *fundingSource, code *returnCode, late bool) {
	for _, f := range []*fundingSource{t.seller, t.buyer} {
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
func (w *world) fail(t *transfer, code *returnCode) {
	t.failure = code
	w.move(t, failed)
	w.refund(t)
	w.announce(t, "failed")
	for _, waiting := range t.funds {
		if waiting.status == pending {
			waiting.faulty = t.faulty
			w.fail(waiting, code)
		}
	}
	w.punish(t.faulty, code)
}

// takeBack returns a leg that was delivered; what has been done with the money since then stands, so the balance can
// become negative.
func (w *world) takeBack(t *transfer) {
	t.failure, t.late = t.late, nil
	w.move(t, failed)
	if t.buyer.kind == balance {
		w.debit(t.buyer, t.amount)
	}
	w.refund(t)
	w.announce(t, "failed")
	w.punish(t.faulty, t.failure)
}

// refund gives back what left a balance.
func (w *world) refund(t *transfer) {
	if t.started && t.seller.holdsMoney() {
		w.credit(t.seller, t.amount)
	}
}

// cancellable reports whether the caller can still stop the leg: until a bank has it, which here is the next
// simulation.
func (t *transfer) cancellable() bool {
	return t.status == pending && t.feeOf == nil
}

// cancel stops a leg, those that wait for it, and the debit that was made for it alone.
func (w *world) cancel(t *transfer) {
	w.move(t, cancelled)
	w.refund(t)
	w.announce(t, "cancelled")
	for _, waiting := range t.funds {
		if waiting.status == pending {
			w.cancel(waiting)
		}
	}
	if t.funding != nil && t.funding.status == pending && len(t.funding.funds) == 1 {
		w.cancel(t.funding)
	}
}

// cancelCredits stops the credits that are on their way to a funding source.
func (w *world) cancelCredits(f *fundingSource) {
	for _, t := range w.unsettled {
		if t.buyer == f && t.status == pending {
			w.cancel(t)
		}
	}
}
