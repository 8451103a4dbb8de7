package payout

import (
	"errors"
	"testing"
	"testing/synctest"

	dwolla "github.com/dwolla-go/dwolla-go/wrapper"
	"github.com/dwolla-go/dwolla-go/wrapper/dwollatest"
)

func TestFault345_ABalanceThatDoesNotSufficeIsSaidBeforeAnythingIsSent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server, s := dwollatest.New(t, dwollatest.WithItemRate(0)), newMemStore()
		rows := dwollaRows(server, 4)
		rows[2].Amount = dwolla.USDCents(6_000_00) // more than the balance
		source := server.AccountBalance().Href
		batch := mustPrepare(t, s, rows, Plan{Source: source, ChunkRows: 2})
		r := mustRunner(t, s, Dwolla(server.Dwolla()), Options{})
		summary, err := r.Run(t.Context(), simBatch)
		short, ok := errors.AsType[*ShortfallError](err)
		if _, stopped := errors.AsType[*StoppedError](err); !ok || !stopped || !short.Total.Equal(batch.Amount()) || !short.Balance.Equal(dwolla.USDCents(5_000_00)) {
			t.Fatalf("%+v, %v", summary.Totals, err)
		}
		if n := len(server.Calls("createMassPayment")); n != 0 || len(server.Ledger()) != 0 {
			t.Errorf("%d requests", n)
		}
		if err := CheckFunds(t.Context(), Dwolla(server.Dwolla()), source, dwolla.USDCents(5_000_00)); err != nil {
			t.Errorf("what is there suffices: %v", err)
		}
		// A person pays what can be paid.
		r = mustRunner(t, s, Dwolla(server.Dwolla()), Options{AllowShortfall: true})
		if summary, err := r.Run(t.Context(), simBatch); err != nil || summary.Totals.Paid.Rows != 3 || summary.Totals.Failed.Rows != 1 {
			t.Errorf("%+v, %v", summary.Totals, err)
		}
		if n := len(server.Calls("getFundingSourceBalance")); n != 2 {
			t.Errorf("the balance was read %d times", n)
		}
	})
}

func TestABalanceThatCannotBeReadStopsNothing(t *testing.T) {
	for name, fault := range map[string]dwollatest.Fault{
		"without the permission": {Status: 403},
		"an outage":              {Status: 503, Times: 20},
	} {
		bubble(t, name, func(t *testing.T) {
			server, s := dwollatest.New(t, dwollatest.WithItemRate(0)), newMemStore()
			mustPrepare(t, s, dwollaRows(server, 4), Plan{Source: server.AccountBalance().Href, ChunkRows: 2})
			server.Fault("getFundingSourceBalance", fault)
			summary, err := mustRunner(t, s, Dwolla(server.Dwolla()), Options{}).Run(t.Context(), simBatch)
			if err != nil || summary.Totals.Paid.Rows != 4 {
				t.Errorf("%+v, %v", summary.Totals, err)
			}
		})
	}
}

func TestTheBalanceIsNotAskedForOnceMoneyHasMoved(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server, s := dwollatest.New(t, dwollatest.WithItemRate(0)), newMemStore()
		rows := dwollaRows(server, 4)
		for i := range rows {
			rows[i].Amount = dwolla.USDCents(1_200_00) // all of the balance but 200
		}
		mustPrepare(t, s, rows, Plan{Source: server.AccountBalance().Href, ChunkRows: 1})
		summary, err := mustRunner(t, s, Dwolla(server.Dwolla()), Options{}).Run(t.Context(), simBatch)
		if err != nil || summary.Totals.Paid.Rows != 4 || len(server.Calls("getFundingSourceBalance")) != 1 {
			t.Errorf("%+v, %v", summary.Totals, err)
		}
	})
}
