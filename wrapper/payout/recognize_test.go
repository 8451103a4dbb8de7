package payout

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	dwolla "github.com/dwolla-go/dwolla-go/wrapper"
)

// altered is a Dwolla whose answers say less, or say it otherwise.
type altered struct {
	direct
	payment func(*dwolla.MassPayment)
	item    func(*dwolla.MassPaymentItem)
	// itemsFrom is the age of a mass payment from which its items are listed.
	itemsFrom time.Duration
}

func (g *altered) Find(ctx context.Context, source, correlationID string) ([]dwolla.MassPayment, error) {
	found, err := g.direct.Find(ctx, source, correlationID)
	for i := range found {
		g.payment(&found[i])
	}
	return found, err
}

func (g *altered) Get(ctx context.Context, href string) (*dwolla.MassPayment, error) {
	m, err := g.direct.Get(ctx, href)
	if err == nil {
		g.payment(m)
	}
	return m, err
}

func (g *altered) Items(_ context.Context, href string) iter.Seq2[dwolla.MassPaymentItem, error] {
	items, err := g.items(href)
	for i := range items {
		g.item(&items[i])
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if p, err := g.at(href); err == nil && time.Since(p.started) < g.itemsFrom {
		items = nil
	}
	return seqOf(items, err)
}

// upper writes the id of a URL in upper case.
func upper(href string) string {
	slash := strings.LastIndexByte(href, '/')
	return href[:slash+1] + strings.ToUpper(href[slash+1:])
}

// lettered are rows whose destinations have letters in their ids.
func lettered(n int) []Row {
	rows := simRows(n)
	for i := range rows {
		rows[i].Destination = strings.Replace(rows[i].Destination, "/0", "/a", 1)
	}
	return rows
}

func TestFault335_AMassPaymentIsRecognizedHoweverLittleDwollaTellsOfIt(t *testing.T) {
	same := func(*dwolla.MassPayment) {}
	sameItem := func(*dwolla.MassPaymentItem) {}
	for _, test := range []struct {
		name      string
		payment   func(*dwolla.MassPayment)
		item      func(*dwolla.MassPaymentItem)
		itemsFrom time.Duration
	}{
		{"all of it", same, sameItem, 0},
		{"no metadata", func(m *dwolla.MassPayment) { m.Metadata = nil }, func(i *dwolla.MassPaymentItem) { i.Metadata = nil }, 0},
		{"no metadata, and no total", func(m *dwolla.MassPayment) { m.Metadata, m.Total = nil, dwolla.Money{} }, sameItem, 0},
		{"no metadata, and items that are listed later", func(m *dwolla.MassPayment) { m.Metadata = nil }, sameItem, 5 * time.Minute},
		{"the source in upper case", func(m *dwolla.MassPayment) {
			m.Links.Source = dwolla.LinkTo[dwolla.FundingSource](upper(m.Links.Source.Href))
		}, sameItem, 0},
		{"correlation ids in upper case, and no metadata", func(m *dwolla.MassPayment) {
			m.Metadata, m.CorrelationID = nil, strings.ToUpper(m.CorrelationID)
		}, func(i *dwolla.MassPaymentItem) { i.Metadata, i.CorrelationID = nil, strings.ToUpper(i.CorrelationID) }, 0},
		{"items without metadata and correlation id", same, func(i *dwolla.MassPaymentItem) { i.Metadata, i.CorrelationID = nil, "" }, 0},
		{"destinations in upper case", same, func(i *dwolla.MassPaymentItem) {
			i.Metadata = nil
			i.Links.Destination = dwolla.LinkTo[dwolla.FundingSource](upper(i.Links.Destination.Href))
		}, 0},
		{"destinations that are Customers, as transfers have them", same, func(i *dwolla.MassPaymentItem) {
			i.Metadata = nil
			i.Links.Destination = dwolla.LinkTo[dwolla.FundingSource]("https://api.dwolla.com/customers/00000000-cccc-4000-8000-000000000000")
		}, 0},
	} {
		bubble(t, test.name, func(t *testing.T) {
			b, s := newFakeDwolla(), newMemStore()
			b.outcome = func(n int) outcome {
				if n == 2 {
					return commitsAndDrops
				}
				return succeeds
			}
			mustPrepare(t, s, lettered(12), Plan{ChunkRows: 4})
			g := &altered{direct{b}, test.payment, test.item, test.itemsFrom}
			summary, err := mustRunner(t, s, g, Options{}).Run(t.Context(), simBatch)
			if err != nil || summary.Totals.Paid.Rows != 12 || b.creates != 3 {
				t.Errorf("%+v, %d mass payments, %v", summary.Totals, b.creates, err)
			}
		})
	}
}

func TestFault336_AnotherMassPaymentOfTheSameTotalIsNotTakenForTheChunk(t *testing.T) {
	for _, test := range []struct {
		name   string
		other  func(rows []Row) []Row
		source string
	}{
		{name: "other people", other: func(rows []Row) []Row {
			rows[0].Destination, rows[1].Amount, rows[2].Amount = lettered(20)[19].Destination, dwolla.USDCents(102), dwolla.USDCents(101)
			return rows
		}},
		{name: "one item less", other: func(rows []Row) []Row {
			rows[1].Amount = dwolla.USDCents(203)
			return rows[:2]
		}},
		{name: "another total", other: func(rows []Row) []Row {
			rows[0].Amount = dwolla.USDCents(1)
			return rows
		}},
	} {
		bubble(t, test.name, func(t *testing.T) {
			b := newFakeDwolla()
			g := &altered{direct: direct{b}, payment: func(m *dwolla.MassPayment) { m.Metadata = nil }, item: func(i *dwolla.MassPaymentItem) { i.Metadata = nil }}
			old, s := newMemStore(), newMemStore()
			mustPrepare(t, old, test.other(simRows(3)), Plan{})
			if _, err := mustRunner(t, old, g, Options{}).Run(t.Context(), simBatch); err != nil {
				t.Fatal(err)
			}
			mustPrepare(t, s, simRows(3), Plan{})
			_, err := mustRunner(t, s, g, Options{}).Run(t.Context(), simBatch)
			if held := heldOf(t, err); held[0].Hold.Reason != HoldAmbiguous || b.creates != 1 {
				t.Errorf("%+v, %d mass payments", held[0].Hold, b.creates)
			}
		})
	}
}

// A record whose chunks had another size has sent its first chunk, and more. What this record's first chunk has beside it
// may be paid by another one: it is no refusal.
func TestFault413_AMassPaymentOfFewerRowsIsNotTakenForTheChunkWithoutSome(t *testing.T) {
	same := func(*dwolla.MassPaymentItem) {}
	for name, payment := range map[string]func(*dwolla.MassPayment){
		"all of it": func(*dwolla.MassPayment) {}, "no metadata": func(m *dwolla.MassPayment) { m.Metadata = nil },
		"neither metadata nor total": func(m *dwolla.MassPayment) { m.Metadata, m.Total = nil, dwolla.Money{} },
	} {
		bubble(t, name, func(t *testing.T) {
			b, lost, s := newFakeDwolla(), newMemStore(), newMemStore()
			g := &altered{direct{b}, payment, same, 0}
			mustPrepare(t, lost, simRows(6), Plan{ChunkRows: 3})
			if _, err := mustRunner(t, lost, g, Options{}).Run(t.Context(), simBatch); err != nil {
				t.Fatal(err)
			}
			mustPrepare(t, s, simRows(6), Plan{ChunkRows: 6})
			r := mustRunner(t, s, g, Options{SettleTimeout: time.Hour})
			_, err := r.Run(t.Context(), simBatch)
			held := heldOf(t, err)
			if held[0].Hold.Reason != HoldAmbiguous || len(held[0].Hold.Candidates) != 1 {
				t.Errorf("%+v", held[0].Hold)
			}
			for _, result := range resultsOf(t, s) {
				if result.Status != Unknown {
					t.Errorf("a row is %s", result.Status)
				}
			}
			// A person says that it is the chunk: of the rows that it does not have, nothing is known.
			adopt := Resolution{By: "a person", Action: Adopt, MassPayment: held[0].Hold.Candidates[0]}
			if err := r.Resolve(t.Context(), simBatch, 1, adopt); err != nil {
				t.Fatal(err)
			}
			_, err = r.Run(t.Context(), simBatch)
			if unsettled, ok := errors.AsType[*UnsettledRowsError](err); !ok || unsettled.Count != 3 {
				t.Errorf("%v", err)
			}
			if _, err := r.PrepareRetry(t.Context(), simBatch, "again", Retry{}); !errors.Is(err, ErrNothingFailed) {
				t.Errorf("a retry: %v", err)
			}
			for line, times := range b.ledger(simBatch) {
				if times != 1 {
					t.Errorf("line %d is paid %d times", line, times)
				}
			}
		})
	}
}

// oddItem is a Dwolla that lists an item more, which cannot be read.
type oddItem struct{ *altered }

func (g oddItem) Items(ctx context.Context, href string) iter.Seq2[dwolla.MassPaymentItem, error] {
	return func(yield func(dwolla.MassPaymentItem, error) bool) {
		if !yield(dwolla.MassPaymentItem{}, &dwolla.EntryError{}) {
			return
		}
		for item, err := range g.altered.Items(ctx, href) {
			if !yield(item, err) {
				return
			}
		}
	}
}

func TestFault391_AMassPaymentIsNotRecognizedByItemsOfWhichOneCannotBeRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, s := newFakeDwolla(), newMemStore()
		b.outcome = func(int) outcome { return commitsAndDrops }
		mustPrepare(t, s, lettered(4), Plan{})
		g := oddItem{&altered{direct{b}, func(m *dwolla.MassPayment) { m.Metadata = nil }, func(*dwolla.MassPaymentItem) {}, 0}}
		_, err := mustRunner(t, s, g, Options{}).Run(t.Context(), simBatch)
		if held := heldOf(t, err); len(held) != 1 || held[0].Hold.Reason != HoldAmbiguous || b.creates != 1 {
			t.Errorf("%+v, %d mass payments, %v", held, b.creates, err)
		}
	})
}

