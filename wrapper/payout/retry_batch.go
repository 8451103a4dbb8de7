package payout

import (
	"context"
	"errors"
	"fmt"
	"slices"
)

// A Retry says which rows of a batch are paid again, and how.
type Retry struct {
	// Of are the statuses of the rows: [Failed], [Returned] and [Cancelled], of which it is certain that they were not paid.
	// Default: Failed.
	Of []Status
	// Choose is called with each of these rows and gives the one to pay, under the same line, and whether to pay it. The
	// destination can be another. Default: all of them as they are.
	Choose func(RowResult) (Row, bool)
}

func (o *Retry) setDefaults() error {
	if len(o.Of) == 0 {
		o.Of = []Status{Failed}
	}
	for _, status := range o.Of {
		if !status.unpaid() {
			return fmt.Errorf("payout: rows that are %s may have been paid; a retry takes those that are failed, returned or cancelled", status)
		}
	}
	if o.Choose == nil {
		o.Choose = func(row RowResult) (Row, bool) { return row.Row, true }
	}
	return nil
}

// PrepareRetry makes a new batch of rows of an ended batch that certainly were not paid. Each row is in one retry: when
// others have taken all of them, the error is a [*RetriedError]. The same id gives the same batch back; it needs the same
// answers of Choose.
//
// Chunks that Dwolla refused are looked up once more. If one is found nevertheless, the batch has not ended: the error is
// [ErrUnsettled], and [Runner.Run] goes on with it.
func (r *Runner) PrepareRetry(ctx context.Context, batch, id string, which Retry) (Batch, error) {
	if batch == id {
		return Batch{}, errors.New("payout: a retry needs an id of its own")
	}
	if err := which.setDefaults(); err != nil {
		return Batch{}, err
	}
	if err := r.lookUpRejected(ctx, batch); err != nil {
		return Batch{}, err
	}
	summary, err := Summarize(ctx, r.store, batch)
	switch {
	case err != nil:
		return Batch{}, err
	case !summary.Ended():
		return Batch{}, ErrUnsettled
	}
	retry := Batch{ID: id, Plan: summary.Batch.Plan, RetryOf: batch}
	known, err := load(ctx, r.store, id)
	if err != nil && !errors.Is(err, ErrNotFound) {
		return Batch{}, err
	}
	choice := retryChoice{Report: OpenReport(r.store, batch), Retry: which, id: id, fixed: known.State == BatchReady}
	if err := choice.check(ctx, retry.Plan); err != nil {
		return Batch{}, err
	}
	return prepare(ctx, r.store, retry, choice.rows(ctx), func() error { return choice.link(ctx) })
}

// A retryChoice chooses the rows of a retry.
type retryChoice struct {
	*Report
	Retry
	id    string
	fixed bool // only the rows that are marked: the retry is on record
	count int  // of the rows that were read
}

// chosen gives the row to pay in place of a failed one.
func (o *retryChoice) chosen(row *RowResult) (Row, bool, error) {
	if !slices.Contains(o.Of, row.Status) || row.RetriedBy != o.id && (o.fixed || row.RetriedBy != "") {
		return Row{}, false, nil
	}
	pay, ok := o.Choose(*row)
	if ok && pay.Line != row.Line {
		return Row{}, false, fmt.Errorf("payout: Retry.Choose gave line %d for line %d", pay.Line, row.Line)
	}
	return pay, ok, nil
}

// rows are the chosen rows.
func (o *retryChoice) rows(ctx context.Context) Input {
	return func(yield func(Row, error) bool) {
		o.count = 0
		for row, err := range o.Rows(ctx) {
			var pay Row
			ok := false
			if err == nil {
				pay, ok, err = o.chosen(&row)
			}
			if err != nil {
				yield(Row{}, err)
				return
			}
			if !ok {
				continue
			}
			if o.count++; !yield(pay, nil) {
				return
			}
		}
	}
}

