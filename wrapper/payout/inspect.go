package payout

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"math/bits"
	"slices"
)

// An Inspection is an input that was read and checked as [Prepare] does, without a record: how much it pays, and a
// fingerprint of every row, by which it is compared with what is on record. Most of it is in a temporary file; the memory
// is the same for a thousand rows and for a hundred million.
type Inspection struct {
	Tally
	digest string // of the rows in their order
	set    rowSet
	prints prints
}

// Inspect reads a whole input. One with problems is an [*InputError]. A plan without a source is enough, and then
// destinations are not compared with it.
func Inspect(ctx context.Context, input Input, plan Plan) (_ *Inspection, err error) {
	p, err := newCheck(ctx, plan)
	if err != nil {
		return nil, err
	}
	defer p.duplicates.close()
	i := &Inspection{}
	defer func() {
		if err != nil {
			i.Close()
		}
	}()
	err = p.read(input, func(row *Row, cents int64) error {
		i.set.add(row, cents)
		if err := i.prints.add(printOf(row, cents, true)); err != nil {
			return err
		}
		return p.fingerprint(row, cents)
	})
	if err != nil {
		return nil, err
	}
	i.Tally, i.digest = p.sum, p.all.String()
	return i, p.result()
}

// Digest is a hash of the payments, in hex. It is the same for the same payments in another order or another spelling.
func (i *Inspection) Digest() string { return i.set.String() }

// Is reports whether a batch has these rows, in their order.
func (i *Inspection) Is(b *Batch) bool { return b.Tally == i.Tally && b.Digest == i.digest }

// Close removes the temporary file.
func (i *Inspection) Close() { i.prints.close() }

// A Difference is what an input has in common with a batch on record, and what not. Rows are the same by their correlation
// id, or by their destination if they have none.
type Difference struct {
	Batch string
	// Same are the rows of both that the batch, or a retry of it, has paid or may have paid or will pay.
	Same Tally
	// Unpaid are the rows of both that the batch did not pay and never will, or that came back.
	Unpaid Tally
	// Changed are the first rows of both that pay something else now; ChangedRows is how many there are.
	Changed     []Change
	ChangedRows int
	// Added are the rows of the input that the batch has not, Removed those of the batch that the input has not. The lines
	// are the first of them.
	Added, Removed           Tally
	AddedLines, RemovedLines []int
	// Reordered says that the rows are in another order.
	Reordered bool

	common lineSet
}

// A Change is a row of an input that is on record with another payment.
type Change struct {
	Line, Was       int   // in the input, and on record
	Cents, WasCents int64 // what is paid
	Destination     bool  // another one
	Details         bool  // other metadata, or another way to pay
}

// None reports whether the input is the batch's, in whatever order.
func (d *Difference) None() bool {
	return d.ChangedRows == 0 && d.Added.Rows == 0 && d.Removed.Rows == 0
}

// Overlaps reports whether the batch has a row of the input, changed or not, that it did not fail to pay.
func (d *Difference) Overlaps() bool { return d.Same.Rows+d.ChangedRows > 0 }

// Has reports whether the row at a line of the input overlaps with the batch.
func (d *Difference) Has(line int) bool { return d.common.has(line) }

// Compare compares the input with a batch on record.
func (i *Inspection) Compare(ctx context.Context, store Store, batch string) (Difference, error) {
	d := Difference{Batch: batch}
	b, err := OpenReport(store, batch).head(ctx)
	if err != nil {
		return d, err
	}
	var known prints
	defer known.close()
	for row, err := range OpenReport(store, batch).Rows(ctx) {
		if err != nil {
			return d, err
		}
		cents, _ := row.Amount.Cents() // it is on record
		if err := known.add(printOf(&row.Row, cents, !row.Status.unpaid() || row.RetriedBy != "")); err != nil {
			return d, err
		}
	}
	for part := range partitions {
		ours, err := i.prints.part(part)
		if err != nil {
			return d, err
		}
		theirs, err := known.part(part)
		if err != nil {
			return d, err
		}
		d.join(ours, theirs)
	}
	d.Reordered = d.None() && i.digest != b.Digest
	d.AddedLines, d.RemovedLines = firstOf(d.AddedLines, cmp.Compare), firstOf(d.RemovedLines, cmp.Compare)
	d.Changed = firstOf(d.Changed, compareChanges)
	return d, nil
}

