package payout

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	dwolla "github.com/dwolla-go/dwolla-go/wrapper"
	"github.com/dwolla-go/dwolla-go/wrapper/dwollatest"
)

func TestFault140_EveryFailedItemIsListedAndTheTotalsAddUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := dwollatest.New(t)
		rows := dwollaRows(server, 6)
		suspended, bank := server.AddReceiver("Suspended Receiver")
		server.SetStatus(suspended.ID, "suspended")
		rows[1].Destination = bank.Href
		rows[3].Destination = strings.TrimSuffix(rows[3].Destination, rows[3].Destination[len(rows[3].Destination)-4:]) + "0000"
		rows[4].Amount = dwolla.USDCents(6_000_00) // more than the balance
		s := openTemp(t)
		mustPrepare(t, s, rows, Plan{Source: server.AccountBalance().Href, ChunkRows: 4})
		r := mustRunner(t, s, Dwolla(server.Dwolla()), Options{})
		summary, err := r.Run(t.Context(), simBatch)
		if err != nil {
			t.Fatal(err)
		}
		if summary.Totals.Paid.Rows != 3 || summary.Totals.Failed.Rows != 3 || summary.Totals.All() != summary.Batch.Tally {
			t.Errorf("totals %+v", summary.Totals)
		}
		codes := map[int]string{}
		for row, err := range OpenReport(s, simBatch).Rows(t.Context()) {
			if err != nil {
				t.Fatal(err)
			}
			if row.Status == Failed {
				codes[row.Line] = row.Code
			} else if row.Transfer == "" || len(server.Ledger().To(dwolla.LinkTo[dwolla.FundingSource](row.Destination).ID())) != 1 {
				t.Errorf("line %d: %+v", row.Line, row.Result)
			}
		}
		if codes[rows[1].Line] != "Restricted" || codes[rows[3].Line] != "Invalid" || codes[rows[4].Line] != "InsufficientFunds" {
			t.Errorf("codes %v", codes)
		}
	})
}

func TestFault148_AListThatShiftsCountsEachItemOnce(t *testing.T) {
	tests := []struct {
		name          string
		edit          func(n int, items []dwolla.MassPaymentItem) []dwolla.MassPaymentItem
		paid, unknown int
	}{
		{"items come twice and in any order", func(_ int, items []dwolla.MassPaymentItem) []dwolla.MassPaymentItem {
			items = append(items, items[:5]...)
			slices.Reverse(items)
			return items
		}, 10, 0},
		{"an item is missing at first", func(n int, items []dwolla.MassPaymentItem) []dwolla.MassPaymentItem {
			if n < 3 {
				return items[1:]
			}
			return items
		}, 10, 0},
		{"an item is missing for good", func(_ int, items []dwolla.MassPaymentItem) []dwolla.MassPaymentItem { return items[1:] }, 9, 1},
		{"an item of somebody else", func(_ int, items []dwolla.MassPaymentItem) []dwolla.MassPaymentItem {
			return append(items, dwolla.MassPaymentItem{ID: "x", Status: dwolla.MassPaymentItemStatusSuccess})
		}, 10, 0},
		{"two items for a row", func(_ int, items []dwolla.MassPaymentItem) []dwolla.MassPaymentItem {
			other := items[0]
			other.ID = "other"
			return append(items, other)
		}, 9, 1},
		{"another amount", func(_ int, items []dwolla.MassPaymentItem) []dwolla.MassPaymentItem {
			items[0].Amount = dwolla.USDCents(1)
			return items
		}, 9, 1},
		{"a pending entry that is outrun by its decided one", func(_ int, items []dwolla.MassPaymentItem) []dwolla.MassPaymentItem {
			old := items[0]
			old.Status = dwolla.MassPaymentItemStatusPending
			return append([]dwolla.MassPaymentItem{old}, items...)
		}, 10, 0},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b, s, n := newFakeDwolla(), newMemStore(), 0
				mustPrepare(t, s, simRows(10), Plan{})
				g := &listed{direct{b}, func(items []dwolla.MassPaymentItem) []dwolla.MassPaymentItem {
					n++
					return test.edit(n, items)
				}}
				summary, err := mustRunner(t, s, g, Options{}).Run(t.Context(), simBatch)
				if err != nil || summary.Totals.Paid.Rows != test.paid || summary.Totals.Unknown.Rows != test.unknown {
					t.Errorf("%+v, %v", summary.Totals, err)
				}
			})
		})
	}
}

