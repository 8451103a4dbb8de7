package payout

import (
	"context"
	"errors"
	"iter"
)

// A Summary is the progress of a batch.
type Summary struct {
	Batch  Batch
	Totals Totals
	// Chunks counts the chunks by state.
	Chunks map[State]int
	// Held are the chunks that wait for a person.
	Held []Chunk
	// AwaitsApproval says that every chunk is deferred at Dwolla or done, and that [Runner.Approve] or [Runner.Cancel]
	// is next.
	AwaitsApproval bool
}

// Done reports whether every row has a final result.
func (s *Summary) Done() bool {
	return s.Ended() && s.Totals.unsettled() == 0
}

// Ended reports whether [Runner.Run] does nothing more with the batch. Of some rows the result may not be final:
// [Report.Unsettled] has them.
func (s *Summary) Ended() bool {
	return s.Batch.Chunks > 0 && s.done() == s.Batch.Chunks
}

// done is the number of chunks that nothing more happens to.
func (s *Summary) done() (chunks int) {
	for state, n := range s.Chunks {
		if state.done() {
			chunks += n
		}
	}
	return chunks
}

// Summarize reads the progress of a batch. Its totals cover every row of the input; it is an error if they do not.
func Summarize(ctx context.Context, store Store, batch string) (Summary, error) {
	var s Summary
	err := store.View(ctx, batch, func(tx Tx) error {
		b, chunks, err := record{tx}.readyChunks()
		if err != nil {
			return err
		}
		s = Summary{Batch: b, Chunks: map[State]int{}}
		waiting := 0
		for i := range chunks {
			c := &chunks[i]
			s.Chunks[c.State]++
			s.Totals.add(c.totals())
			switch {
			case c.State == StateHeld:
				s.Held = append(s.Held, *c)
			case b.Decision == "" && c.deferred():
				waiting++
			}
		}
		s.AwaitsApproval = waiting > 0 && waiting+s.done() == b.Chunks
		return errors.Join(s.Totals.check(b.Tally), record{tx}.checkIndex(chunks))
	})
	return s, err
}

// A Report has the result of every row of a batch.
type Report struct {
	store Store
	batch string
}

// OpenReport gives the report of a batch, which can be read at any time. Nothing is read yet.
func OpenReport(store Store, batch string) *Report { return &Report{store: store, batch: batch} }

// A RowResult is a row with its result.
type RowResult struct {
	Row
	Result
	Chunk       int
	MassPayment string // URL, once there is one
}

// Rows yields every row of the input in its order, a chunk of them in memory at a time.
func (r *Report) Rows(ctx context.Context) iter.Seq2[RowResult, error] {
	return func(yield func(RowResult, error) bool) {
		b, err := r.head(ctx)
		if err != nil {
			yield(RowResult{}, err)
			return
		}
		for number := 1; number <= b.Chunks; number++ {
			rows, err := r.chunk(ctx, number)
			if err != nil {
				yield(RowResult{}, err)
				return
			}
			for _, row := range rows {
				if !yield(row, nil) {
					return
				}
			}
		}
	}
}

// Chunks yields every chunk of the batch in its order, as it is on record.
func (r *Report) Chunks(ctx context.Context) iter.Seq2[Chunk, error] {
	return func(yield func(Chunk, error) bool) {
		_, chunks, err := r.chunks(ctx)
		if err != nil {
			yield(Chunk{}, err)
			return
		}
		for i := range chunks {
			if !yield(chunks[i], nil) {
				return
			}
		}
	}
}

// Unsettled returns an [*UnsettledRowsError] with the rows of finished mass payments that have no final result, nil if
// there are none.
func (r *Report) Unsettled(ctx context.Context) error {
	b, chunks, err := r.chunks(ctx)
	if err != nil {
		return err
	}
	unsettled := &UnsettledRowsError{Batch: b.ID}
	for i := range chunks {
		c := &chunks[i]
		if !c.State.done() || c.Totals.unsettled() == 0 {
			continue
		}
		rows, err := r.chunk(ctx, c.Number)
		if err != nil {
			return err
		}
		for _, row := range rows {
			if !row.Status.final() {
				unsettled.add(row)
			}
		}
	}
	if unsettled.Count == 0 {
		return nil
	}
	return unsettled
}

func (r *Report) chunks(ctx context.Context) (b Batch, chunks []Chunk, err error) {
	err = r.store.View(ctx, r.batch, func(tx Tx) error {
		b, chunks, err = record{tx}.readyChunks()
		return err
	})
	return b, chunks, err
}

func (r *Report) head(ctx context.Context) (b Batch, err error) {
	err = r.store.View(ctx, r.batch, func(tx Tx) error {
		b, err = record{tx}.ready()
		return err
	})
	return b, err
}

func (r *Report) chunk(ctx context.Context, number int) (rows []RowResult, err error) {
	err = r.store.View(ctx, r.batch, func(tx Tx) error {
		rows, err = record{tx}.report(number)
		return err
	})
	return rows, err
}

// report gives the rows of a chunk with what is known of them.
func (r record) report(number int) ([]RowResult, error) {
	c, err := r.chunk(number)
	if err != nil {
		return nil, err
	}
	input, err := r.rows(&c)
	if err != nil {
		return nil, err
	}
	results, err := r.results(&c)
	if err != nil {
		return nil, err
	}
	rows := make([]RowResult, len(input))
	for i := range input {
		rows[i] = RowResult{Row: input[i], Chunk: number, MassPayment: c.MassPayment, Result: c.result(i)}
		if results != nil && results[i].Status != "" {
			rows[i].Result = results[i]
		}
	}
	return rows, nil
}
