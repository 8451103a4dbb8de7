package payout

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"sync"
	"time"

	dwolla "github.com/dwolla-go/dwolla-go/wrapper"
	"github.com/dwolla-go/dwolla-go/wrapper/internal/idempotency"
)

// A fakeDwolla is the server of the simulator, and knows what was really paid.
type fakeDwolla struct {
	mu       sync.Mutex
	payments []*fakePayment
	keys     idempotency.Keys[string] // their answers are URLs
	reject   map[int]bool             // lines that fail with InsufficientFunds
	visible  time.Duration            // the age from which a mass payment is found
	itemTime time.Duration
	outcome  func(n int) outcome // of the nth request that creates something
	creates  int
	changed  []string // keys that were used with other bytes
}

type fakePayment struct {
	payment dwolla.MassPayment
	items   []dwolla.MassPaymentItem
	created time.Time
	started time.Time // when it began to run
}

// An outcome is what the server does with a request that creates something.
type outcome int

const (
	succeeds          outcome = iota
	refuses                   // 400, nothing was done
	commitsAndDrops           // done, and the answer is lost
	dropsBefore               // not done, and no answer
	failsAndLocks             // 500, not done, and 409 for a day
	commitsAndLocks           // 500, done, and 409 for a day
	limits                    // 429
	outcomes          = limits + 1
	exhaustedOutcomes = commitsAndLocks // the five of the exhaustive run come before it
)

func newFakeDwolla() *fakeDwolla {
	return &fakeDwolla{reject: map[int]bool{}, outcome: func(int) outcome { return succeeds }}
}

func simError(o dwolla.Outcome, status int, code string) *dwolla.Error {
	return &dwolla.Error{Op: "Sim", Outcome: o, StatusCode: status, Code: dwolla.Code(code)}
}

func unknownOutcome(status int) error {
	return &dwolla.OutcomeUnknownError{Err: simError(dwolla.OutcomeUnknown, status, "ServerError")}
}

func (b *fakeDwolla) create(key string, body *dwolla.CreateMassPayment) (string, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	sum, err := bodySum(body)
	if err != nil {
		return "", err
	}
	verdict, k := b.keys.Begin(time.Now(), key, sum)
	switch verdict {
	case idempotency.Replay:
		return k.Answer(), nil
	case idempotency.Mismatch:
		b.changed = append(b.changed, key)
		return "", unknownOutcome(409)
	case idempotency.Conflict:
		return "", unknownOutcome(409)
	case idempotency.Run:
	}
	defer k.End()
	b.creates++
	switch b.outcome(b.creates) {
	case refuses:
		return "", simError(dwolla.OutcomeRejected, 400, "ValidationError")
	case dropsBefore:
		return "", unknownOutcome(0)
	case limits:
		return "", &dwolla.Error{Outcome: dwolla.OutcomeRateLimited, StatusCode: 429, RetryAfter: 30 * time.Second}
	case failsAndLocks:
		k.Lock()
		return "", unknownOutcome(500)
	case commitsAndLocks:
		k.Lock()
		k.Keep(b.commit(body))
		return "", unknownOutcome(500)
	case commitsAndDrops:
		k.Keep(b.commit(body))
		return "", unknownOutcome(0)
	default:
		k.Keep(b.commit(body))
		return k.Answer(), nil
	}
}

func (b *fakeDwolla) commit(body *dwolla.CreateMassPayment) string {
	id := fmt.Sprintf("%08d-0000-4000-8000-000000000000", len(b.payments)+1)
	href := "https://api.dwolla.com/mass-payments/" + id
	p := &fakePayment{created: time.Now(), started: time.Now(), payment: dwolla.MassPayment{
		ID: id, CorrelationID: body.CorrelationID, Metadata: body.Metadata, Status: dwolla.MassPaymentStatusPending,
	}}
	p.payment.Links.Self = dwolla.LinkTo[dwolla.MassPayment](href)
	p.payment.Links.Source = body.Links.Source
	if body.Status == dwolla.CreateMassPaymentStatusDeferred {
		p.payment.Status = dwolla.MassPaymentStatusDeferred
	}
	for i := range body.Items {
		item := dwolla.MassPaymentItem{
			ID: fmt.Sprintf("%s-%d", id, i), Amount: body.Items[i].Amount, Metadata: body.Items[i].Metadata,
			CorrelationID: body.Items[i].CorrelationID, Status: dwolla.MassPaymentItemStatusPending,
		}
		item.Links.Destination = body.Items[i].Links.Destination
		p.items = append(p.items, item)
	}
	b.payments = append(b.payments, p)
	return href
}

// addUnrelated adds a mass payment of somebody else with the same correlation id.
func (b *fakeDwolla) addUnrelated(correlationID string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.commit(&dwolla.CreateMassPayment{CorrelationID: correlationID, Status: dwolla.CreateMassPaymentStatusDeferred})
}

