package dwollatest

import "time"

// world is the state of Dwolla. Its methods run under the lock of the server.
type world struct {
	config
	ids    idSource
	now    time.Time
	agenda agenda

	account *account

	customers    list[customer]
	customerByID map[string]*customer
	byEmail      map[string]*customer
	byReference  map[string]*customer // customers by correlation id

	sourceByID   map[string]*fundingSource
	transferByID map[string]*transfer
	unsettled    []*transfer // bank legs in the order in which they were handed to the bank
	paymentByID  map[string]*massPayment
	itemByID     map[string]*massPaymentItem

	events    list[event]
	eventByID map[string]*event

	subscriptions []*subscription
	webhookByID   map[string]*webhook
	outbox        []delivery

	classifications []*classification
	kbaByID         map[string]*kbaSession
	ownersByID      map[string]*beneficialOwner
	documentByID    map[string]*review

	partners       []*exchangePartner
	exchangeByID   map[string]*exchange
	sessionByID    map[string]*exchangeSession
	usedTokens     map[string]bool // by partner and token
	authorizations map[string]*fundingSource

	labelByID        map[string]*label
	entryByID        map[string]*ledgerEntry
	reallocationByID map[string]*reallocation

	deposits []*microDeposits // on their way
	paid     []payment
}

func newWorld(cfg config, now time.Time) *world {
	w := &world{
		config: cfg,
		ids:    idSource{seed: cfg.seed},
		now:    now,

		kbaByID:          make(map[string]*kbaSession),
		ownersByID:       make(map[string]*beneficialOwner),
		documentByID:     make(map[string]*review),
		exchangeByID:     make(map[string]*exchange),
		sessionByID:      make(map[string]*exchangeSession),
		usedTokens:       make(map[string]bool),
		authorizations:   make(map[string]*fundingSource),
		labelByID:        make(map[string]*label),
		entryByID:        make(map[string]*ledgerEntry),
		reallocationByID: make(map[string]*reallocation),

		customerByID: make(map[string]*customer),
		byEmail:      make(map[string]*customer),
		byReference:  make(map[string]*customer),
		sourceByID:   make(map[string]*fundingSource),
		transferByID: make(map[string]*transfer),
		paymentByID:  make(map[string]*massPayment),
		itemByID:     make(map[string]*massPaymentItem),
		eventByID:    make(map[string]*event),
		webhookByID:  make(map[string]*webhook),
	}
	w.openAccount()
	w.classify()
	w.findPartners()
	return w
}

// after plans run for d from now.
func (w *world) after(d time.Duration, run func()) { w.agenda.add(w.now.Add(d), run) }

// catchUp lets everything happen that was planned until now.
func (w *world) catchUp(now time.Time) {
	for {
		at, planned := w.agenda.next()
		if !planned || at.After(now) {
			break
		}
		w.step()
	}
	if now.After(w.now) {
		w.now = now
	}
}

// step lets the next planned thing happen at its moment.
func (w *world) step() {
	next := w.agenda.pop()
	if next.at.After(w.now) {
		w.now = next.at
	}
	next.run()
}
