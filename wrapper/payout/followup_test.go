package payout

import (
	"encoding/csv"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	dwolla "github.com/dwolla-go/dwolla-go/wrapper"
	"github.com/dwolla-go/dwolla-go/wrapper/dwollatest"
)

// returnedBatch pays five rows of which two come back days later, and gives the transfers of these.
func returnedBatch(t *testing.T, server *dwollatest.Server, s Store) (r *Runner, rows []Row, returned []string) {
	t.Helper()
	rows = dwollaRows(server, 5)
	for i, name := range map[int]string{1: "R03", 3: "R01-late"} {
		_, bank := server.AddReceiver(name)
		rows[i].Destination = bank.Href
	}
	mustPrepare(t, s, rows, Plan{Source: server.AccountBalance().Href, ChunkRows: 2})
	r = mustRunner(t, s, Dwolla(server.Dwolla()), Options{})
	summary, err := r.Run(t.Context(), simBatch)
	if err != nil || !summary.Done() || summary.Totals.Paid.Rows != 5 {
		t.Fatalf("%+v, %v", summary.Totals, err)
	}
	time.Sleep(3 * 24 * time.Hour)
	server.Settle()
	server.Settle()
	results := resultsOf(t, s)
	return r, rows, []string{results[1].Transfer, results[3].Transfer}
}

func TestFault343_AReturnDaysLaterIsFoundByListing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server, s := dwollatest.New(t, dwollatest.WithItemRate(0)), newMemStore()
		r, _, returned := returnedBatch(t, server, s)
		noticed := time.Now()
		for range 2 { // the second time nothing changes
			summary, err := r.FollowUp(t.Context(), simBatch)
			if err != nil || !summary.Done() || summary.Totals.Paid.Rows != 3 || summary.Totals.Returned != (Tally{2, 101 + 103}) {
				t.Errorf("%+v, %v", summary.Totals, err)
			}
			time.Sleep(time.Hour)
		}
		for i, result := range resultsOf(t, s) {
			switch i {
			case 1, 3:
				if want := map[int]string{1: "R03", 3: "R01"}[i]; result.Status != Returned || result.Code != want || result.Message == "" ||
					!result.At.Equal(noticed) || result.Transfer != returned[i/2] {
					t.Errorf("row %d is %+v", i, result)
				}
			default:
				if result.Status != Paid {
					t.Errorf("row %d is %+v", i, result)
				}
			}
		}
		if n := len(server.Calls("getTransferFailure")); n != 2 {
			t.Errorf("reasons were read %d times", n)
		}
		if n := len(server.Calls("getTransfer")); n != 0 {
			t.Errorf("%d transfers were read one by one", n)
		}
		var out strings.Builder
		if err := OpenReport(s, simBatch).WriteCSV(t.Context(), &out); err != nil {
			t.Fatal(err)
		}
		lines, err := csv.NewReader(strings.NewReader(out.String())).ReadAll()
		if err != nil || lines[2][1] != "returned" || lines[2][6] != "R03" || lines[2][11] != noticed.UTC().Format(time.RFC3339) || lines[0][11] != "returned_at" {
			t.Errorf("%v, %v", lines, err)
		}
	})
}

func TestFault344_AReturnDaysLaterIsFoundByItsEvent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server, s := dwollatest.New(t, dwollatest.WithItemRate(0)), newMemStore()
		r, _, returned := returnedBatch(t, server, s)
		paid := resultsOf(t, s)[0].Transfer
		_, other := server.AddReceiver("Somebody Else")
		foreign, err := server.Dwolla().Transfers.Create(t.Context(), dwolla.CreateTransfer{
			Links:  dwolla.CreateTransferLinks{Source: dwolla.LinkTo[dwolla.FundingSource](server.AccountBalance().Href), Destination: dwolla.LinkTo[dwolla.FundingSource](other.Href)},
			Amount: dwolla.USDCents(500),
		})
		if err != nil {
			t.Fatal(err)
		}
		for transfer, want := range map[string]int{paid: 0, foreign.Href: 0, "https://api-sandbox.dwolla.com/transfers/" + strings.ToUpper(returned[1]): 1} {
			summary, err := r.FollowUp(t.Context(), simBatch, transfer)
			if err != nil || want == 1 && summary.Totals.Returned.Rows != 1 {
				t.Errorf("%s: %+v, %v", transfer, summary.Totals, err)
			}
		}
		results := resultsOf(t, s)
		if results[1].Status != Paid || results[3].Status != Returned || results[3].Code != "R01" {
			t.Errorf("%+v", results)
		}
		if n := len(server.Calls("listAccountTransfers")); n != 0 {
			t.Errorf("transfers were listed %d times", n)
		}
		// Listing the items again does not make it paid again.
		edit(t, s, numbered(prefixChunk, 2), func(c *Chunk) {
			c.Totals.Paid, c.Totals.Unknown = Tally{}, c.Totals.Paid
		})
		if err := r.Recheck(t.Context(), simBatch); err != nil {
			t.Fatal(err)
		}
		if summary, err := r.Run(t.Context(), simBatch); err != nil || summary.Totals.Returned.Rows != 1 || summary.Totals.Paid.Rows != 4 {
			t.Errorf("%+v, %v", summary.Totals, err)
		}
	})
}

