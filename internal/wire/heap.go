package wire

import "reflect"

// This file bounds what a document makes of the heap. Three bytes can become a struct of hundreds, or a map, so a Decoder
// counts what it allocates, and refuses a document before that is more than heapFor.

// A document may take twice its length and something for small ones: a page of 200 customers that are all empty takes
// 340 kB. With the document itself, and with what its buffers leave behind, this stays below four times its length.
const (
	heapPerByte = 2
	heapAtLeast = 8 << 20
)

func heapFor(data []byte) int { return heapPerByte*len(data) + heapAtLeast }

// maxElements bounds the entries of an array of models and of a map.
const maxElements = 10_000

// maxRoom bounds what the first element of an array makes the decoder allocate in advance: a page of the largest size.
const maxRoom = 200

// Sizes in bytes on a 64-bit machine, where they are the largest.
const (
	sizeOfString = 16
	sizeOfSlice  = 24
	sizeOfMap    = 48
	mapGroup     = 8 // entries that a map allocates at once
)

// sizeOfText is about what a copy of text takes, as the heap rounds sizes up.
func sizeOfText(text []byte) int { return len(text) + len(text)/8 + 8 }

// Reserve counts n bytes that are about to be allocated. It fails, and returns false, if they are more than the document
// may take.
func (d *Decoder) Reserve(n int) bool {
	if d.heap -= n; d.heap < 0 {
		d.Fail("needs too much memory for its length")
	}
	return d.err == nil
}

// Bound fails if n entries are the most that an array or a map may hold. It is to be called before one more is read.
func (d *Decoder) Bound(n int) {
	if n == maxElements {
		d.Fail("too many elements")
	}
}

// Entry is to be called before an entry of size bytes is added to a map of n. It returns false, after an error too, if
// there may be no more.
func (d *Decoder) Entry(n, size int) bool {
	d.Bound(n)
	return d.grow(n, size)
}

// grow reserves what a map of n entries allocates for one more: a group of entries at first, later tables that double
// when they are seven eighths full.
func (d *Decoder) grow(n, size int) bool {
	entries := 0
	switch sevenths := n / 7; {
	case n == 0:
		entries = mapGroup
		d.heap -= sizeOfMap
	case n == mapGroup:
		entries = 2 * mapGroup
		d.heap -= sizeOfMap
	case sevenths >= 2 && n%7 == 0 && sevenths&(sevenths-1) == 0:
		entries = 2 * mapGroup * sevenths
	}
	return d.Reserve(entries * (size + size/8 + 1))
}

// Grow returns list with room for one more element, twice the room if there was none. After an error it may have none.
func Grow[T any](d *Decoder, list []T) []T {
	if len(list) < cap(list) {
		return list
	}
	return growTo(d, list, max(2*len(list), 1))
}

func growTo[T any](d *Decoder, list []T, room int) []T {
	if !d.Reserve(room * int(reflect.TypeFor[T]().Size())) {
		return list
	}
	return append(make([]T, 0, room), list...)
}

// expect estimates how many elements an array will have that began at start and has n so far, since those of a page are of
// about the same length. Where start is negative it expects a short one.
func (d *Decoder) expect(n, start int) int {
	if n == 0 || start < 0 {
		return max(2*n, 1)
	}
	each := max((d.pos-start)/n, 1)
	return min(n+1+(len(d.data)-d.pos)/each, maxRoom*n, maxElements)
}
