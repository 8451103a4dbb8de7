package payout

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"testing"
	"testing/synctest"

	dwolla "github.com/dwolla-go/dwolla-go/wrapper"
)

// picky is a Dwolla that refuses a mass payment as a whole because of some lines, and names their items.
type picky struct {
	direct
	bad  map[int]bool // lines
	next map[int]int  // the line that is bad once another is not there
	path string       // of an item, with its index
	sent int
	keys []string
}

func (g *picky) Create(ctx context.Context, key KeyUse, body *dwolla.CreateMassPayment) (string, error) {
	g.sent++
	g.keys = append(g.keys, key.Key)
	there := map[int]bool{}
	for i := range body.Items {
		there[lineIn(body, i)] = true
	}
	for line, next := range g.next {
		if g.bad[line] && !there[line] {
			g.bad[next] = true
		}
	}
	refusal := simError(dwolla.OutcomeRejected, 400, "ValidationError")
	refusal.Message = "Validation error(s) present."
	for i := range body.Items {
		if g.bad[lineIn(body, i)] {
			refusal.Fields = append(refusal.Fields, dwolla.FieldError{Code: "Invalid", Message: "Receiver not found.", Path: fmt.Sprintf(g.path, i)})
		}
	}
	if len(refusal.Fields) > 0 {
		return "", refusal
	}
	return g.direct.Create(ctx, key, body)
}

func lineIn(body *dwolla.CreateMassPayment, i int) int {
	line, _ := strconv.Atoi(body.Items[i].Metadata[metadataRow])
	return line
}

func TestFault339_ARefusedItemDoesNotKeepTheOthersFromBeingPaid(t *testing.T) {
	for _, path := range []string{"/items/%d/_links/destination/href", "/_embedded/items/%d/amount", "/items/%d"} {
		bubble(t, path, func(t *testing.T) {
			b, s := newFakeDwolla(), newMemStore()
			b.reject[12] = true // an item that fails later, after the others of its chunk were sent again
			mustPrepare(t, s, simRows(50), Plan{ChunkRows: 25})
			g := &picky{direct: direct{b}, bad: map[int]bool{3: true, 9: true}, path: path}
			r := mustRunner(t, s, g, Options{})
			summary, err := r.Run(t.Context(), simBatch)
			if err != nil || !summary.Done() || summary.Totals.Paid.Rows != 47 || summary.Totals.Failed.Rows != 3 || g.sent != 3 {
				t.Fatalf("%+v, %d requests, %v", summary.Totals, g.sent, err)
			}
			paid := b.ledger(simBatch)
			for row, err := range OpenReport(s, simBatch).Rows(t.Context()) {
				if err != nil {
					t.Fatal(err)
				}
				want, code := 1, ""
				switch row.Line {
				case 3, 9:
					want, code = 0, "Invalid"
				case 12:
					want, code = 0, "InsufficientFunds"
				}
				if paid[row.Line] != want || (row.Status == Paid) != (want == 1) || row.Code != code {
					t.Errorf("line %d is %+v, and was paid %d times", row.Line, row.Result, paid[row.Line])
				}
			}
			g.bad, b.reject = nil, map[int]bool{}
			retry, err := r.PrepareRetry(t.Context(), simBatch, "again", Retry{})
			if err != nil || retry.Rows != 3 {
				t.Fatalf("%+v, %v", retry, err)
			}
		})
	}
}

func TestARefusalOfEachItemFailsTheChunk(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, s := newFakeDwolla(), newMemStore()
		mustPrepare(t, s, simRows(6), Plan{ChunkRows: 3})
		g := &picky{direct: direct{b}, bad: map[int]bool{2: true, 3: true, 4: true}, path: "/items/%d/amount"}
		summary, err := mustRunner(t, s, g, Options{}).Run(t.Context(), simBatch)
		if err != nil || summary.Totals.Paid.Rows != 3 || summary.Totals.Failed.Rows != 3 || g.sent != 2 || summary.Chunks[StateRejected] != 1 {
			t.Errorf("%+v, %d requests, %v", summary.Totals, g.sent, err)
		}
	})
}

func TestItemsThatAreRefusedOneAfterTheOtherAllFail(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, s := newFakeDwolla(), newMemStore()
		mustPrepare(t, s, simRows(10), Plan{})
		g := &picky{direct: direct{b}, bad: map[int]bool{3: true}, path: "/items/%d/amount"}
		g.next = map[int]int{3: 11, 11: 7}
		summary, err := mustRunner(t, s, g, Options{}).Run(t.Context(), simBatch)
		keys := slices.Compact(slices.Sorted(slices.Values(g.keys)))
		if err != nil || summary.Totals.Failed.Rows != 3 || summary.Totals.Paid.Rows != 7 || g.sent != 4 || len(keys) != 4 {
			t.Errorf("%+v, %d requests with %d keys, %v", summary.Totals, g.sent, len(keys), err)
		}
	})
}