func TestARetryTakesReturnedRowsAndOthersAsThePersonChooses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server, s := dwollatest.New(t, dwollatest.WithItemRate(0)), newMemStore()
		r, rows, _ := returnedBatch(t, server, s)
		if _, err := r.FollowUp(t.Context(), simBatch); err != nil {
			t.Fatal(err)
		}
		if _, err := r.PrepareRetry(t.Context(), simBatch, "failed", Retry{}); err != ErrNothingFailed { //nolint:errorlint // exactly it
			t.Errorf("no row failed: %v", err)
		}
		_, bank := server.AddReceiver("Another Bank")
		asked := 0
		replace := Retry{Of: []Status{Failed, Returned}, Choose: func(row RowResult) (Row, bool) {
			asked++
			row.Destination = bank.Href
			return row.Row, row.Line == rows[3].Line
		}}
		for range 2 {
			retry, err := r.PrepareRetry(t.Context(), simBatch, "again", replace)
			if err != nil || retry.Rows != 1 || retry.Cents != 103 || retry.RetryOf != simBatch {
				t.Fatalf("%+v, %v", retry, err)
			}
		}
		if summary, err := r.Run(t.Context(), "again"); err != nil || !summary.Done() || len(server.Ledger().To(dwolla.LinkTo[dwolla.FundingSource](bank.Href).ID())) != 1 {
			t.Errorf("%+v, %v", summary.Totals, err)
		}
		// The other returned row is for another retry; the first is in one.
		all := Retry{Of: []Status{Returned}, Choose: func(row RowResult) (Row, bool) {
			row.Destination = bank.Href
			return row.Row, true
		}}
		retry, err := r.PrepareRetry(t.Context(), simBatch, "second", all)
		if err != nil || retry.Rows != 1 || retry.Cents != 101 {
			t.Errorf("%+v, %v", retry, err)
		}
		if _, err := r.PrepareRetry(t.Context(), simBatch, "third", all); err == nil || !strings.Contains(err.Error(), "retried by batch") {
			t.Errorf("a third retry: %v", err)
		}
	})
}

func TestARetryIsRefusedBeforeAnyRowIsInIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, s := newFakeDwolla(), newMemStore()
		b.reject[3] = true
		mustPrepare(t, s, simRows(4), Plan{})
		r := mustRunner(t, s, direct{b}, Options{})
		if _, err := r.Run(t.Context(), simBatch); err != nil {
			t.Fatal(err)
		}
		for name, test := range map[string]struct {
			id     string
			choice Retry
		}{
			"an id with a space":         {"with space", Retry{}},
			"rows that are paid":         {"again", Retry{Of: []Status{Paid}}},
			"rows of which nobody knows": {"again", Retry{Of: []Status{Failed, Unknown}}},
			"a destination that is none": {"again", Retry{Choose: func(row RowResult) (Row, bool) {
				row.Destination = "nowhere at all"
				return row.Row, true
			}}},
			"another line": {"again", Retry{Choose: func(row RowResult) (Row, bool) {
				row.Line++
				return row.Row, true
			}}},
		} {
			if _, err := r.PrepareRetry(t.Context(), simBatch, test.id, test.choice); err == nil {
				t.Errorf("%s: no error", name)
			}
		}
		if retry, err := r.PrepareRetry(t.Context(), simBatch, "another", Retry{}); err != nil || retry.Rows != 1 {
			t.Errorf("%+v, %v", retry, err)
		}
	})
}

func TestRowsOfACancelledBatchCanBePaidByARetry(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, s := newFakeDwolla(), newMemStore()
		mustPrepare(t, s, simRows(4), Plan{})
		r := mustRunner(t, s, direct{b}, Options{})
		if err := r.Cancel(t.Context(), simBatch, Decider{By: "a person"}); err != nil {
			t.Fatal(err)
		}
		if _, err := r.Run(t.Context(), simBatch); err != nil {
			t.Fatal(err)
		}
		if retry, err := r.PrepareRetry(t.Context(), simBatch, "again", Retry{Of: []Status{Cancelled}}); err != nil || retry.Rows != 4 {
			t.Errorf("%+v, %v", retry, err)
		}
	})
}

func TestFault390_ATransferThatCannotBeReadHidesNoOtherThatCameBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server, s := dwollatest.New(t, dwollatest.WithItemRate(0)), newMemStore()
		_, _, returned := returnedBatch(t, server, s)
		g := oddDwolla{server, "/transfers", func(body string) string {
			return strings.Replace(body, `"id":"`+returned[0]+`"`, `"id":{"odd":"`+returned[0]+`"}`, 1)
		}}.gateway()
		summary, err := mustRunner(t, s, g, Options{}).FollowUp(t.Context(), simBatch)
		if _, ok := errors.AsType[*dwolla.EntryError](err); !ok || summary.Totals.Returned.Rows != 1 || summary.Totals.Paid.Rows != 4 {
			t.Errorf("%+v, %v", summary.Totals, err)
		}
		if results := resultsOf(t, s); results[1].Status != Paid || results[3].Status != Returned {
			t.Errorf("%+v", results)
		}
	})
}