// settle brings a mass payment to the state that it has by now.
func (b *fakeDwolla) settle(p *fakePayment) {
	s := &p.payment
	if s.Status != dwolla.MassPaymentStatusPending && s.Status != dwolla.MassPaymentStatusProcessing {
		return
	}
	s.Status = dwolla.MassPaymentStatusProcessing
	if time.Since(p.started) < b.itemTime*time.Duration(len(p.items)) {
		return
	}
	s.Status = dwolla.MassPaymentStatusComplete
	for i := range p.items {
		item := &p.items[i]
		if b.reject[lineOf(item)] {
			item.Status = dwolla.MassPaymentItemStatusFailed
			item.Embedded.Errors = []dwolla.FieldError{{Code: "InsufficientFunds", Message: "not enough", Path: "/items/amount"}}
			continue
		}
		item.Status = dwolla.MassPaymentItemStatusSuccess
		item.Links.Transfer = dwolla.LinkTo[dwolla.Transfer]("https://api.dwolla.com/transfers/t-" + item.ID)
	}
}

func lineOf(item *dwolla.MassPaymentItem) int {
	var line int
	_, _ = fmt.Sscan(item.Metadata[metadataRow], &line)
	return line
}

// ledger is how often each line of a batch was paid, deferred payments not counted.
func (b *fakeDwolla) ledger(batch string) map[int]int {
	b.mu.Lock()
	defer b.mu.Unlock()
	paid := map[int]int{}
	for _, p := range b.payments {
		b.settle(p)
		if p.payment.Metadata[metadataBatch] != batch {
			continue
		}
		for i := range p.items {
			if p.items[i].Status == dwolla.MassPaymentItemStatusSuccess {
				paid[lineOf(&p.items[i])]++
			}
		}
	}
	return paid
}

// open is how many mass payments are unfinished.
func (b *fakeDwolla) open() (n int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, p := range b.payments {
		b.settle(p)
		if p.payment.Status == dwolla.MassPaymentStatusPending || p.payment.Status == dwolla.MassPaymentStatusProcessing {
			n++
		}
	}
	return n
}

func (b *fakeDwolla) find(correlationID string, since time.Duration) []dwolla.MassPayment {
	b.mu.Lock()
	defer b.mu.Unlock()
	var found []dwolla.MassPayment
	for _, p := range b.payments {
		if p.payment.CorrelationID == correlationID && time.Since(p.created) >= since {
			b.settle(p)
			found = append(found, p.payment)
		}
	}
	return found
}

func (b *fakeDwolla) at(href string) (*fakePayment, error) {
	for _, p := range b.payments {
		if p.payment.Links.Self.Href == href {
			b.settle(p)
			return p, nil
		}
	}
	return nil, simError(dwolla.OutcomeRejected, 404, "NotFound")
}

func (b *fakeDwolla) get(href string) (*dwolla.MassPayment, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	p, err := b.at(href)
	if err != nil {
		return nil, err
	}
	m := p.payment
	return &m, nil
}

func (b *fakeDwolla) update(href string, status dwolla.UpdateMassPaymentStatus) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	p, err := b.at(href)
	if err != nil {
		return err
	}
	if p.payment.Status != dwolla.MassPaymentStatusDeferred {
		return simError(dwolla.OutcomeRejected, 400, "InvalidResourceState")
	}
	p.payment.Status, p.started = dwolla.MassPaymentStatus(status), time.Now()
	return nil
}

func (b *fakeDwolla) items(href string) ([]dwolla.MassPaymentItem, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	p, err := b.at(href)
	if err != nil {
		return nil, err
	}
	return append([]dwolla.MassPaymentItem(nil), p.items...), nil
}

// direct is a gateway to a fakeDwolla without faults of the network.
type direct struct{ *fakeDwolla }

func (d direct) Create(_ context.Context, key KeyUse, body *dwolla.CreateMassPayment) (string, error) {
	return d.create(key.Key, body)
}

func (d direct) Find(_ context.Context, _, correlationID string) ([]dwolla.MassPayment, error) {
	return d.find(correlationID, d.visible), nil
}

func (d direct) Get(_ context.Context, href string) (*dwolla.MassPayment, error) { return d.get(href) }

func (d direct) Update(_ context.Context, href string, status dwolla.UpdateMassPaymentStatus) error {
	return d.update(href, status)
}

func (d direct) Items(_ context.Context, href string) iter.Seq2[dwolla.MassPaymentItem, error] {
	items, err := d.items(href)
	return seqOf(items, err)
}

func seqOf[T any](items []T, err error) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for _, item := range items {
			if !yield(item, nil) {
				return
			}
		}
		if err != nil {
			var zero T
			yield(zero, err)
		}
	}
}

var errKilled = errors.New("simulator: the process is dead")
