package payout

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"time"

	dwolla "github.com/dwolla-go/dwolla-go/wrapper"
)

// memStore is a Store in memory, for tests. It can fail the way a disk does.
type memStore struct {
	mu      sync.Mutex
	batches map[string]map[string][]byte
	fail    func() storeFault
}

// A storeFault is how an update fails.
type storeFault int

const (
	noFault storeFault = iota
	nothingWritten
	allWritten // the error comes after the write
)

var errDisk = errors.New("simulator: the disk is full")

func newMemStore() *memStore { return &memStore{batches: map[string]map[string][]byte{}} }

func (s *memStore) Update(ctx context.Context, batch string, fn func(Tx) error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	tx := memTx{maps.Clone(s.batches[batch])}
	if tx.m == nil {
		tx.m = map[string][]byte{}
	}
	if err := fn(tx); err != nil {
		return err
	}
	fault := noFault
	if s.fail != nil {
		fault = s.fail()
	}
	if fault != nothingWritten {
		s.batches[batch] = tx.m
	}
	if fault != noFault {
		return errDisk
	}
	return nil
}

func (s *memStore) View(ctx context.Context, batch string, fn func(Tx) error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return fn(memTx{s.batches[batch]})
}

func (s *memStore) Batches(ctx context.Context) ([]string, error) {
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.DeleteFunc(slices.Sorted(maps.Keys(s.batches)), func(id string) bool { return len(s.batches[id]) == 0 }), nil
}

func (s *memStore) Close() error { return nil }

type memTx struct{ m map[string][]byte }

func (t memTx) Get(key string) ([]byte, error) { return t.m[key], nil }
func (t memTx) Put(key string, v []byte) error {
	t.m[key] = append([]byte{}, v...)
	return nil
}
func (t memTx) Delete(key string) error { delete(t.m, key); return nil }
func (t memTx) Now() time.Time          { return time.Now() }
func (t memTx) Scan(prefix string, visit func(string, []byte) error) error {
	for _, key := range slices.Sorted(maps.Keys(t.m)) {
		if strings.HasPrefix(key, prefix) {
			if err := visit(key, t.m[key]); err != nil {
				return err
			}
		}
	}
	return nil
}

// A process is the program between two kills. Every request and every write to the record passes through
// its boundary, where it can die before or after.
type process struct {
	world *world
	mu    sync.Mutex
	dead  bool
	cut   bool // from the store
	die   context.CancelCauseFunc
}

// boundary does one I/O.
func (p *process) boundary(do func() error) error {
	p.mu.Lock()
	if p.dead {
		p.mu.Unlock()
		return errKilled
	}
	p.mu.Unlock()
	before, after := p.world.kill()
	if before {
		return p.kill()
	}
	err := do()
	if after {
		return p.kill()
	}
	return err
}

func (p *process) kill() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.dead = true
	p.die(errKilled)
	return errKilled
}

func (p *process) isDead() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.dead
}

func (p *process) setCut(cut bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.cut = cut
}

func (p *process) isCut() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.cut && !p.dead
}

type processStore struct {
	Store
	p *process
}

func (s processStore) Update(ctx context.Context, batch string, fn func(Tx) error) error {
	if s.p.isCut() {
		return errOutage
	}
	return s.p.boundary(func() error { return s.Store.Update(ctx, batch, fn) })
}

func (s processStore) View(ctx context.Context, batch string, fn func(Tx) error) error {
	if s.p.isDead() {
		return errKilled
	}
	if s.p.isCut() {
		return errOutage
	}
	return s.Store.View(ctx, batch, fn)
}

type processGateway struct {
	direct // what a run does not need
	dwolla *fakeDwolla
	p      *process
}

// flaky is a failed read: a bad response or a 429.
func (g processGateway) flaky() error {
	switch g.p.world.chance() {
	case 0:
		return simError(dwolla.OutcomeBadResponse, 503, "")
	case 1:
		return &dwolla.Error{Outcome: dwolla.OutcomeRateLimited, StatusCode: 429, RetryAfter: 20 * time.Second}
	default:
		return nil
	}
}

func (g processGateway) Create(ctx context.Context, key KeyUse, body *dwolla.CreateMassPayment) (href string, err error) {
	// A request can take longer than a step, or than the lease of its sender, who then cannot reach the store.
	latency, cut := g.p.world.latency()
	g.p.setCut(cut)
	time.Sleep(latency)
	g.p.setCut(false)
	boundary := g.p.boundary(func() error {
		href, err = g.dwolla.create(key.Key, body)
		return nil
	})
	return href, errors.Join(err, boundary)
}

func (g processGateway) Find(ctx context.Context, _, correlationID string) (found []dwolla.MassPayment, err error) {
	err = g.p.boundary(func() error {
		if err := g.flaky(); err != nil {
			return err
		}
		found = g.dwolla.search(correlationID)
		return nil
	})
	return found, err
}