// The earlier record, which is lost, had other chunks. Of what it has sent the first is found, and that says nothing good
// of all others.
func TestFault439_WhileSomethingElseWasFoundNoOtherChunkIsSentOrCancelled(t *testing.T) {
	for _, test := range []struct {
		name        string
		rows        []Row
		old, new    int // rows of a chunk
		concurrency int
	}{
		{"smaller chunks", simRows(12), 4, 1, 1},
		{"smaller chunks, four workers", simRows(12), 4, 1, 4},
		{"larger chunks", simRows(12), 4, 5, 1},
		{"a row in front", simRows(13)[1:], 4, 4, 4},
	} {
		for _, cancel := range []bool{false, true} {
			bubble(t, fmt.Sprint(test.name, ", cancelled: ", cancel), func(t *testing.T) {
				b, lost, s := newFakeDwolla(), newMemStore(), newMemStore()
				mustPrepare(t, lost, test.rows, Plan{ChunkRows: test.old})
				if err := runBatch(t.Context(), b, lost, simBatch); err != nil {
					t.Fatal(err)
				}
				rows := test.rows
				if rows[0].Line > 2 {
					rows = simRows(13)
				}
				mustPrepare(t, s, rows, Plan{ChunkRows: test.new})
				g := &hooked{direct: direct{b}, beforeFind: func(string) { time.Sleep(time.Second) }}
				r := mustRunner(t, s, g, Options{SendOthers: true, Concurrency: test.concurrency})
				for range 2 {
					if cancel {
						if err := r.Cancel(t.Context(), simBatch, aPerson); err != nil {
							t.Fatal(err)
						}
					}
					_, err := r.Run(t.Context(), simBatch)
					heldOf(t, err)
				}
				paidOnce(t, b, 12)
				for i, result := range resultsOf(t, s) {
					if result.Status.unpaid() {
						t.Errorf("row %d is %s", i, result.Status)
					}
				}
				if _, err := Prepare(t.Context(), s, "again", inputOf(rows), Plan{Source: simSource}); err == nil {
					t.Error("the same rows may be paid by another batch")
				}
			})
		}
	}
}
