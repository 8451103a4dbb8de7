package wire

import (
	"bytes"
	"testing"
)

// The word-wise search must agree with the obvious one for every byte at every place.
func TestSpecialFindsTheFirstSpecialByte(t *testing.T) {
	t.Parallel()
	for length := range 3*wordSize + 1 {
		for place := range length {
			for c := range 256 {
				data := bytes.Repeat([]byte{'~'}, length)
				data[place] = byte(c)
				if place+1 < length {
					data[place+1] = 0x01 // what follows must not hide or replace the first hit
				}
				want := bytes.IndexFunc(data, func(r rune) bool { return r < ' ' || r == '"' || r == '\\' || r > '\x7f' })
				if want < 0 {
					want = length
				}
				if got := special(data, 0); got != want {
					t.Fatalf("length %d, byte %#x at %d: got %d, want %d", length, c, place, got, want)
				}
			}
		}
	}
}
