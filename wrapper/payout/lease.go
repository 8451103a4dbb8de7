package payout

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"sync"
	"time"
)

// A lease is the right of one worker to take steps with a chunk, for a while. It is renewed as long as the step goes on.
type lease struct {
	Worker string    `json:"worker"`
	Token  string    `json:"token"` // of this lease: a worker that takes another is another holder
	From   time.Time `json:"from"`
	Until  time.Time `json:"until"`
}

// holds reports whether the lease has not ended. One that ends much later than it can is of a clock that was set back.
func (l lease) holds(now time.Time) bool {
	left := l.Until.Sub(now)
	return left > 0 && left <= 2*l.Until.Sub(l.From)
}

// lease takes the lease of a chunk that is due. When none is, it gives the time until one will be, 0 for never.
func (r *Runner) lease(ctx context.Context, batch string) (*step, time.Duration, error) {
	var next *step
	var wait time.Duration
	pick := func(tx Tx) (err error) {
		next, wait, err = r.pick(tx)
		return err
	}
	// Most of the time nothing is due, and finding that out does not cost a write.
	err := r.store.View(ctx, batch, pick)
	if setBack := errors.Is(err, errClockSetBack); !setBack && (err != nil || next == nil) {
		return nil, wait, err
	}
	err = r.store.Update(ctx, batch, func(tx Tx) error {
		err := pick(tx)
		if errors.Is(err, errClockSetBack) {
			err = cmp.Or(record{tx}.allDue(), pick(tx))
		}
		if err != nil || next == nil {
			return err
		}
		if next.chunk.State == StateSending { // its sender died
			if err := errors.Join(next.chunk.lose(), record{tx}.putChunk(&next.chunk)); err != nil {
				return err
			}
		}
		return record{tx}.put(numbered(prefixLease, next.chunk.Number), &next.lease)
	})
	if err != nil {
		return nil, 0, err
	}
	if next != nil {
		r.wake.done(next.chunk.MassPayment)
	}
	return next, wait, nil
}

// pick chooses the chunk of the next step.
func (r *Runner) pick(tx Tx) (*step, time.Duration, error) {
	s, err := r.schedule(record{tx})
	if err != nil {
		return nil, 0, err
	}
	if s.index.setBack(s.now) {
		return nil, 0, errClockSetBack
	}
	s.worker = r.opts.Worker
	c, wait, err := s.next()
	switch {
	case err != nil:
		return nil, 0, err
	case c == nil && wait == 0:
		return nil, 0, s.stopped()
	case c == nil:
		return nil, wait, nil
	}
	return &step{
		runner: r, batch: *s.batch, chunk: *c, was: c.State, untouched: s.index.Touched == 0,
		lease: r.newLease(rand.Text(), s.now), now: clock{s.now, time.Now()},
	}, 0, nil
}

// schedule reads the batch as it is now.
func (r *Runner) schedule(rec record) (*schedule, error) {
	b, err := rec.ready()
	if err != nil {
		return nil, err
	}
	i, err := rec.index()
	if err != nil {
		return nil, err
	}
	now := rec.tx.Now()
	leased, err := rec.leased(now)
	if err != nil {
		return nil, err
	}
	return &schedule{
		record: rec, batch: &b, index: i, leased: leased, now: now, maxOpen: r.opts.MaxOpen, others: r.opts.SendOthers,
		maxFail: r.opts.maxFailed(&b), sendFrom: now.Add(r.pace.left()), wake: &r.wake,
	}, nil
}

var errClockSetBack = errors.New("payout: the store's clock was set back")

// hold renews the lease of a step until release is called. The context that it gives ends before the lease, which began
// after started: when it cannot be renewed, or when the step takes too long.
func (s *step) hold(ctx context.Context, started time.Time) (_ context.Context, release func()) {
	batch, chunk, token, length := s.batch.ID, s.chunk.Number, s.lease.Token, s.runner.opts.Lease
	ctx, end := context.WithTimeout(ctx, max(stepTimeout, length))
	safe := length - length/10 // the store's clock may be faster
	ends := time.AfterFunc(time.Until(started.Add(safe)), end)
	var renewing sync.WaitGroup
	renewing.Go(func() {
		for sleep(ctx, length/3, nil) == nil {
			began := time.Now()
			err := s.runner.renew(ctx, batch, chunk, token)
			if errors.Is(err, ErrLeaseLost) {
				end()
			}
			if err == nil {
				ends.Reset(time.Until(began.Add(safe)))
			}
		}
	})
	return ctx, func() {
		end()
		renewing.Wait()
		ends.Stop()
	}
}

// stepTimeout is how long a step may take: the calls of the client end long before.
const stepTimeout = 10 * time.Minute

// renew lets the lease end later, unless another worker has taken the chunk over.
func (r *Runner) renew(ctx context.Context, batch string, chunk int, token string) error {
	return r.store.Update(ctx, batch, func(tx Tx) error {
		rec := record{tx}
		if err := rec.leaseHeld(chunk, token); err != nil {
			return err
		}
		return rec.put(numbered(prefixLease, chunk), r.newLease(token, tx.Now()))
	})
}

func (r *Runner) newLease(token string, now time.Time) lease {
	return lease{Worker: r.opts.Worker, Token: token, From: now, Until: now.Add(r.opts.Lease)}
}

// preparing is the number in the place of a chunk's of the lease of a preparation.
const preparing = 0

// preparationLease is how long a preparation keeps others out after its last write. It writes at least that often.
const preparationLease = time.Minute

// lease is that of a chunk or of a preparation; the zero lease when there is none.
func (r record) lease(number int) (l lease, err error) {
	_, err = r.get(numbered(prefixLease, number), &l)
	return l, err
}

// leaseHeld returns ErrLeaseLost unless the holder of the token still has the lease. An expired lease that nobody took
// is still held.
func (r record) leaseHeld(chunk int, token string) error {
	l, err := r.lease(chunk)
	if err == nil && l.Token != token {
		err = ErrLeaseLost
	}
	return err
}

// leased are the chunks with a lease that holds, by number.
func (r record) leased(now time.Time) (map[int]leased, error) {
	all := map[int]leased{}
	err := r.tx.Scan(prefixLease, func(key string, value []byte) error {
		var l lease
		var number int
		if _, err := fmt.Sscanf(key, prefixLease+"%d", &number); err != nil {
			return &CorruptError{Key: key, Err: err}
		}
		if err := decodeValue(key, value, &l); err != nil {
			return err
		}
		if number != preparing && l.holds(now) {
			all[number] = leased{lease: l}
		}
		return nil
	})
	for number, l := range all {
		c, chunkErr := r.chunk(number)
		l.state, l.repeats, err = c.State, c.Sends > 1, errors.Join(err, chunkErr)
		all[number] = l
	}
	return all, err
}

// dropLeases ends all leases of a batch.
func dropLeases(tx Tx) error {
	var keys []string
	err := tx.Scan(prefixLease, func(key string, _ []byte) error {
		keys = append(keys, key)
		return nil
	})
	for _, key := range keys {
		err = errors.Join(err, tx.Delete(key))
	}
	return err
}
