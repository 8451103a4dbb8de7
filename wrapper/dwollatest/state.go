package dwollatest

import (
	"strings"
	"time"
)

// A state is the state of Dwolla. Its methods run under the lock of the server.
type state struct {
	config
	ids    idSource
	now    time.Time
	timers timers
	quirks Quirks

	hosts     []string // by which it is called, beside that of the sandbox
	listening string   // the host of its listener, if any

	account *account

	customers    list[customer]
	customerByID map[string]*customer
	byEmail      map[string]*customer
	byReference  map[string]*customer // customers by correlation id

	sourceByID   map[string]*fundingSource
	transferByID map[string]*transfer
	unsettled    []*transfer // legs at a bank, oldest first
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
	documentByID        map[string]*reviewedDocument

	partners       []*exchangePartner
	exchangeByID   map[string]*exchange
	sessionByID    map[string]*exchangeSession
	usedTokens     map[string]bool // by partner and token
	authorizations map[string]*fundingSource

	labelByID        map[string]*label
	entryByID        map[string]*ledgerEntry
	reallocationByID map[string]*reallocation

	deposits []*microDeposits // not settled yet
	paid     []payment
}

func newState(cfg config, now time.Time) *state {
	st := &state{
		config: cfg,
		ids:    idSource{seed: cfg.seed},
		now:    now,

		kbaByID:             make(map[string]*kbaSession),
		beneficialOwnerByID: make(map[string]*beneficialOwner),
		documentByID:        make(map[string]*reviewedDocument),
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
	st.addClassifications()
	st.addPartners()
	return st
}

// called notes the base URL of the request that is carried out next.
func (st *state) called(base string) {
	_, host, _ := strings.Cut(base, "://")
	st.hosts = append(st.hosts[:0], host)
	if st.listening != "" {
		st.hosts = append(st.hosts, st.listening)
	}
}

// after runs something in d from now.
func (st *state) after(d time.Duration, run func()) { st.timers.add(st.now.Add(d), run) }

// catchUp runs the timers that are due.
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

// step runs the next timer at its time.
func (st *state) step() {
	next := st.timers.pop()
	if next.at.After(st.now) {
		st.now = next.at
	}
	next.run()
}
