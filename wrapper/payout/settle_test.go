package payout

import (
	"context"
	"errors"
	"io"
	"iter"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

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
		r := mustRunner(t, s, Dwolla(server.Dwolla()), Options{AllowShortfall: true})
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
				if _, unsettled := errors.AsType[*UnsettledRowsError](err); unsettled != (test.unknown > 0) ||
					summary.Totals.Paid.Rows != test.paid || summary.Totals.Unknown.Rows != test.unknown {
					t.Errorf("%+v, %v", summary.Totals, err)
				}
			})
		})
	}
}

func TestAnItemThatSaysNothingOfItsRowLeavesItUnknown(t *testing.T) {
	nameless := func(i *dwolla.MassPaymentItem) {
		i.Metadata, i.CorrelationID = nil, ""
	}
	for _, test := range []struct {
		name string
		edit func(item *dwolla.MassPaymentItem)
		code string
	}{
		{"a status of tomorrow", func(i *dwolla.MassPaymentItem) { i.Status = "a-status-of-tomorrow" }, "a-status-of-tomorrow"},
		{"no name and no destination", func(i *dwolla.MassPaymentItem) { nameless(i); i.Links.Destination.Href = "" }, codeMissing},
		{"no name and another amount", func(i *dwolla.MassPaymentItem) { nameless(i); i.Amount = dwolla.USDCents(7) }, codeMissing},
		{"the correlation id of no row", func(i *dwolla.MassPaymentItem) { nameless(i); i.CorrelationID = "another" }, codeMissing},
		{"the correlation id of another row", func(i *dwolla.MassPaymentItem) { i.CorrelationID = simBatch + "-r3" }, codeMissing},
		{"the line of no row", func(i *dwolla.MassPaymentItem) {
			nameless(i)
			i.Links.Destination.Href, i.Metadata = "", map[string]string{metadataRow: "99"}
		}, codeMissing},
		{"the line of another row", func(i *dwolla.MassPaymentItem) {
			nameless(i)
			i.Metadata = map[string]string{metadataRow: "3"}
		}, codeMissing},
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
			unsettled, ok := errors.AsType[*UnsettledRowsError](err)
			if !ok || summary.Totals.Unknown.Rows == 0 || summary.Totals.Failed.Rows > 0 || summary.Done() {
				t.Fatalf("%+v, %v", summary.Totals, err)
			}
			if first := resultsOf(t, s)[0]; first.Status != Unknown || first.Code != test.code || unsettled.Rows[0].Result != first {
				t.Errorf("the row is %+v", first)
			}
			if _, err := mustRunner(t, s, g, Options{}).PrepareRetry(t.Context(), simBatch, "again", Retry{}); !errors.Is(err, ErrNothingFailed) {
				t.Errorf("a row that may be paid is retried: %v", err)
			}
		})
	}
}

// lateItems are items that stay pending for a while after their mass payment is complete.
type lateItems struct {
	direct
	late   time.Duration
	listed int
}

func (g *lateItems) Items(_ context.Context, href string) iter.Seq2[dwolla.MassPaymentItem, error] {
	g.listed++
	items, err := g.items(href)
	g.mu.Lock()
	defer g.mu.Unlock()
	p, _ := g.at(href)
	for i := range items {
		if time.Since(p.started) < g.late {
			items[i].Status, items[i].Links.Transfer.Href = dwolla.MassPaymentItemStatusPending, ""
		}
	}
	return seqOf(items, err)
}

func TestFault337_ItemsThatAreFinalLongAfterTheirMassPaymentAreWaitedFor(t *testing.T) {
	for _, late := range []time.Duration{30 * time.Second, 10 * time.Minute, 6 * time.Hour, 60 * time.Hour} {
		bubble(t, late.String(), func(t *testing.T) {
			b, s := newFakeDwolla(), newMemStore()
			mustPrepare(t, s, simRows(10), Plan{})
			g := &lateItems{direct: direct{b}, late: late}
			started := time.Now()
			summary, err := mustRunner(t, s, g, Options{}).Run(t.Context(), simBatch)
			if err != nil || !summary.Done() || summary.Totals.Paid.Rows != 10 {
				t.Errorf("%+v, %v", summary.Totals, err)
			}
			if took := time.Since(started); took > late*8/5+10*time.Second {
				t.Errorf("the items were final after %v, which was noticed after %v", late, took)
			}
			if most := 25 + int(4*late.Hours()); g.listed > most {
				t.Errorf("the items were listed %d times", g.listed)
			}
		})
	}
}