func TestAnItemThatSaysNothingOfItsRowLeavesItUnknown(t *testing.T) {
	for _, test := range []struct {
		name string
		edit func(item *dwolla.MassPaymentItem)
		code string
	}{
		{"a status of tomorrow", func(i *dwolla.MassPaymentItem) { i.Status = "a-status-of-tomorrow" }, "a-status-of-tomorrow"},
		{"no line", func(i *dwolla.MassPaymentItem) { i.Metadata = nil }, codeMissing},
		{"the line of no row", func(i *dwolla.MassPaymentItem) { i.Metadata = map[string]string{metadataRow: "99"} }, codeMissing},
		{"the line of another row", func(i *dwolla.MassPaymentItem) { i.Metadata = map[string]string{metadataRow: "3"} }, codeMissing},
		{"another destination", func(i *dwolla.MassPaymentItem) {
			i.Links.Destination = dwolla.LinkTo[dwolla.FundingSource](simSource)
		}, codeMismatch},
	} {
		bubble(t, test.name, func(t *testing.T) {
			b, s := newFakeDwolla(), newMemStore()
			mustPrepare(t, s, simRows(3), Plan{})
			g := &listed{direct{b}, func(items []dwolla.MassPaymentItem) []dwolla.MassPaymentItem {
				test.edit(&items[0])
				return items
			}}
			summary, err := mustRunner(t, s, g, Options{}).Run(t.Context(), simBatch)
			if err != nil || summary.Totals.Unknown.Rows == 0 || summary.Totals.Failed.Rows > 0 {
				t.Errorf("%+v, %v", summary.Totals, err)
			}
			if first := resultsOf(t, s)[0]; first.Status != Unknown || first.Code != test.code {
				t.Errorf("the row is %+v", first)
			}
			if _, err := mustRunner(t, s, g, Options{}).PrepareRetry(t.Context(), simBatch, "again"); !errors.Is(err, ErrNothingFailed) {
				t.Errorf("a row that may be paid is retried: %v", err)
			}
		})
	}
}

func TestARefusedMassPaymentFailsItsRowsWithTheReasonOfEach(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, s := newFakeDwolla(), newMemStore()
		mustPrepare(t, s, simRows(4), Plan{})
		refusal := simError(dwolla.OutcomeRejected, 400, "ValidationError")
		refusal.Message = "Validation error(s) present."
		refusal.Fields = []dwolla.FieldError{{Code: "Invalid", Message: "Receiver not found.", Path: "/items/2/_links/destination/href"}}
		g := &scripted{direct: direct{b}, answer: func(int) error { return refusal }}
		summary, err := mustRunner(t, s, g, Options{}).Run(t.Context(), simBatch)
		if err != nil || summary.Totals.Failed.Rows != 4 || g.calls != 1 {
			t.Fatalf("%+v, %v", summary.Totals, err)
		}
		var codes []string
		for row, err := range OpenReport(s, simBatch).Rows(t.Context()) {
			if err != nil {
				t.Fatal(err)
			}
			codes = append(codes, row.Code)
		}
		if !slices.Equal(codes, []string{"ValidationError", "ValidationError", "Invalid", "ValidationError"}) {
			t.Errorf("codes %v", codes)
		}
	})
}

func TestARefusalThatNamesNoItemIsTheReasonOfEveryRow(t *testing.T) {
	for _, path := range []string{"/_links/source/href", "/items/x/amount", "/items/-1/amount", "/items/3/amount", ""} {
		bubble(t, "path "+path, func(t *testing.T) {
			b, s := newFakeDwolla(), newMemStore()
			mustPrepare(t, s, simRows(3), Plan{})
			refusal := simError(dwolla.OutcomeRejected, 400, "ValidationError")
			refusal.Fields = []dwolla.FieldError{{Code: "Invalid", Message: "No.", Path: path}}
			g := &scripted{direct: direct{b}, answer: func(int) error { return refusal }}
			summary, err := mustRunner(t, s, g, Options{}).Run(t.Context(), simBatch)
			if err != nil || summary.Totals.Failed.Rows != 3 {
				t.Errorf("%+v, %v", summary.Totals, err)
			}
			for i, result := range resultsOf(t, s) {
				if result.Status != Failed || result.Code != "ValidationError" || result.Path != "" {
					t.Errorf("row %d is %+v", i, result)
				}
			}
		})
	}
}
