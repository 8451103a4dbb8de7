package payout

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
)

// This file finds the rows of a batch that another batch on record pays too. Both are sorted like those that repeat
// another row of the input: what other batches pay comes before what this one does.

// ownRow marks the line of a row of the batch itself; the other fingerprints have the number of their batch.
const ownRow = 1 << 63

// repeats reports the rows that another batch has paid or may have paid. It is called when all rows of this batch are on
// record: of two batches that are prepared at once, the one that is later sees the other.
func (p *preparation) repeats() error {
	if p.batch.Plan.AllowRepeated {
		return nil
	}
	others, err := p.store.Batches(p.ctx)
	if err != nil {
		return err
	}
	var found duplicates
	defer found.close()
	for i, id := range others {
		if err := p.payments(id, uint64(i), &found); err != nil {
			return fmt.Errorf("payout: what batch %s has paid is not known: %w", id, err)
		}
	}
	if len(found.buffer)+len(found.runs) == 0 {
		return nil
	}
	if err := p.payments(p.batch.ID, ownRow, &found); err != nil {
		return err
	}
	var named lineSet
	err = found.walk(func(first, again *fingerprint) {
		line := int(again.line &^ ownRow)
		if first.line&ownRow != 0 || again.line&ownRow == 0 || named.has(line) {
			return
		}
		named.add(line)
		p.problems.Repeated++
		p.problem(RowError{Line: line, Reason: fmt.Sprintf("batch %s has paid this or may pay it: same destination and amount, "+
			"and the same correlation id or one of them without", others[first.line])})
	})
	return cmp.Or(err, p.found())
}

// payments adds the fingerprints of what a batch has paid or may have paid, a chunk of them in memory at a time.
func (p *preparation) payments(id string, mark uint64, found *duplicates) error {
	own := mark == ownRow
	if own != (id == p.batch.ID) {
		return nil
	}
	for number := 1; ; number++ {
		var rows []storedRow
		more := false
		err := p.store.View(p.ctx, id, func(tx Tx) (err error) {
			rows, more, err = record{tx}.payments(number, p.batch)
			return err
		})
		if err != nil || !more {
			return err
		}
		for i := range rows {
			line := mark
			if own {
				line |= uint64(rows[i].Line)
			}
			for _, sum := range rows[i].sums(own) {
				if err := found.put(fingerprint{sum: sum, line: line}); err != nil {
					return err
				}
			}
		}
		if err := p.renew(); err != nil {
			return err
		}
	}
}

// payments are the rows of a chunk that were or may be paid; more is false after the last chunk. A batch that is being
// prepared counts while that goes on. What a retry pays again counts, since that may be to another bank, but not for retries,
// which have each row once.
func (r record) payments(number int, by *Batch) (rows []storedRow, more bool, err error) {
	b, err := r.batch()
	if errors.Is(err, ErrNotFound) {
		return nil, false, nil
	}
	if err != nil {
		return nil, false, err
	}
	if b.State == BatchPreparing && b.ID != by.ID {
		if l, err := r.lease(preparing); err != nil || !l.holds(r.tx.Now()) {
			return nil, false, err
		}
	}
	var c Chunk
	if more, err = r.get(numbered(prefixChunk, number), &c); err != nil || !more {
		return nil, false, err
	}
	i, err := r.index()
	if err != nil {
		return nil, false, err
	}
	if c.State == StatePlanned && b.Decision == DecisionCancelled && i.Found == 0 {
		return nil, true, nil
	}
	retried := by.RetryOf == "" && len(b.Retries) > 0
	if t := c.totals(); !retried && t.Failed.Rows+t.Cancelled.Rows+t.Returned.Rows == c.Rows {
		return nil, true, nil
	}
	var all []storedRow
	if _, err := r.get(numbered(prefixRows, number), &all); err != nil {
		return nil, false, err
	}
	if !c.State.done() {
		return all, true, nil
	}
	results, err := r.results(&c)
	for i := range results {
		if !results[i].Status.unpaid() || retried && results[i].RetriedBy != "" {
			rows = append(rows, all[i])
		}
	}
	return rows, true, err
}

// sums are hashes of what is paid to whom, and under which correlation id. A row of the batch has one in common with a row
// of another that has the same id, and if one of them has none.
func (s *storedRow) sums(own bool) [2][16]byte {
	sum := func(kind byte, correlationID string) [16]byte {
		b := appendText([]byte{kind}, fundingSourceID(s.Destination))
		b = binary.AppendVarint(b, s.Cents)
		full := sha256.Sum256(appendText(b, foldID(correlationID)))
		return [16]byte(full[:16])
	}
	const sameID, anyID = 0, 1
	switch {
	case !own:
		return [2][16]byte{sum(sameID, s.CorrelationID), sum(anyID, "")}
	case s.CorrelationID == "":
		return [2][16]byte{sum(anyID, ""), sum(anyID, "")}
	default:
		return [2][16]byte{sum(sameID, s.CorrelationID), sum(sameID, "")}
	}
}
