package payout

import (
	"testing"
	"time"

	dwolla "github.com/dwolla-go/dwolla-go/wrapper"
	"github.com/dwolla-go/dwolla-go/wrapper/dwollatest"
)

// A payroll against a Dwolla that is as it was met: metadata under another name or none, ids in upper case, lists that lag,
// items that are final hours after their mass payment, a lost answer, an item that has the whole refused, and a return days
// later.
func TestFault346_AHarshDwollaPaysEachPersonOnceAndTheReportIsTrue(t *testing.T) {
	for _, metadata := range []string{"", "metaData", dwollatest.NoMetadata} {
		bubble(t, "metadata as "+metadata, func(t *testing.T) {
			server, s := dwollatest.New(t), newMemStore()
			server.SetQuirks(dwollatest.Quirks{
				Metadata: metadata, UpperCaseIDs: true, RefuseItems: true,
				SearchLag: 40 * time.Second, ItemLag: 3 * time.Minute, SettleLag: 5 * time.Hour,
			})
			rows := dwollaRows(server, 12)
			rows[4].Destination = rows[4].Destination[:len(rows[4].Destination)-4] + "0000" // nobody's
			mustPrepare(t, s, rows, Plan{Source: server.AccountBalance().Href, ChunkRows: 4})
			server.Fault("createMassPayment", dwollatest.Fault{Status: 500, AfterCommit: true, Lock: true, Times: 1})
			r := mustRunner(t, s, Dwolla(server.Dwolla()), Options{})
			summary, err := r.Run(t.Context(), simBatch)
			if err != nil || !summary.Done() || summary.Totals.Paid.Rows != 11 || summary.Totals.Failed.Rows != 1 {
				t.Fatalf("%+v, %v", summary.Totals, err)
			}
			results := resultsOf(t, s)
			if results[4].Status != Failed || results[4].Code != "Invalid" {
				t.Errorf("nobody's row is %+v", results[4])
			}
			server.Settle()
			time.Sleep(4 * 24 * time.Hour)
			server.Return(results[7].Transfer, "R03")
			if summary, err = r.FollowUp(t.Context(), simBatch); err != nil || summary.Totals.Returned.Rows != 1 || resultsOf(t, s)[7].Code != "R03" {
				t.Errorf("%+v, %v", summary.Totals, err)
			}
			for i, row := range rows {
				want := 1
				if i == 4 {
					want = 0
				}
				if paid := server.Ledger().To(dwolla.LinkTo[dwolla.FundingSource](row.Destination).ID()); len(paid) != want {
					t.Errorf("line %d is %d times in the ledger", row.Line, len(paid))
				}
			}
		})
	}
}
