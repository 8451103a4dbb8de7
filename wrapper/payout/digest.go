package payout

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"hash"
	"maps"
	"slices"
)

// A digest is a hash over the values of rows, not over their text: other quotes or line ends in a CSV do not change it,
// another amount does.
type digest struct {
	sum hash.Hash
	b   []byte
}

func newDigest() *digest { return &digest{sum: sha256.New()} }

// add adds a row. Each text is preceded by its length, so that different rows never give the same bytes.
func (d *digest) add(r *Row, cents int64) {
	b := d.b[:0]
	b = appendText(b, fundingSourceID(r.Destination))
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
