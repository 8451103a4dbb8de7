package payout

import (
	"bufio"
	"bytes"
	"cmp"
	"container/heap"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
)

// duplicates finds rows with the correlation id of another, and rows without one that pay what another pays. It holds a
// bounded number of fingerprints in memory and spills sorted runs of them to a temporary file, which is merged at the
// end: the memory is the same for a thousand rows and for a hundred million.
type duplicates struct {
	buffer []fingerprint
	spill  *os.File
	runs   []int64 // fingerprints in each spilled run
}

// A fingerprint is 128 bits of a hash, so that different rows do not share one, and the line.
type fingerprint struct {
	sum  [16]byte
	line uint64
}

const (
	fingerprintSize = 24
	fingerprintsMax = 256 << 10 // 6 MiB
)

func compareFingerprints(a, b fingerprint) int {
	return cmp.Or(bytes.Compare(a.sum[:], b.sum[:]), cmp.Compare(a.line, b.line))
}

func (d *duplicates) add(row *Row, cents int64) error {
	return d.put(fingerprint{sum: rowSum(row, cents), line: uint64(row.Line)})
}

func (d *duplicates) put(f fingerprint) error {
	if len(d.buffer) == fingerprintsMax {
		if err := d.flush(); err != nil {
			return err
		}
	}
	d.buffer = append(d.buffer, f)
	return nil
}

// rowSum is the hash of the correlation id, if there is one, or of destination and amount. Its last bit says which.
func rowSum(row *Row, cents int64) [16]byte {
	b := make([]byte, 0, 160)
	if row.CorrelationID != "" {
		b = append(b, foldID(row.CorrelationID)...)
	} else {
		b = binary.AppendVarint(append(b, fundingSourceID(row.Destination)...), cents)
	}
	full := sha256.Sum256(b)
	sum := [16]byte(full[:16])
	sum[15] &^= 1
	if row.CorrelationID != "" {
		sum[15] |= 1
	}
	return sum
}

// column is the one that a row repeats of an earlier line; empty for several.
func (f *fingerprint) column() string {
	if f.sum[15]&1 == 1 {
		return columnCorrelationID
	}
	return ""
}

// repeats says what a row repeats of an earlier line.
func (f *fingerprint) repeats(first int) string {
	if f.sum[15]&1 == 1 {
		return fmt.Sprintf("that of line %d again", first)
	}
	return fmt.Sprintf("repeats line %d: same destination and amount, and no correlation id to tell them apart", first)
}

func (d *duplicates) flush() (err error) {
	if d.spill == nil {
		if d.spill, err = os.CreateTemp("", "payout-duplicates-*"); err != nil {
			return fmt.Errorf("payout: no room to look for duplicates: %w", err)
		}
	}
	slices.SortFunc(d.buffer, compareFingerprints)
	w := bufio.NewWriterSize(d.spill, 64<<10)
	var record [fingerprintSize]byte
	for _, f := range d.buffer {
		copy(record[:16], f.sum[:])
		binary.BigEndian.PutUint64(record[16:], f.line)
		if _, err := w.Write(record[:]); err != nil {
			return fmt.Errorf("payout: no room to look for duplicates: %w", err)
		}
	}
	if err := w.Flush(); err != nil {
		return fmt.Errorf("payout: no room to look for duplicates: %w", err)
	}
	d.runs = append(d.runs, int64(len(d.buffer)))
	d.buffer = d.buffer[:0]
	return nil
}

// report calls found for every row that repeats an earlier one, in no particular order.
func (d *duplicates) report(found func(RowError)) error {
	return d.walk(func(first, again *fingerprint) {
		found(RowError{Line: int(again.line), Column: again.column(), Reason: again.repeats(int(first.line))})
	})
}

// walk calls found for every fingerprint that is there again, with the first of them.
func (d *duplicates) walk(found func(first, again *fingerprint)) error {
	slices.SortFunc(d.buffer, compareFingerprints)
	merge := mergeHeap{&run{next: fromSlice(d.buffer)}}
	at := int64(0)
	for _, n := range d.runs {
		section := io.NewSectionReader(d.spill, at, n*fingerprintSize)
		merge = append(merge, &run{next: fromFile(bufio.NewReaderSize(section, 64<<10), n)})
		at += n * fingerprintSize
	}
	var err error
	merge = slices.DeleteFunc(merge, func(r *run) bool {
		more := r.advance()
		err = errors.Join(err, r.err)
		return !more
	})
	if err != nil {
		return fmt.Errorf("payout: the search for duplicates: %w", err)
	}
	heap.Init(&merge)
	var first fingerprint
	started := false
	for len(merge) > 0 {
		top := merge[0]
		if started && top.head.sum == first.sum {
			found(&first, &top.head)
		} else {
			first, started = top.head, true
		}
		if top.advance() {
			heap.Fix(&merge, 0)
			continue
		}
		if top.err != nil {
			return fmt.Errorf("payout: the search for duplicates: %w", top.err)
		}
		heap.Pop(&merge)
	}
	return nil
}

func (d *duplicates) close() {
	if d.spill != nil {
		_ = d.spill.Close()
		_ = os.Remove(d.spill.Name())
	}
}

// A run is a sorted sequence of fingerprints that is read one by one.
type run struct {
	head fingerprint
	next func() (fingerprint, error)
	err  error
}

func (r *run) advance() bool {
	head, err := r.next()
	if err != nil {
		if !errors.Is(err, io.EOF) {
			r.err = err
		}
		return false
	}
	r.head = head
	return true
}

func fromSlice(s []fingerprint) func() (fingerprint, error) {
	return func() (fingerprint, error) {
		if len(s) == 0 {
			return fingerprint{}, io.EOF
		}
		head := s[0]
		s = s[1:]
		return head, nil
	}
}

// fromFile reads as many as were written: a file that ends before has lost some.
func fromFile(r io.Reader, left int64) func() (fingerprint, error) {
	return func() (f fingerprint, err error) {
		if left == 0 {
			return f, io.EOF
		}
		left--
		var record [fingerprintSize]byte
		if _, err = io.ReadFull(r, record[:]); errors.Is(err, io.EOF) {
			err = io.ErrUnexpectedEOF
		}
		if err != nil {
			return f, err
		}
		copy(f.sum[:], record[:16])
		f.line = binary.BigEndian.Uint64(record[16:])
		return f, nil
	}
}

type mergeHeap []*run

func (h mergeHeap) Len() int           { return len(h) }
func (h mergeHeap) Less(i, j int) bool { return compareFingerprints(h[i].head, h[j].head) < 0 }
func (h mergeHeap) Swap(i, j int)      { h[i], h[j] = h[j], h[i] }
func (h *mergeHeap) Push(x any)        { *h = append(*h, x.(*run)) }
func (h *mergeHeap) Pop() any {
	last := len(*h) - 1
	top := (*h)[last]
	*h = (*h)[:last]
	return top
}
