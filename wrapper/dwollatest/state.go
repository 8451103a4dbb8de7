package dwollatest

import "time"

// world is the state of Dwolla. Its methods run under the lock of the server.
type state struct {
	config
	ids    idSource
	now    time.Time
	timers timers

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

	classifications     []*classification
	kbaByID             map[string]*kbaSession
	beneficialOwnerByID map[string]*beneficialOwner
	documentByID        map[string]*review

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

func newState(cfg config, now time.Time) *state {
	st := &state{
		config: cfg,
		ids:    idSource{seed: cfg.seed},
		now:    now,

		kbaByID:             make(map[string]*kbaSession),
		beneficialOwnerByID: make(map[string]*beneficialOwner),
		documentByID:        make(map[string]*review),
		exchangeByID:        make(map[string]*exchange),
		sessionByID:         make(map[string]*exchangeSession),
		usedTokens:          make(map[string]bool),
		authorizations:      make(map[string]*fundingSource),
		labelByID:           make(map[string]*label),
		entryByID:           make(map[string]*ledgerEntry),
		reallocationByID:    make(map[string]*reallocation),

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
	st.openAccount()
	st.classify()
	st.findPartners()
	return st
}

// after plans run for d from now.
func (st *state) after(d time.Duration, run func()) { st.timers.add(st.now.Add(d), run) }

// catchUp lets everything happen that was planned until now.
func (st *state) catchUp(now time.Time) {
	for {
		at, planned := st.timers.next()
		if !planned || at.After(now) {
			break
		}
		st.step()
	}
	if now.After(st.now) {
		st.now = now
	}
}

// step lets the next planned thing happen at its moment.
func (st *state) step() {
	next := st.timers.pop()
	if next.at.After(st.now) {
		st.now = next.at
	}
	next.run()
}