// join compares the sorted prints of two inputs, one name after the other.
func (d *Difference) join(ours, theirs []print) {
	for len(ours) > 0 || len(theirs) > 0 {
		var name []byte
		switch {
		case len(theirs) == 0 || len(ours) > 0 && slices.Compare(ours[0].name(), theirs[0].name()) <= 0:
			name = ours[0].name()
		default:
			name = theirs[0].name()
		}
		n, m := leading(ours, name), leading(theirs, name)
		d.match(ours[:n], theirs[:m])
		ours, theirs = ours[n:], theirs[m:]
	}
}

// leading is how many prints at the start have the name.
func leading(prints []print, name []byte) int {
	for n := range prints {
		if !slices.Equal(prints[n].name(), name) {
			return n
		}
	}
	return len(prints)
}

// match compares rows with one name: first those that pay the same, then the rest in their order.
func (d *Difference) match(ours, theirs []print) {
	var restOurs, restTheirs []print
	for len(ours) > 0 && len(theirs) > 0 {
		switch slices.Compare(ours[0].payment(), theirs[0].payment()) {
		case -1:
			restOurs, ours = append(restOurs, ours[0]), ours[1:]
		case 1:
			restTheirs, theirs = append(restTheirs, theirs[0]), theirs[1:]
		default:
			d.same(&ours[0], &theirs[0])
			ours, theirs = ours[1:], theirs[1:]
		}
	}
	restOurs, restTheirs = append(restOurs, ours...), append(restTheirs, theirs...)
	slices.SortFunc(restOurs, compareLines)
	slices.SortFunc(restTheirs, compareLines)
	for i := range max(len(restOurs), len(restTheirs)) {
		switch {
		case i >= len(restTheirs):
			d.Added.add(Tally{1, restOurs[i].cents()})
			d.AddedLines = keepFirst(d.AddedLines, restOurs[i].line(), cmp.Compare)
		case i >= len(restOurs):
			d.Removed.add(Tally{1, restTheirs[i].cents()})
			d.RemovedLines = keepFirst(d.RemovedLines, restTheirs[i].line(), cmp.Compare)
		default:
			d.change(&restOurs[i], &restTheirs[i])
		}
	}
}

func (d *Difference) same(our, their *print) {
	if !their.open() {
		d.Unpaid.add(Tally{1, our.cents()})
		return
	}
	d.Same.add(Tally{1, our.cents()})
	d.common.add(our.line())
}

func (d *Difference) change(our, their *print) {
	d.ChangedRows++
	d.common.add(our.line())
	d.Changed = keepFirst(d.Changed, Change{
		Line: our.line(), Was: their.line(), Cents: our.cents(), WasCents: their.cents(),
		Destination: !slices.Equal(our.destination(), their.destination()), Details: !slices.Equal(our.details(), their.details()),
	}, compareChanges)
}

func compareChanges(a, b Change) int { return cmp.Compare(a.Line, b.Line) }

// keepFirst adds to a list of which the first [maxProblems] in order are wanted.
func keepFirst[T any](list []T, v T, compare func(a, b T) int) []T {
	if list = append(list, v); len(list) < 2*maxProblems {
		return list
	}
	return firstOf(list, compare)
}

func firstOf[T any](list []T, compare func(a, b T) int) []T {
	slices.SortFunc(list, compare)
	return list[:min(len(list), maxProblems)]
}

// A lineSet is a set of lines, a bit for each.
type lineSet []uint64

func (s *lineSet) add(line int) {
	for line/64 >= len(*s) {
		*s = append(*s, 0)
	}
	(*s)[line/64] |= 1 << (line % 64)
}

func (s lineSet) has(line int) bool {
	return line >= 0 && line/64 < len(s) && s[line/64]>>(line%64)&1 == 1
}

// A rowSet is a hash over rows in any order: the sum of their hashes, as a number of 256 bits.
type rowSet [4]uint64

func (s *rowSet) add(r *Row, cents int64) {
	d := newDigest()
	d.add(r, cents)
	sum, carry := d.sum.Sum(nil), uint64(0)
	for i := range s {
		s[i], carry = bits.Add64(s[i], binary.LittleEndian.Uint64(sum[8*i:]), carry)
	}
}

func (s *rowSet) String() string {
	var b []byte
	for _, word := range s {
		b = binary.BigEndian.AppendUint64(b, word)
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}
