package wire

import "encoding/binary"

// This file is the memory of a Decoder. Strings of which documents repeat the same few (enum values, currencies, media types, member names) are kept and
// shared, so that reading them again allocates nothing.

// maxInterned is the length up to which a string is worth sharing, in bytes.
const maxInterned = 64

// interned remembers the strings that were seen last, one for each hash: its size is fixed, whatever a document holds.
type interned [256]string

// intern returns text as a string, the one that it returned before if that is still remembered.
func (d *Decoder) intern(text []byte) string {
	if len(text) == 0 || len(text) > maxInterned {
		return d.copyText(text)
	}
	if d.strings == nil {
		d.strings = new(interned)
	}
	known := &d.strings[hash(text)]
	if *known != string(text) {
		*known = d.copyText(text)
	}
	return *known
}

// hash looks at the two ends of a text only; where two texts have the same hash, each allocates again.
func hash(text []byte) uint8 {
	const mix = 0x9e3779b97f4a7c15 // the golden ratio, which spreads what is multiplied by it
	if len(text) < wordSize {
		var short uint64
		for _, c := range text {
			short = short<<8 | uint64(c)
		}
		return uint8(short * mix >> 56)
	}
	head, tail := binary.LittleEndian.Uint64(text), binary.LittleEndian.Uint64(text[len(text)-wordSize:])
	return uint8((head*mix ^ tail + uint64(len(text))) * mix >> 56)
}
