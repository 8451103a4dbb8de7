package payout

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"hash"
	"maps"
	"slices"
)

// A digest is a hash over rows as they are meant, not as they are written: saving a CSV with other quotes or line ends
// changes nothing, a changed cent does.
type digest struct {
	sum hash.Hash
	b   []byte
}

func newDigest() *digest { return &digest{sum: sha256.New()} }

// add takes a row. Every text goes in with its length, so that no two sequences of rows look alike.
func (d *digest) add(r *Row, cents int64) {
	b := d.b[:0]
	b = appendText(b, r.Destination)
	b = binary.AppendVarint(b, cents)
	b = appendText(b, r.CorrelationID)
	b = binary.AppendUvarint(b, uint64(len(r.Metadata)))
	if len(r.Metadata) > 0 {
		for _, k := range slices.Sorted(maps.Keys(r.Metadata)) {
			b = appendText(appendText(b, k), r.Metadata[k])
		}
	}
	d.sum.Write(b)
	d.b = b
}

func (d *digest) String() string { return hex.EncodeToString(d.sum.Sum(nil)) }

func appendText(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}
