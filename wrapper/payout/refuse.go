package payout

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"

	dwolla "github.com/dwolla-go/dwolla-go/wrapper"
)

// refuse decides what the refusal of a first request means. One that names items is about these rows: they have failed, and
// the others are sent without them. Any other is about the source, a permission or the funds, and would hit the next chunk
// as well: it ends the run, and the chunk can be sent once its cause is mended.
func (s *step) refuse(ctx context.Context, refusal error, items int) error {
	c := &s.chunk
	named := namedItems(refusal, items)
	if len(named) == 0 {
		s.failure, s.stopped = refusal, true
		c.LastError = refusal.Error()
		s.wait(0)
		return c.notSent()
	}
	s.failure = refusal
	cut, err := s.without(ctx, named)
	switch {
	case err != nil:
		return err
	case cut.Rows == 0:
		return c.reject(refusal)
	default:
		return c.shorten(&s.batch, cut)
	}
}

// namedItems are the results of the items that a refusal names, by their place.
func namedItems(refusal error, items int) map[int]Result {
	e := asError(refusal)
	if e == nil {
		return nil
	}
	named := map[int]Result{}
	for _, f := range e.Fields {
		if i, ok := itemIndex(f.Path); ok && i < items {
			named[i] = Result{Status: Failed, Code: f.Code, Message: f.Message, Path: f.Path}
		}
	}
	return named
}

// itemIndex reads the number in a path such as "/items/3/amount".
func itemIndex(path string) (int, bool) {
	rest, ok := strings.CutPrefix(strings.TrimPrefix(path, "/_embedded"), "/items/")
	if !ok {
		return 0, false
	}
	number, _, _ := strings.Cut(rest, "/")
	i, err := strconv.Atoi(number)
	return i, err == nil && i >= 0
}

// A Cut is a chunk without the rows that Dwolla refused by name.
type Cut struct {
	Tally          // the rows that are left
	Digest  string `json:"digest"`  // of these
	Refused []int  `json:"refused"` // the others, by their place in the chunk, ascending
}

// rest is what is sent of the chunk, and its digest.
func (c *Chunk) rest() (Tally, string) {
	if c.Cut != nil {
		return c.Cut.Tally, c.Cut.Digest
	}
	return c.Tally, c.Digest
}

// refused is what Dwolla refused of the chunk by name.
func (c *Chunk) refused() Tally {
	rest, _ := c.rest()
	return Tally{c.Rows - rest.Rows, c.Cents - rest.Cents}
}

// result is what is known of a row that has no result of its own.
func (c *Chunk) result(place int) Result {
	if c.isRefused(place) {
		return Result{Status: Failed, Code: codeRefused, Message: "Dwolla refused the row"}
	}
	return Result{Status: c.State.rowStatus()}
}

func (c *Chunk) isRefused(place int) bool {
	if c.Cut == nil {
		return false
	}
	_, refused := slices.BinarySearch(c.Cut.Refused, place)
	return refused
}

// places are those of the rows that are sent, in the chunk.
func (c *Chunk) places() []int {
	places := make([]int, 0, c.Rows)
	for i := range c.Rows {
		if !c.isRefused(i) {
			places = append(places, i)
		}
	}
	return places
}

// without is the chunk without some of the rows that are sent, by their place among these. Their results are written down
// with it.
func (s *step) without(ctx context.Context, failed map[int]Result) (*Cut, error) {
	rows, err := s.rows(ctx)
	if err != nil {
		return nil, err
	}
	results, cut, sum := make([]Result, len(rows)), &Cut{}, newDigest()
	if s.chunk.Cut != nil {
		cut.Refused = slices.Clone(s.chunk.Cut.Refused)
	}
	for i, place := range s.chunk.places() {
		if result, ok := failed[i]; ok {
			results[i], cut.Refused = result, append(cut.Refused, place)
			continue
		}
		cents, _ := rows[i].Amount.Cents()
		cut.add(Tally{1, cents})
		sum.add(&rows[i], cents)
	}
	cut.Digest = sum.String()
	slices.Sort(cut.Refused)
	return cut, s.report(ctx, results)
}

// keep takes over what became of the payment after it was listed before.
func (r *Result) keep(before *Result) {
	if r.Code == codeMissing && before.Item != "" { // it was listed before
		*r = *before
	}
	r.RetriedBy = before.RetriedBy
	if r.Status == Paid && before.Status == Returned && r.Transfer == before.Transfer {
		*r = *before
	}
}

// report has the results of the rows that are sent written down with the chunk, beside those of the refused ones. What is
// known better than by listing the items stays.
func (s *step) report(ctx context.Context, sent []Result) error {
	c := &s.chunk
	return s.runner.store.View(ctx, s.batch.ID, func(tx Tx) error {
		all, err := record{tx}.results(c)
		if err != nil {
			return err
		}
		if all == nil {
			all = make([]Result, c.Rows)
		}
		for i, place := range c.places() {
			sent[i].keep(&all[place])
			all[place] = sent[i]
		}
		s.results = all
		return nil
	})
}

func asError(err error) *dwolla.Error {
	e, _ := errors.AsType[*dwolla.Error](err)
	return e
}