func (g processGateway) Get(ctx context.Context, href string) (m *dwolla.MassPayment, err error) {
	err = g.p.boundary(func() error {
		if err := g.flaky(); err != nil {
			return err
		}
		m, err = g.dwolla.get(href)
		return err
	})
	return m, err
}

func (g processGateway) Update(ctx context.Context, href string, status dwolla.UpdateMassPaymentStatus) error {
	return g.p.boundary(func() error {
		err := g.dwolla.update(href, status)
		if f := g.flaky(); f != nil {
			return unknownOutcome(500) // done, and the response is lost
		}
		return err
	})
}

func (g processGateway) Items(ctx context.Context, href string) iter.Seq2[dwolla.MassPaymentItem, error] {
	var items []dwolla.MassPaymentItem
	err := g.p.boundary(func() (err error) {
		if err := g.flaky(); err != nil {
			return err
		}
		items, err = g.dwolla.items(href)
		return err
	})
	return seqOf(g.p.world.shuffle(items), err)
}

// A world is one schedule: a server, a record, and what fails when.
type world struct {
	dwolla *fakeDwolla
	store  *memStore
	rows   []Row
	plan   Plan

	mu      sync.Mutex
	rng     *rand.Rand // nil: nothing is random
	op      int        // I/O boundaries so far
	killAt  int        // the boundary at which to die, before or after it
	killEnd bool       // after it
	killOne float64    // or the probability to die at each
	faults  float64    // probability of a failing read
	mixed   bool       // pages come in any order and with repetitions
	slow    float64    // probability that a request is slow
	workers int        // processes that share the record
	lose    float64    // probability that the record is lost or rolled back between two runs
	lost    bool       // it was
	backups []*memStore
}

const simBatch = "sim"

const simSource = "https://api.dwolla.com/funding-sources/00000000-aaaa-4000-8000-000000000000"

func simRows(n int) []Row {
	rows := make([]Row, n)
	for i := range rows {
		rows[i] = Row{
			Line: i + 2, Destination: fmt.Sprintf("https://api.dwolla.com/funding-sources/%08d-bbbb-4000-8000-000000000000", i),
			Amount: dwolla.USDCents(int64(100 + i)),
		}
	}
	return rows
}

func inputOf(rows []Row) Input { return seqOf(rows, nil) }

func (w *world) kill() (before, after bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.op++
	if w.op == w.killAt {
		return !w.killEnd, w.killEnd
	}
	if w.killOne > 0 && w.rng.Float64() < w.killOne {
		if w.rng.IntN(2) == 0 {
			return true, false
		}
		return false, true
	}
	return false, false
}

func (w *world) chance() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.faults == 0 || w.rng.Float64() >= w.faults {
		return -1
	}
	return w.rng.IntN(2)
}

func (w *world) latency() (_ time.Duration, cut bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.slow == 0 || w.rng.Float64() >= w.slow {
		return 0, false
	}
	return time.Duration(w.rng.IntN(25)) * time.Minute, w.rng.IntN(2) == 0
}

// shuffle gives the items as changing pages do: in another order, one twice, one missing.
func (w *world) shuffle(items []dwolla.MassPaymentItem) []dwolla.MassPaymentItem {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.mixed || len(items) == 0 {
		return items
	}
	items = append(items, items[w.rng.IntN(len(items))])
	w.rng.Shuffle(len(items), func(i, j int) { items[i], items[j] = items[j], items[i] })
	if w.rng.IntN(10) == 0 {
		items = items[1:]
	}
	return items
}

// runOnce runs the program once, with as many workers as the world has, until it ends or is killed.
func (w *world) runOnce() error {
	errs := make([]error, max(1, w.workers))
	var all sync.WaitGroup
	for i := range errs {
		all.Go(func() { errs[i] = w.program() })
	}
	all.Wait()
	return errors.Join(errs...)
}

func (w *world) program() error {
	ctx, die := context.WithCancelCause(context.Background())
	defer die(nil)
	p := &process{world: w, die: die}
	store := processStore{w.store, p}
	if w.workers <= 1 {
		// As OpenFile does: whoever held a lease is dead.
		if err := w.store.Update(ctx, simBatch, dropLeases); err != nil {
			return err
		}
	}
	b, err := Prepare(ctx, store, simBatch, inputOf(w.rows), w.plan)
	if err != nil {
		return err
	}
	r, err := NewRunner(store, processGateway{direct{w.dwolla}, w.dwolla, p}, Options{})
	if err != nil {
		return err
	}
	summary, err := r.Run(ctx, b.ID)
	if unsettled := isOf[*UnsettledRowsError](err); (err == nil || unsettled) && summary.AwaitsApproval {
		return r.Approve(ctx, b.ID, b.Amount(), aPerson)
	}
	return err
}

