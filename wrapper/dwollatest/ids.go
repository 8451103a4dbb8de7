package dwollatest

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
)

// An idSource makes identifiers that depend on nothing but the seed and how many were made before, so that the output
// of an example or a golden file does not change between runs.
type idSource struct {
	seed  uint64
	count uint64
}

// uuid returns the next identifier in the form of a version 4 UUID.
func (s *idSource) uuid() string {
	b := s.next()
	b[6] = b[6]&0x0f | 0x40
	b[8] = b[8]&0x3f | 0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[0:4], b[4:6], b[6:8], b[8:10], b[10:16])
}

// token returns the next opaque string of n hexadecimal digits, at most 64.
func (s *idSource) token(n int) string {
	b := s.next()
	return hex.EncodeToString(b[:])[:n]
}

// digits returns the next string of n decimal digits, at most 19, that does not begin with zero.
func (s *idSource) digits(n int) string {
	b := s.next()
	v := binary.BigEndian.Uint64(b[:8]) % 1_000_000_000_000_000_000
	return fmt.Sprintf("%d%018d", 1+b[8]%9, v)[:n]
}

func (s *idSource) next() [sha256.Size]byte {
	s.count++
	var in [16]byte
	binary.BigEndian.PutUint64(in[:8], s.seed)
	binary.BigEndian.PutUint64(in[8:], s.count)
	return sha256.Sum256(in[:])
}