func TestFault338_RowsThatAreNeverFinalAreNamedAndTheBatchIsNotDone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, s := newFakeDwolla(), newMemStore()
		b.reject[5] = true
		mustPrepare(t, s, simRows(9), Plan{ChunkRows: 3})
		g := &listed{direct{b}, func(items []dwolla.MassPaymentItem) []dwolla.MassPaymentItem {
			if items[0].Metadata[metadataRow] != "5" {
				return items
			}
			items[1].Status = dwolla.MassPaymentItemStatusPending
			return items[:2]
		}}
		r := mustRunner(t, s, g, Options{SettleTimeout: 2 * time.Hour})
		started := time.Now()
		for range 2 {
			summary, err := r.Run(t.Context(), simBatch)
			unsettled, ok := errors.AsType[*UnsettledRowsError](err)
			if !ok || unsettled.Batch != simBatch || unsettled.Count != 2 || len(unsettled.Rows) != 2 {
				t.Fatalf("%+v, %v", summary.Totals, err)
			}
			if first, second := unsettled.Rows[0], unsettled.Rows[1]; first.Line != 6 || first.Status != Pending || second.Line != 7 || second.Code != codeMissing {
				t.Errorf("%+v", unsettled.Rows)
			}
			if summary.Done() || !summary.Ended() || err.Error() != "payout: 2 rows of batch sim have no final result: lines 6, 7" {
				t.Errorf("done: %v, %v", summary.Done(), err)
			}
			if took := time.Since(started); took < 2*time.Hour || took > 2*time.Hour+20*time.Minute {
				t.Errorf("took %v", took)
			}
		}
		// What is known to have failed can be paid again meanwhile.
		if retry, err := r.PrepareRetry(t.Context(), simBatch, "again", Retry{}); err != nil || retry.Rows != 1 {
			t.Errorf("%+v, %v", retry, err)
		}
		g.edit = func(items []dwolla.MassPaymentItem) []dwolla.MassPaymentItem { return items }
		if err := r.Recheck(t.Context(), simBatch); err != nil {
			t.Fatal(err)
		}
		if summary, err := r.Run(t.Context(), simBatch); err != nil || !summary.Done() || summary.Totals.Paid.Rows != 8 {
			t.Errorf("%+v, %v", summary.Totals, err)
		}
	})
}

// An oddDwolla changes what the in-memory Dwolla answers at a path.
type oddDwolla struct {
	*dwollatest.Server
	suffix string
	change func(body string) string
}

func (o oddDwolla) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	recorder := httptest.NewRecorder()
	o.Server.ServeHTTP(recorder, r)
	body := recorder.Body.String()
	if r.Method == http.MethodGet && strings.HasSuffix(r.URL.Path, o.suffix) {
		body = o.change(body)
	}
	recorder.Header().Del("Content-Length")
	maps.Copy(w.Header(), recorder.Header())
	w.WriteHeader(recorder.Code)
	_, _ = io.WriteString(w, body)
}

func (o oddDwolla) gateway() Gateway {
	return Dwolla(o.Dwolla(dwolla.WithHTTPClient(&http.Client{Transport: dwollatest.HandlerTransport(o)})))
}