// play runs the program until everything is settled, with an operator who resolves what is held by what was really
// paid.
func (w *world) play() error {
	const maxRuns = 400
	r, err := NewRunner(w.store, direct{w.dwolla}, Options{})
	if err != nil {
		return err
	}
	rechecks := 0
	for n := range maxRuns {
		if n == maxRuns/2 {
			w.stopFaults()
		}
		err := w.runOnce()
		if held, ok := errors.AsType[*HeldError](err); ok {
			if err := w.operate(r, held); err != nil {
				return err
			}
			w.backups = nil // what a person has decided is in no older one
			time.Sleep(time.Minute)
			continue
		}
		w.restore(n)
		s, sumErr := Summarize(context.Background(), w.store, simBatch)
		unsettled, ok := errors.AsType[*UnsettledRowsError](err)
		if sumErr == nil && (s.Done() || s.Ended() && ok && unsettled.Count == s.Totals.Unknown.Rows && rechecks == 5) {
			return w.verify(&s)
		}
		if ok && rechecks < 5 { // the one list after the timeout may have lacked a row
			rechecks++
			// The record may just have been lost.
			if err := r.Recheck(context.Background(), simBatch); err != nil && !errors.Is(err, errDisk) && !errors.Is(err, ErrNotFound) {
				return err
			}
		}
		if w.rng != nil {
			time.Sleep(w.gap())
		}
	}
	s, sumErr := Summarize(context.Background(), w.store, simBatch)
	return fmt.Errorf("stuck after %d runs: %v, %w; the last run: %w", maxRuns, s.Chunks, sumErr, w.runOnce())
}

// restore replaces the record by an older one, which may be the empty one, as long as no person has decided anything.
func (w *world) restore(run int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if run == 0 {
		w.backups = []*memStore{newMemStore()}
	}
	if w.lose == 0 || len(w.backups) == 0 {
		return
	}
	if w.rng.Float64() < w.lose {
		last := w.rng.IntN(len(w.backups))
		w.store.batches, w.lost = copyOf(w.backups[last]).batches, true
		w.backups = w.backups[:last+1] // the later ones are of what did not happen
	}
	w.backups = append(w.backups, copyOf(w.store))
}

// gap is the time until the program is started again: mostly soon, sometimes after the key has expired.
func (w *world) gap() time.Duration {
	w.mu.Lock()
	defer w.mu.Unlock()
	switch w.rng.IntN(8) {
	case 0:
		return time.Duration(w.rng.IntN(48)) * time.Hour
	case 1:
		return 23*time.Hour + time.Duration(w.rng.IntN(120))*time.Minute
	default:
		return time.Duration(w.rng.IntN(120)) * time.Second
	}
}

// stopFaults ends the kills, so that every schedule comes to its end.
func (w *world) stopFaults() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.killOne, w.faults, w.slow, w.lose = 0, 0, 0, 0
}

// operate decides as a person would who asked Dwolla's support.
func (w *world) operate(r *Runner, held *HeldError) error {
	for _, c := range held.Chunks {
		resolution := Resolution{By: "operator", Action: SendAgain}
		for _, m := range w.dwolla.find(c.CorrelationID, 0) {
			resolution.Action, resolution.MassPayment = Adopt, m.Links.Self.Href
		}
		err := r.Resolve(context.Background(), held.Batch, c.Number, resolution)
		if err != nil && !errors.Is(err, errDisk) && !errors.Is(err, ErrInvalidDecision) { // tries again later
			return err
		}
	}
	return nil
}

// verify compares the report with what was really paid.
func (w *world) verify(s *Summary) error {
	time.Sleep(24 * time.Hour) // slow requests arrive
	paid := w.dwolla.ledger(simBatch)
	if len(w.dwolla.changed) > 0 {
		return fmt.Errorf("a key was sent with other bytes")
	}
	rows, sum := 0, int64(0)
	for row, err := range OpenReport(w.store, simBatch).Rows(context.Background()) {
		if err != nil {
			return err
		}
		if want := w.rows[rows]; row.Line != want.Line || row.Destination != want.Destination || !row.Amount.Equal(want.Amount) {
			return fmt.Errorf("row %d is not the input's", rows)
		}
		rows++
		times := paid[row.Line]
		switch {
		case times > 1:
			return fmt.Errorf("double: line %d paid %d times", row.Line, times)
		case row.Status == Paid && times == 0, row.Status == Failed && times == 1:
			return fmt.Errorf("wrong: line %d is %s and was paid %d times", row.Line, row.Status, times)
		case row.Status == Paid:
			cents, _ := row.Amount.Cents()
			sum += cents
		case row.Status == Failed:
		case row.Status == Unknown && row.Code == codeMissing && times == 0 && w.lost && w.dwolla.refused[row.Line]:
			// The record that saw Dwolla refuse it was lost.
		default:
			return fmt.Errorf("lost: line %d is %s (%s), paid %d times; lost %v, refused %v", row.Line, row.Status, row.Code, times, w.lost, w.dwolla.refused[row.Line])
		}
	}
	if rows != len(w.rows) || sum != s.Totals.Paid.Cents {
		return fmt.Errorf("the totals do not add up: %d rows, %d cents", rows, sum)
	}
	return nil
}
