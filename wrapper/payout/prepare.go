package payout

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	dwolla "github.com/dwolla-go/dwolla-go/wrapper"
)

// Prepare reads the whole input, checks every row, searches for duplicates and writes the batch down, split into
// chunks. Nothing is sent. A batch that is on record already is compared with the input and returned, so that a program
// that resumes makes the same calls as one that starts; an input or plan that has changed is an [*EditedError]. An
// input with problems is an [*InputError] with all of them.
//
// The id has at most 200 letters, digits and "-._", and is never used for another batch: the correlation ids at Dwolla
// and the idempotency keys are made from it, so an id that was used with another record is noticed and not paid again.
//
// Rows that another batch on record has paid or may have paid are problems too, see [Plan.AllowRepeated]. While another
// process prepares the batch, the error is [ErrPreparedElsewhere]; a preparation that died keeps others out for a minute.
func Prepare(ctx context.Context, store Store, id string, input Input, plan Plan) (Batch, error) {
	return prepare(ctx, store, Batch{ID: id, Plan: plan}, input, func() error { return nil })
}

// prepare calls link when everything but the last word of the preparation is on record.
func prepare(ctx context.Context, store Store, b Batch, input Input, link func() error) (Batch, error) {
	source, err := b.check()
	if err != nil {
		return Batch{}, err
	}
	known, err := load(ctx, store, b.ID)
	if err != nil && !errors.Is(err, ErrNotFound) {
		return Batch{}, err
	}
	p := &preparation{ctx: ctx, store: store, batch: &b, source: source, all: newDigest(), link: link}
	defer p.duplicates.close()
	if err == nil && known.State == BatchReady {
		return p.compare(&known, input)
	}
	return p.write(input)
}

// Check reads the whole input and reports what [Prepare] would, without a record; a plan without a source is enough,
// and then destinations are not compared with it.
func Check(ctx context.Context, input Input, plan Plan) (Tally, error) {
	p, err := newCheck(ctx, plan)
	if err != nil {
		return Tally{}, err
	}
	defer p.duplicates.close()
	if err := p.read(input, p.fingerprint); err != nil {
		return Tally{}, err
	}
	return p.sum, p.result()
}

// newCheck is a preparation without a record.
func newCheck(ctx context.Context, plan Plan) (*preparation, error) {
	p := &preparation{ctx: ctx, batch: &Batch{Plan: plan}, all: newDigest()}
	if plan.Source == "" {
		return p, nil
	}
	source, err := parseFundingSource(plan.Source)
	if err != nil {
		return nil, errSource
	}
	p.source = &source
	return p, nil
}

func load(ctx context.Context, store Store, id string) (b Batch, err error) {
	err = store.View(ctx, id, func(tx Tx) error {
		b, err = record{tx}.batch()
		return err
	})
	return b, err
}

// A preparation reads an input once.
type preparation struct {
	ctx    context.Context //nolint:containedctx // lives as long as one call
	store  Store
	batch  *Batch
	source *fundingSource
	link   func() error

	all        *digest
	duplicates duplicates
	problems   InputError
	sum        Tally
	line       int
	extended   time.Time // when the lease was

	chunk       []storedRow
	chunkDigest *digest
	chunkCents  int64
}

// compare returns the batch on record if the input is the same.
func (p *preparation) compare(known *Batch, input Input) (Batch, error) {
	if !p.batch.Plan.same(&known.Plan) || p.batch.RetryOf != known.RetryOf {
		return Batch{}, &EditedError{Batch: known.ID, What: "plan"}
	}
	err := p.read(input, func(*Row, int64) error { return nil })
	if err != nil {
		return Batch{}, err
	}
	if p.problems.Count > 0 || p.sum.Rows != known.Rows || p.all.String() != known.Digest {
		return Batch{}, &EditedError{Batch: known.ID, What: "input"}
	}
	return *known, p.link()
}

// write reads the input and writes the batch down, chunk by chunk. Until the end it is in a state in which it does not
// run.
func (p *preparation) write(input Input) (_ Batch, err error) {
	token, err := dwolla.NewIdempotencyKey()
	if err != nil {
		return Batch{}, err
	}
	if err := p.begin(token); err != nil {
		return Batch{}, err
	}
	defer func() {
		if err != nil {
			p.end()
		}
	}()
	p.chunkDigest = newDigest()
	if err := p.read(input, p.append); err != nil {
		return Batch{}, err
	}
	if err := p.result(); err != nil {
		return Batch{}, err
	}
	if err := p.putChunk(); err != nil {
		return Batch{}, err
	}
	if err := p.repeats(); err != nil {
		return Batch{}, err
	}
	if err := p.link(); err != nil {
		return Batch{}, err
	}
	p.batch.complete(p.sum, p.all.String())
	err = p.put(func(r record) error {
		return errors.Join(r.put(keyBatch, p.batch), r.tx.Delete(numbered(prefixLease, preparing)))
	})
	return *p.batch, err
}

// result is an error when the rows that were read cannot be paid.
func (p *preparation) result() error {
	if err := p.duplicates.report(p.problem); err != nil {
		return err
	}
	if err := p.found(); err != nil {
		return err
	}
	if p.sum.Rows == 0 {
		return ErrNoRows
	}
	return nil
}

// found is an error when there are problems.
func (p *preparation) found() error {
	if p.problems.Count == 0 {
		return nil
	}
	slices.SortStableFunc(p.problems.Rows, func(a, b RowError) int { return a.Line - b.Line })
	return &p.problems
}

