package wire_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/dwolla-go/dwolla-go/internal/wire"
)

// heap is what a document of no length may take, in bytes.
const heap = 8 << 20

func TestADecoderCountsWhatItAllocates(t *testing.T) {
	t.Parallel()
	const doc = `{"a":1}`
	d := wire.NewDecoder([]byte(doc))
	if !d.Reserve(heap+2*len(doc)) || d.Reserve(1) || d.Reserve(0) {
		t.Error("the bound is another one")
	}
	got, ok := errors.AsType[*wire.DecodeError](d.Err())
	if want := "needs too much memory for its length"; !ok || got.Problem != want {
		t.Errorf("got %v, want %s", d.Err(), want)
	}
	if d.Reset([]byte(doc)); !d.Reserve(heap) {
		t.Error("what was allocated for one document counts for the next")
	}
}

func TestAPartCountsForTheWholeDocument(t *testing.T) {
	t.Parallel()
	d := wire.NewDecoder([]byte(`{}`))
	if err := d.Part([]byte(`{"id":"a"} x`), new(account)); err == nil || d.Err() != nil {
		t.Errorf("a part with garbage behind it: %v, and the document %v", err, d.Err())
	}
	var first, last account
	if err := d.Part([]byte(`{"id":"a"}`), &first); err != nil || first.ID != "a" {
		t.Errorf("got %+v, %v", first, err)
	}
	flood := fmt.Sprintf(`{"x":[%s0]}`, strings.Repeat("0,", heap/4))
	for range 2 {
		_ = d.Part([]byte(flood), new(account))
	}
	if err := d.Part([]byte(`{"x":0}`), &last); err == nil {
		t.Error("parts may take more than the document")
	}
}

// The counts are those of maps and slices as they grow.
func TestGrowingIsCountedBeforeItHappens(t *testing.T) {
	t.Parallel()
	for entries := range 3000 {
		d := wire.NewDecoder(nil)
		room := cap(wire.Grow(d, make([]int64, entries)))
		if room <= entries || !d.Reserve(heap-8*room) || d.Reserve(1) {
			t.Fatalf("%d elements have room for %d", entries, room)
		}
	}
	d := wire.NewDecoder(nil)
	if list := wire.Grow(d, make([][heap]byte, 0)); cap(list) != 1 || d.Err() != nil {
		t.Errorf("there is no room for what fits: %v", d.Err())
	}
	if list := wire.Grow(d, make([][1]byte, 0)); cap(list) != 0 || d.Err() == nil {
		t.Error("there is room for what does not fit")
	}
	for n, ok := range map[int]bool{0: true, 9_999: true, 10_000: false} {
		if d := wire.NewDecoder(nil); d.Entry(n, 1) != ok {
			t.Errorf("%d entries: %v", n, d.Err())
		}
	}
}

func TestANilModelIsRefused(t *testing.T) {
	t.Parallel()
	if err := wire.Unmarshal([]byte(`{}`), (*inner)(nil)); err == nil {
		t.Error("it is read")
	}
}
