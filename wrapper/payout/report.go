package payout

import (
	"context"
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

// Done reports whether nothing is left to do, by the program or by a person.
func (s *Summary) Done() bool {
	return s.done() == s.Batch.Chunks
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
		return s.Totals.check(b.Tally)
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

func (r *Report) head(ctx context.Context) (b Batch, err error) {
	err = r.store.View(ctx, r.batch, func(tx Tx) error {
		b, err = record{tx}.ready()
		return err
	})
	return b, err
}

func (r *Report) chunk(ctx context.Context, number int) (rows []RowResult, err error) {
	err = r.store.View(ctx, r.batch, func(tx Tx) error {
		rec := record{tx}
		c, err := rec.chunk(number)
		if err != nil {
			return err
		}
		input, err := rec.rows(&c)
		if err != nil {
			return err
		}
		results, err := rec.results(&c)
		if err != nil {
			return err
		}
		rows = make([]RowResult, len(input))
		for i := range input {
			rows[i] = RowResult{Row: input[i], Chunk: number, MassPayment: c.MassPayment, Result: Result{Status: c.State.rowStatus()}}
			if results != nil {
				rows[i].Result = results[i]
			}
		}
		return nil
	})
	return rows, err
}