func TestFault340_ARecordThatIsLostAfterARefusalOfItemsPaysNobodyAgain(t *testing.T) {
	for _, test := range []struct {
		name   string
		mended bool // what was refused the first time is no longer
		bare   bool // Dwolla tells no metadata
	}{
		{"the item is still refused", false, false},
		{"the item is no longer refused", true, false},
		{"nothing has metadata", true, true},
	} {
		bubble(t, test.name, func(t *testing.T) {
			b := newFakeDwolla()
			b.bare = test.bare
			g := &picky{direct: direct{b}, bad: map[int]bool{3: true}, path: "/items/%d/amount"}
			lost, s := newMemStore(), newMemStore()
			mustPrepare(t, lost, simRows(10), Plan{ChunkRows: 5})
			summary, err := mustRunner(t, lost, g, Options{}).Run(t.Context(), simBatch)
			if err != nil || summary.Totals.Paid.Rows != 9 || summary.Totals.Failed.Rows != 1 {
				t.Fatalf("%+v, %v", summary.Totals, err)
			}
			if test.mended {
				g.bad = nil
			}
			// The refusal is not on this record, so that a person decides, and nothing is known of the row.
			mustPrepare(t, s, simRows(10), Plan{ChunkRows: 5})
			r := mustRunner(t, s, g, Options{})
			_, err = r.Run(t.Context(), simBatch)
			adopt := Resolution{By: "a person", Action: Adopt, MassPayment: heldOf(t, err)[0].Hold.Candidates[0]}
			if err := r.Resolve(t.Context(), simBatch, 1, adopt); err != nil {
				t.Fatal(err)
			}
			summary, err = r.Run(t.Context(), simBatch)
			unsettled, ok := errors.AsType[*UnsettledRowsError](err)
			if !ok || unsettled.Count != 1 || summary.Totals.Paid.Rows != 9 || summary.Totals.Unknown.Rows != 1 || resultsOf(t, s)[1].Status != Unknown {
				t.Errorf("%+v, %v", summary.Totals, err)
			}
			for line, times := range b.ledger(simBatch) {
				if times != 1 || line == 3 {
					t.Errorf("line %d was paid %d times", line, times)
				}
			}
		})
	}
}

func TestFault341_ARefusalThatIsAboutNoItemStopsTheRunWhichGoesOnOnceItsCauseIsMended(t *testing.T) {
	field := func(code, path string) *dwolla.Error {
		e := simError(dwolla.OutcomeRejected, 400, "ValidationError")
		e.Fields = []dwolla.FieldError{{Code: code, Message: "No.", Path: path}}
		return e
	}
	for name, refusal := range map[string]*dwolla.Error{
		"no permission":              simError(dwolla.OutcomeRejected, 403, "Forbidden"),
		"a source that is not there": simError(dwolla.OutcomeRejected, 404, "NotFound"),
		"a source that is refused":   field("Invalid", "/_links/source/href"),
		"no funds":                   simError(dwolla.OutcomeRejected, 400, "InsufficientFunds"),
		"items without an index":     field("Invalid", "/items/amount/value"),
		"an item that is not there":  field("Invalid", "/items/3/amount"),
		"an item below the first":    field("Invalid", "/items/-1/amount"),
		"nothing":                    field("Invalid", ""),
	} {
		bubble(t, name, func(t *testing.T) {
			b, s := newFakeDwolla(), newMemStore()
			mustPrepare(t, s, simRows(60), Plan{ChunkRows: 3})
			var refused error = refusal
			g := &scripted{direct: direct{b}, answer: func(int) error { return refused }}
			r := mustRunner(t, s, g, Options{})
			for n := range 2 {
				summary, err := r.Run(t.Context(), simBatch)
				if stopped, ok := errors.AsType[*StoppedError](err); !ok || !errors.Is(stopped, refusal) || g.calls != n+1 {
					t.Errorf("%d requests, %v", g.calls, err)
				}
				if summary.Totals.Pending.Rows != 60 {
					t.Errorf("%+v", summary.Totals)
				}
			}
			refused = nil
			if summary, err := r.Run(t.Context(), simBatch); err != nil || summary.Totals.Paid.Rows != 60 {
				t.Errorf("%+v, %v", summary.Totals, err)
			}
			if slices.Max(slices.Collect(maps.Values(b.ledger(simBatch)))) != 1 {
				t.Error("somebody was paid twice")
			}
		})
	}
}

func TestFault342_ARunWhoseItemsKeepFailingStops(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, s := newFakeDwolla(), newMemStore()
		for line := range 1000 {
			b.reject[line] = true
		}
		mustPrepare(t, s, simRows(100), Plan{ChunkRows: 10})
		for n, most := range []int{15, 15, 45} {
			summary, err := mustRunner(t, s, direct{b}, Options{MaxFailedRows: most, MaxOpen: 1}).Run(t.Context(), simBatch)
			stopped, ok := errors.AsType[*StoppedError](err)
			if want := []int{2, 2, 5}[n]; !ok || !errors.Is(stopped, ErrTooManyFailed) || b.creates != want || summary.Totals.Pending.Rows != 100-10*want {
				t.Errorf("%d mass payments, %+v, %v", b.creates, summary.Totals, err)
			}
		}
		summary, err := mustRunner(t, s, direct{b}, Options{MaxFailedRows: -1}).Run(t.Context(), simBatch)
		if err != nil || b.creates != 10 || summary.Totals.Failed.Rows != 100 {
			t.Errorf("%d mass payments, %+v, %v", b.creates, summary.Totals, err)
		}
	})
}
