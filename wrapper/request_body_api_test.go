package dwolla_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"testing"
)

func TestTheBodyOfACallIsTheSameBytesEachTime(t *testing.T) {
	metadata := map[string]string{}
	for i := range 10 {
		metadata[fmt.Sprint("key", i, rand.IntN(9))] = "<&>\u2028"
	}
	var first []byte
	for range 1000 {
		s := newStub(t, always(201, "", "Location", "/transfers/x"))
		transfer := aTransfer()
		transfer.Metadata = metadata
		if _, err := s.client.Transfers.Create(t.Context(), transfer); err != nil {
			t.Fatal(err)
		}
		got := s.requests()[0].Body
		if first == nil {
			first = got
		}
		if !bytes.Equal(first, got) {
			t.Fatalf("%s\n%s", first, got)
		}
	}
	if !bytes.Contains(first, []byte("<&>\u2028")) {
		t.Errorf("escaped for HTML: %s", first)
	}
}
