package payout

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"os"
	"slices"
)

// A print is what is remembered of a row to compare it with another: hashes of its name (the correlation id, or else the
// destination), its destination, its amount, a hash of the other details, its line, and whether it is or may be paid. Prints
// sort by bytes in this order.
type print [printSize]byte

const (
	endName        = 16
	endDestination = endName + 12
	endCents       = endDestination + 8
	endDetails     = endCents + 12
	endLine        = endDetails + 8
	printSize      = endLine + 1
)

func (p *print) name() []byte        { return p[:endName] }
func (p *print) destination() []byte { return p[endName:endDestination] }
func (p *print) cents() int64        { return int64(binary.BigEndian.Uint64(p[endDestination:endCents])) }
func (p *print) details() []byte     { return p[endCents:endDetails] }
func (p *print) payment() []byte     { return p[:endDetails] }
func (p *print) line() int           { return int(binary.BigEndian.Uint64(p[endDetails:endLine])) }
func (p *print) open() bool          { return p[endLine] != 0 }

func comparePrints(a, b print) int { return bytes.Compare(a[:], b[:]) }
func compareLines(a, b print) int  { return a.line() - b.line() }

func printOf(r *Row, cents int64, open bool) (p print) {
	to := fundingSourceID(r.Destination)
	name := "destination " + to
	if r.CorrelationID != "" {
		name = "correlation id " + foldID(r.CorrelationID)
	}
	rest := *r
	rest.Destination = ""
	details := newDigest()
	details.add(&rest, 0)
	sum := sha256.Sum256([]byte(name))
	copy(p[:endName], sum[:])
	sum = sha256.Sum256([]byte(to))
	copy(p[endName:endDestination], sum[:])
	binary.BigEndian.PutUint64(p[endDestination:endCents], uint64(cents))
	copy(p[endCents:endDetails], details.sum.Sum(nil))
	binary.BigEndian.PutUint64(p[endDetails:endLine], uint64(r.Line))
	if open {
		p[endLine] = 1
	}
	return p
}

// partitions divide the prints by their names, so that a part of them at a time is in memory.
const (
	partitions  = 64
	printsBlock = 2048 // written at once
)

// prints are those of an input: a block of each part in memory, the full blocks in a temporary file.
type prints struct {
	parts [partitions]struct {
		last   []print
		blocks []int64 // where they begin in the file
	}
	file *os.File
	size int64
}

func (s *prints) add(p print) error {
	part := &s.parts[p[0]%partitions]
	part.last = append(part.last, p)
	if len(part.last) < printsBlock {
		return nil
	}
	if s.file == nil {
		var err error
		if s.file, err = os.CreateTemp("", "payout-rows-*"); err != nil {
			return fmt.Errorf("payout: no room to compare rows: %w", err)
		}
	}
	block := make([]byte, 0, printsBlock*printSize)
	for i := range part.last {
		block = append(block, part.last[i][:]...)
	}
	if _, err := s.file.WriteAt(block, s.size); err != nil {
		return fmt.Errorf("payout: no room to compare rows: %w", err)
	}
	part.blocks = append(part.blocks, s.size)
	s.size += int64(len(block))
	part.last = part.last[:0]
	return nil
}

// part gives the prints of one part, sorted.
func (s *prints) part(n int) ([]print, error) {
	part := &s.parts[n]
	all := slices.Clone(part.last)
	block := make([]byte, printsBlock*printSize)
	for _, at := range part.blocks {
		if _, err := s.file.ReadAt(block, at); err != nil {
			return nil, fmt.Errorf("payout: the rows to compare: %w", err)
		}
		for p := range slices.Chunk(block, printSize) {
			all = append(all, print(p))
		}
	}
	slices.SortFunc(all, comparePrints)
	return all, nil
}

func (s *prints) close() {
	if s.file != nil {
		_ = s.file.Close()
		_ = os.Remove(s.file.Name())
	}
}
