package payout

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"testing"

	dwolla "github.com/dwolla-go/dwolla-go/wrapper"
)

func TestFault145_AnEditedInputIsRefused(t *testing.T) {
	edits := map[string]func([]Row) []Row{
		"a cent":        func(r []Row) []Row { r[5].Amount = dwolla.USDCents(7); return r },
		"a destination": func(r []Row) []Row { r[5].Destination = r[4].Destination; return r },
		"a missing row": func(r []Row) []Row { return r[:len(r)-1] },
		"another row": func(r []Row) []Row {
			return append(r, Row{Line: 999, Destination: r[0].Destination, Amount: dwolla.USDCents(9)})
		},
		"another order":  func(r []Row) []Row { r[1].Amount, r[2].Amount = r[2].Amount, r[1].Amount; return r },
		"metadata":       func(r []Row) []Row { r[3].Metadata = map[string]string{"k": "v"}; return r },
		"correlation id": func(r []Row) []Row { r[3].CorrelationID = "other"; return r },
		"clearing":       func(r []Row) []Row { r[3].Clearing = "next-available"; return r },
		"addenda":        func(r []Row) []Row { r[3].Addenda = "wages"; return r },
		"a network":      func(r []Row) []Row { r[3].Channel = "instant"; return r },
		"a bad row":      func(r []Row) []Row { r[3].Amount.Amount = "0"; return r },
	}
	for name, edit := range edits {
		t.Run(name, func(t *testing.T) {
			s := newMemStore()
			mustPrepare(t, s, simRows(20), Plan{})
			_, err := Prepare(t.Context(), s, simBatch, inputOf(edit(simRows(20))), Plan{Source: simSource})
			if edited, ok := errors.AsType[*EditedError](err); !ok || edited.What != "input" {
				t.Errorf("%v", err)
			}
		})
	}
	s := newMemStore()
	first := mustPrepare(t, s, simRows(20), Plan{})
	if again := mustPrepare(t, s, simRows(20), Plan{}); again.Preparation != first.Preparation {
		t.Error("the same input was written down again")
	}
	_, err := Prepare(t.Context(), s, simBatch, inputOf(simRows(20)), Plan{Source: simSource, Deferred: true})
	if edited, ok := errors.AsType[*EditedError](err); !ok || edited.What != "plan" {
		t.Errorf("another plan: %v", err)
	}
}

func TestARowWithoutClearingAddendaAndNetworkHasTheDigestThatEarlierVersionsGaveIt(t *testing.T) {
	d := newDigest()
	d.add(&Row{Destination: "https://api.dwolla.com/funding-sources/abc", CorrelationID: "wage", Metadata: map[string]string{"k": "v"}}, 100)
	// Lengths before texts, and 100 as a varint.
	want := fmt.Sprintf("%x", sha256.Sum256([]byte("\x03abc\xc8\x01\x04wage\x01\x01k\x01v")))
	if d.String() != want {
		t.Errorf("%s, not %s", d, want)
	}
}