func TestFault388_AnItemThatCannotBeReadLeavesItsRowUnknownAndSettlesTheRest(t *testing.T) {
	for name, tt := range map[string]struct {
		odd           string
		paid, unknown int
	}{
		"half of a pair in metadata": {`"\ud83d"`, 100, 0}, "a number in metadata": {`42`, 100, 0}, "no metadata": {`null`, 100, 0},
		"a member twice": {`"MARK"},"metadata":{}`, 99, 1},
	} {
		bubble(t, name, func(t *testing.T) {
			server := dwollatest.New(t, dwollatest.WithItemRate(0))
			rows := dwollaRows(server, 100)
			rows[20].Metadata = map[string]string{"note": "MARK"}
			s := openTemp(t)
			mustPrepare(t, s, rows, Plan{Source: server.AccountBalance().Href})
			g := oddDwolla{server, "/items", func(body string) string {
				marked := strings.Index(body, `"MARK"`)
				if marked < 0 || !strings.Contains(tt.odd, "}") {
					return strings.Replace(body, `"MARK"`, tt.odd, 1)
				}
				end := marked + strings.Index(body[marked:], "}")
				return body[:marked] + tt.odd + body[end+1:]
			}}.gateway()
			summary, err := mustRunner(t, s, g, Options{AllowShortfall: true}).Run(t.Context(), simBatch)
			unsettled, ok := errors.AsType[*UnsettledRowsError](err)
			if ok != (tt.unknown > 0) || !ok && err != nil || summary.Totals.Paid.Rows != tt.paid || summary.Totals.Unknown.Rows != tt.unknown || len(server.Ledger()) != 100 {
				t.Fatalf("%+v, ledger %d, %v", summary.Totals, len(server.Ledger()), err)
			}
			if !ok {
				return
			}
			if row := unsettled.Rows[0]; row.Line != rows[20].Line || row.Code != codeOdd {
				t.Errorf("the row is %+v", row)
			}
			if _, err := mustRunner(t, s, g, Options{}).PrepareRetry(t.Context(), simBatch, "again", Retry{}); !errors.Is(err, ErrNothingFailed) {
				t.Errorf("a row that may be paid is retried: %v", err)
			}
		})
	}
}

func TestFault389_AMassPaymentThatCannotBeReadIsNotSentAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := dwollatest.New(t, dwollatest.WithItemRate(0))
		s := openTemp(t)
		mustPrepare(t, s, dwollaRows(server, 3), Plan{Source: server.AccountBalance().Href})
		server.Fault("createMassPayment", dwollatest.Fault{Status: 500, AfterCommit: true})
		odd := true
		g := oddDwolla{server, "/mass-payments", func(body string) string {
			if odd {
				return strings.Replace(body, `"total":{`, `"total":{},"total":{`, 1)
			}
			return body
		}}.gateway()
		_, err := mustRunner(t, s, g, Options{IdleTimeout: time.Hour}).Run(t.Context(), simBatch)
		if _, ok := errors.AsType[*dwolla.EntryError](err); !ok || len(server.Ledger()) != 3 {
			t.Errorf("ledger %d, %v", len(server.Ledger()), err)
		}
		odd = false
		server.ClearFaults()
		summary, err := mustRunner(t, s, g, Options{}).Run(t.Context(), simBatch)
		if err != nil || summary.Totals.Paid.Rows != 3 || len(server.Ledger()) != 3 {
			t.Errorf("%+v, ledger %d, %v", summary.Totals, len(server.Ledger()), err)
		}
	})
}

// The items are listed again for the sake of one that is not decided, and the list has lost another.
func TestFault418_ARowThatWasSeenPaidStaysPaidWhenALaterListLacksIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, s := newFakeDwolla(), newMemStore()
		mustPrepare(t, s, simRows(3), Plan{})
		lists := 0
		g := &listed{direct: direct{b}, edit: func(items []dwolla.MassPaymentItem) []dwolla.MassPaymentItem {
			if lists++; lists > 1 {
				return items[1:]
			}
			items[2].Status = dwolla.MassPaymentItemStatusPending
			return items
		}}
		summary, err := mustRunner(t, s, g, Options{}).Run(t.Context(), simBatch)
		if err != nil || lists < 2 || summary.Totals.Paid.Rows != 3 {
			t.Errorf("%d lists: %+v, %v", lists, summary.Totals, err)
		}
	})
}