// begin reserves the id and deletes what a preparation that died has left.
func (p *preparation) begin(token string) error {
	return p.store.Update(p.ctx, p.batch.ID, func(tx Tx) error {
		r, stale := record{tx}, []string(nil)
		known, err := r.batch()
		switch {
		case err == nil && known.State == BatchReady:
			return ErrPreparedElsewhere
		case err != nil && !errors.Is(err, ErrNotFound):
			return err // it may be ready, and under way
		case err == nil && known.RetryOf != p.batch.RetryOf:
			return &EditedError{Batch: p.batch.ID, What: "plan"}
		}
		if l, err := r.lease(preparing); err != nil || l.holds(tx.Now()) {
			return cmp.Or(err, ErrPreparedElsewhere)
		}
		for _, prefix := range []string{prefixChunk, prefixRows, prefixDue, keyIndex} {
			err := r.tx.Scan(prefix, func(key string, _ []byte) error {
				stale = append(stale, key)
				return nil
			})
			if err != nil {
				return err
			}
		}
		for _, key := range stale {
			if err := r.tx.Delete(key); err != nil {
				return err
			}
		}
		p.batch.prepare(token, tx.Now())
		return errors.Join(r.put(keyBatch, p.batch), p.extend(r))
	})
}

// extend writes down that the preparation goes on.
func (p *preparation) extend(r record) error {
	p.extended = time.Now()
	now := r.tx.Now()
	return r.put(numbered(prefixLease, preparing), lease{Token: p.batch.Preparation, From: now, Until: now.Add(preparationLease)})
}

// renew extends the lease now and then, also while the input is slow.
func (p *preparation) renew() error {
	if p.extended.IsZero() || time.Since(p.extended) < preparationLease/4 {
		return nil
	}
	return p.put(func(record) error { return nil })
}

// end gives the lease back, so that whoever prepares the batch again need not wait.
func (p *preparation) end() {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(p.ctx), saveTimeout)
	defer cancel()
	_ = p.store.Update(ctx, p.batch.ID, func(tx Tx) error { // otherwise it ends by itself
		r := record{tx}
		if err := r.leaseHeld(preparing, p.batch.Preparation); err != nil {
			return err
		}
		return tx.Delete(numbered(prefixLease, preparing))
	})
}

// put writes, unless another preparation of the batch has begun since.
func (p *preparation) put(fn func(record) error) error {
	return p.store.Update(p.ctx, p.batch.ID, func(tx Tx) error {
		r := record{tx}
		known, err := r.batch()
		if err != nil {
			return err
		}
		if known.State != BatchPreparing || known.Preparation != p.batch.Preparation {
			return ErrPreparedElsewhere
		}
		return errors.Join(p.extend(r), fn(r))
	})
}

// read checks every row and calls next with those that have no problem.
func (p *preparation) read(input Input, next func(*Row, int64) error) error {
	for row, err := range input {
		if p.ctx.Err() != nil {
			return context.Cause(p.ctx)
		}
		if err := p.renew(); err != nil {
			return err
		}
		if wrong, ok := errors.AsType[*RowError](err); ok {
			p.problem(*wrong)
			continue
		}
		if err != nil {
			return err
		}
		if err := p.check(&row, next); err != nil {
			return err
		}
	}
	return nil
}

func (p *preparation) check(row *Row, next func(*Row, int64) error) error {
	if row.Line <= p.line {
		return fmt.Errorf("payout: the input's lines do not ascend: %d after %d", row.Line, p.line)
	}
	p.line = row.Line
	if problems := row.check(p.source); len(problems) > 0 {
		for _, problem := range problems {
			p.problem(problem)
		}
		return p.fingerprint(row, 0)
	}
	cents, _ := row.Amount.Cents() // checked
	if cents > math.MaxInt64-p.sum.Cents {
		return errors.New("payout: the input's total is too large")
	}
	p.sum.add(Tally{1, cents})
	p.all.add(row, cents)
	return next(row, cents)
}

func (p *preparation) problem(row RowError) {
	p.problems.add(row)
	if p.batch.Plan.OnProblem != nil {
		p.batch.Plan.OnProblem(row)
	}
}

// append adds a row to the chunk being filled.
func (p *preparation) append(row *Row, cents int64) error {
	if len(p.chunk) == p.batch.Plan.ChunkRows {
		if err := p.putChunk(); err != nil {
			return err
		}
	}
	p.chunk = append(p.chunk, storeRow(row, cents))
	p.chunkDigest.add(row, cents)
	p.chunkCents += cents
	return p.fingerprint(row, cents)
}

// fingerprint adds a row to the search for duplicates. A row with problems has no amount and counts by its correlation
// id.
func (p *preparation) fingerprint(row *Row, cents int64) error {
	if p.batch.Plan.AllowDuplicates || cents == 0 && row.CorrelationID == "" {
		return nil
	}
	return p.duplicates.add(row, cents)
}

// putChunk writes down the chunk that was filled.
func (p *preparation) putChunk() error {
	p.batch.Chunks++
	c := newChunk(p.batch, p.batch.Chunks, Tally{len(p.chunk), p.chunkCents}, p.chunkDigest.String())
	var err error
	// After the first problem the input is only read for the other problems.
	if p.problems.Count == 0 {
		err = p.put(func(r record) error {
			return errors.Join(r.put(numbered(prefixRows, c.Number), p.chunk), r.putChunk(c))
		})
	}
	p.chunk, p.chunkDigest, p.chunkCents = p.chunk[:0], newDigest(), 0
	return err
}
