package payout

import (
	"fmt"

	dwolla "github.com/dwolla-go/dwolla-go/wrapper"
)

// A Tally is a number of rows and their sum.
type Tally struct {
	Rows  int   `json:"rows"`
	Cents int64 `json:"cents"`
}

// Amount is the sum as money, in dollars.
func (t Tally) Amount() dwolla.Money { return dwolla.USDCents(t.Cents) }

func (t *Tally) add(o Tally) {
	t.Rows += o.Rows
	t.Cents += o.Cents
}

// Totals are rows and sums by status.
type Totals struct {
	Paid      Tally `json:"paid,omitzero"`
	Returned  Tally `json:"returned,omitzero"`
	Failed    Tally `json:"failed,omitzero"`
	Cancelled Tally `json:"cancelled,omitzero"`
	Pending   Tally `json:"pending,omitzero"`
	Unknown   Tally `json:"unknown,omitzero"`
}

// All is the sum over every status.
func (t Totals) All() Tally {
	var all Tally
	for _, part := range []Tally{t.Paid, t.Returned, t.Failed, t.Cancelled, t.Pending, t.Unknown} {
		all.add(part)
	}
	return all
}

// count adds rows to a status. An undefined status counts as unknown.
func (t *Totals) count(s Status, part Tally) {
	switch s {
	case Paid:
		t.Paid.add(part)
	case Returned:
		t.Returned.add(part)
	case Failed:
		t.Failed.add(part)
	case Cancelled:
		t.Cancelled.add(part)
	case Pending:
		t.Pending.add(part)
	default:
		t.Unknown.add(part)
	}
}

func (t *Totals) add(o Totals) {
	t.Paid.add(o.Paid)
	t.Returned.add(o.Returned)
	t.Failed.add(o.Failed)
	t.Cancelled.add(o.Cancelled)
	t.Pending.add(o.Pending)
	t.Unknown.add(o.Unknown)
}

// unsettled is the number of rows without a final result.
func (t Totals) unsettled() int { return t.Pending.Rows + t.Unknown.Rows }

// check returns an error unless the totals add up to want.
func (t Totals) check(want Tally) error {
	if all := t.All(); all != want {
		return fmt.Errorf("payout: the totals do not add up: %d rows, %d cents, instead of %d rows, %d cents", all.Rows, all.Cents, want.Rows, want.Cents)
	}
	return nil
}

// totals counts a chunk's rows. Until it has results, its state says what is known of all that are not refused.
func (c *Chunk) totals() Totals {
	if c.State.done() || c.State == StateCreated && c.Totals != (Totals{}) {
		return c.Totals
	}
	t := Totals{Failed: c.refused()}
	rest, _ := c.rest()
	t.count(c.State.rowStatus(), rest)
	return t
}