// check reads the choice once before anything is written.
func (o *retryChoice) check(ctx context.Context, plan Plan) error {
	plan.OnProblem = nil
	_, err := Check(ctx, o.rows(ctx), plan)
	if errors.Is(err, ErrNoRows) {
		return o.none(ctx)
	}
	return err
}

// none says why there are no rows, or fewer than there were: which retry has them, or that there are none.
func (o *retryChoice) none(ctx context.Context) error {
	for row, err := range o.Rows(ctx) {
		if err != nil {
			return err
		}
		if slices.Contains(o.Of, row.Status) && row.RetriedBy != "" && row.RetriedBy != o.id {
			return &RetriedError{Batch: o.batch, By: row.RetriedBy}
		}
	}
	return ErrNothingFailed
}

// link writes down which rows the retry takes, when these are written down and before it may run: a retry that cannot be
// prepared leaves no link, and no row is in two that run.
func (o *retryChoice) link(ctx context.Context) error {
	var chunks int
	err := o.store.Update(ctx, o.batch, func(tx Tx) error {
		rec := record{tx}
		b, all, err := rec.readyChunks()
		undone := func(c Chunk) bool { return !c.State.done() }
		switch {
		case err != nil:
			return err
		case slices.ContainsFunc(all, undone): // since the rows were read
			return ErrUnsettled
		}
		chunks = b.Chunks
		if slices.Contains(b.Retries, o.id) {
			return nil
		}
		b.Retries = append(b.Retries, o.id)
		return rec.put(keyBatch, &b)
	})
	marked := 0
	for number := 1; number <= chunks && err == nil; number++ {
		var n int
		err = o.store.Update(ctx, o.batch, func(tx Tx) (err error) {
			n, err = o.mark(record{tx}, number)
			return err
		})
		marked += n
	}
	if err == nil && marked != o.count { // another retry has taken a row since
		err = o.none(ctx)
	}
	return err
}

// mark writes the retry down at the rows of a chunk that it takes, and tells how many these are.
func (o *retryChoice) mark(r record, number int) (marked int, err error) {
	rows, err := r.report(number)
	if err != nil {
		return 0, err
	}
	results, changed := make([]Result, len(rows)), false
	for i := range rows {
		_, ok, err := o.chosen(&rows[i])
		if err != nil {
			return 0, err
		}
		results[i] = rows[i].Result
		switch {
		case ok:
			results[i].RetriedBy = o.id
			marked++
		case results[i].RetriedBy == o.id: // chosen by an earlier call that did not end
			results[i].RetriedBy = ""
		}
		changed = changed || results[i].RetriedBy != rows[i].RetriedBy
	}
	if changed {
		err = r.put(numbered(prefixResults, number), results)
	}
	return marked, err
}

// lookUpRejected looks once more for what Dwolla refused.
func (r *Runner) lookUpRejected(ctx context.Context, batch string) error {
	b, rejected, err := r.rejected(ctx, batch)
	for i := range rejected {
		if err == nil {
			err = r.lookUpAgain(ctx, &b, &rejected[i])
		}
	}
	return err
}

func (r *Runner) rejected(ctx context.Context, batch string) (b Batch, rejected []Chunk, err error) {
	err = r.store.View(ctx, batch, func(tx Tx) error {
		var chunks []Chunk
		b, chunks, err = record{tx}.readyChunks()
		rejected = nil
		for i := range chunks {
			if chunks[i].State == StateRejected {
				rejected = append(rejected, chunks[i])
			}
		}
		return err
	})
	return b, rejected, err
}

func (r *Runner) lookUpAgain(ctx context.Context, b *Batch, c *Chunk) error {
	found, err := r.gateway.Find(ctx, b.Plan.Source, c.CorrelationID)
	if len(c.candidates(b, found)) == 0 || err != nil && !isPartial(err) {
		return err
	}
	return r.store.Update(ctx, b.ID, func(tx Tx) error {
		rec := record{tx}
		now, err := rec.chunk(c.Number)
		if err != nil || now.State != StateRejected {
			return err
		}
		return errors.Join(now.doubt(), rec.putChunk(&now), tx.Delete(numbered(prefixResults, c.Number)))
	})
}
