package payout

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	dwolla "github.com/dwolla-go/dwolla-go/wrapper"
	"github.com/dwolla-go/dwolla-go/wrapper/dwollatest"
)

// The catalogue of faults, section I: mass payments and bulk. Here: the run.

// dwollaRows makes receivers at a server and rows that pay them.
func dwollaRows(s *dwollatest.Server, n int) []Row {
	rows := make([]Row, n)
	for i := range rows {
		_, bank := s.AddReceiver(fmt.Sprintf("Receiver %d", i))
		rows[i] = Row{Line: i + 2, Destination: bank.Href, Amount: dwolla.USDCents(int64(100 + i))}
	}
	return rows
}

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

// counting counts the reads of a gateway and can change what they say.
type counting struct {
	Gateway
	gets    atomic.Int64
	creates atomic.Int64
	status  func(n int64) dwolla.MassPaymentStatus
}

func (g *counting) Create(ctx context.Context, key string, body *dwolla.CreateMassPayment) (string, error) {
	g.creates.Add(1)
	return g.Gateway.Create(ctx, key, body)
}

func (g *counting) Get(ctx context.Context, href string) (*dwolla.MassPayment, error) {
	m, err := g.Gateway.Get(ctx, href)
	n := g.gets.Add(1)
	if g.status != nil && err == nil {
		if s := g.status(n); s != "" {
			m.Status = s
		}
	}
	return m, err
}

func TestFault141_HoursOfProcessingArePolledWithPatience(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBank()
		b.itemTime = time.Second
		g := &counting{Gateway: direct{b}, status: func(n int64) dwolla.MassPaymentStatus {
			if n == 3 {
				return "a-status-of-tomorrow"
			}
			return ""
		}}
		s := newMemStore()
		mustPrepare(t, s, simRows(5000), Plan{})
		started := time.Now()
		summary, err := mustRunner(t, s, g, Options{}).Run(t.Context(), simBatch)
		if err != nil || summary.Totals.Paid.Rows != 5000 {
			t.Fatalf("%+v, %v", summary.Totals, err)
		}
		took := time.Since(started)
		if n := g.gets.Load(); n > 100 || took < 5000*time.Second || took > 5100*time.Second {
			t.Errorf("%d reads in %v", n, took)
		}
	})
	t.Run("the context ends the wait at once", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			b := newBank()
			b.itemTime = time.Hour
			s := newMemStore()
			mustPrepare(t, s, simRows(3), Plan{})
			ctx, cancel := context.WithTimeout(t.Context(), 90*time.Second)
			defer cancel()
			started := time.Now()
			summary, err := mustRunner(t, s, direct{b}, Options{}).Run(ctx, simBatch)
			if !errors.Is(err, context.DeadlineExceeded) || time.Since(started) != 90*time.Second || summary.Totals.Pending.Rows != 3 {
				t.Errorf("%v after %v: %+v", err, time.Since(started), summary.Totals)
			}
		})
	})
	t.Run("a webhook ends the wait at once", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			b := newBank()
			b.itemTime = time.Minute
			s := newMemStore()
			mustPrepare(t, s, simRows(100), Plan{})
			r := mustRunner(t, s, direct{b}, Options{MaxPoll: time.Hour})
			time.AfterFunc(100*time.Minute, func() { r.Wake("00000001-0000-4000-8000-000000000000") })
			started := time.Now()
			if _, err := r.Run(t.Context(), simBatch); err != nil {
				t.Fatal(err)
			}
			if took := time.Since(started); took != 100*time.Minute {
				t.Errorf("took %v", took)
			}
		})
	})
}

func TestFault146_AfterADayNothingIsSentBeforeALook(t *testing.T) {
	for _, test := range []struct {
		name    string
		outcome outcome
		gap     time.Duration
		held    bool
		creates int
	}{
		{"found", commitsAndDrops, 25 * time.Hour, false, 1},
		{"not there", dropsBefore, 25 * time.Hour, true, 1},
		{"not there, at the edge of the key's life", dropsBefore, KeyLifetime + time.Minute, true, 1},
		{"not there, within the key's life", dropsBefore, KeyLifetime - time.Hour, false, 2},
		{"not there, and the clock was set back", dropsBefore, -time.Hour, true, 1},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b, s := newBank(), newMemStore()
				b.outcome = func(n int) outcome {
					if n == 1 {
						return test.outcome
					}
					return succeeds
				}
				mustPrepare(t, s, simRows(5), Plan{})
				// Lease, look, note, request: the process dies when the fourth is out.
				ctx, die := context.WithCancelCause(t.Context())
				p := &process{world: &world{killAt: 4, killEnd: true}, die: die}
				_, err := mustRunner(t, processStore{s, p}, processGateway{b, p}, Options{}).Run(ctx, simBatch)
				if !errors.Is(err, errKilled) {
					t.Fatal(err)
				}
				if b.creates != 1 {
					t.Fatalf("%d requests", b.creates)
				}
				if test.gap < 0 {
					setBack(t, s, -test.gap)
				} else {
					time.Sleep(test.gap)
				}
				_, err = mustRunner(t, s, direct{b}, Options{}).Run(t.Context(), simBatch)
				held, ok := errors.AsType[*HeldError](err)
				if ok != test.held || b.creates != test.creates {
					t.Fatalf("%d requests, error %v", b.creates, err)
				}
				if ok {
					c := held.Chunks[0]
					if c.Hold.Reason != HoldAbsent || c.EmptyLooks < 5 || time.Since(c.FirstLook) < 15*time.Minute || c.Key == "" {
						t.Errorf("held with %+v", c)
					}
				}
			})
		})
	}
}

// setBack makes the record look as if the clock had been set back since: what was sent lies in the future.
func setBack(t *testing.T, s Store, d time.Duration) {
	err := s.Update(t.Context(), simBatch, func(tx Tx) error {
		c, err := record{tx}.chunk(1)
		c.FirstSent = c.FirstSent.Add(d)
		return errors.Join(err, record{tx}.putChunk(&c), dropLeases(tx))
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestFault147_OnlyConfirmedFailuresAreRetriedAndOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, s := newBank(), newMemStore()
		b.reject[4], b.reject[8] = true, true
		mustPrepare(t, s, simRows(10), Plan{})
		// One item stays pending and one is never listed.
		g := &listed{direct{b}, func(items []dwolla.MassPaymentItem) []dwolla.MassPaymentItem {
			items[0].Status = dwolla.MassPaymentItemStatusPending
			return items[:9]
		}}
		r := mustRunner(t, s, g, Options{})
		summary, err := r.Run(t.Context(), simBatch)
		if err != nil {
			t.Fatal(err)
		}
		got := summary.Totals
		if got.Paid.Rows != 6 || got.Failed.Rows != 2 || got.Pending.Rows != 1 || got.Unknown.Rows != 1 {
			t.Errorf("totals %+v", got)
		}
		retry, err := PrepareRetry(t.Context(), s, simBatch, "again")
		if err != nil || retry.Rows != 2 || retry.RetryOf != simBatch {
			t.Fatalf("%+v, %v", retry, err)
		}
		if same, err := PrepareRetry(t.Context(), s, simBatch, "again"); err != nil || same.Preparation != retry.Preparation {
			t.Errorf("the same retry: %v", err)
		}
		_, err = PrepareRetry(t.Context(), s, simBatch, "third")
		if by, ok := errors.AsType[*RetriedError](err); !ok || by.By != "again" {
			t.Errorf("a second retry: %v", err)
		}
		// What was pending is settled by another look.
		g.edit = func(items []dwolla.MassPaymentItem) []dwolla.MassPaymentItem { return items }
		if err := r.Recheck(t.Context(), simBatch); err != nil {
			t.Fatal(err)
		}
		summary, err = r.Run(t.Context(), simBatch)
		if err != nil || summary.Totals.Paid.Rows != 8 || summary.Totals.Failed.Rows != 2 {
			t.Errorf("%+v, %v", summary.Totals, err)
		}
	})
	t.Run("an unfinished batch is not retried", func(t *testing.T) {
		s := newMemStore()
		mustPrepare(t, s, simRows(10), Plan{})
		if _, err := PrepareRetry(t.Context(), s, simBatch, "again"); !errors.Is(err, ErrUnsettled) {
			t.Errorf("%v", err)
		}
	})
}

// listed changes what the list of items says.
type listed struct {
	direct
	edit func([]dwolla.MassPaymentItem) []dwolla.MassPaymentItem
}

func (g *listed) Items(_ context.Context, href string) iter.Seq2[dwolla.MassPaymentItem, error] {
	items, err := g.items(href)
	return seqOf(g.edit(items), err)
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
				b, s, n := newBank(), newMemStore(), 0
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

func TestFault149_ADeferredBatchEndsAsItIsReadBack(t *testing.T) {
	deferred := func(t *testing.T) (*dwollatest.Server, Store, *Runner, Batch) {
		server := dwollatest.New(t, dwollatest.WithItemRate(10))
		s := newMemStore()
		b := mustPrepare(t, s, dwollaRows(server, 9), Plan{Source: server.AccountBalance().Href, Deferred: true, ChunkRows: 3})
		r := mustRunner(t, s, Dwolla(server.Dwolla()), Options{})
		summary, err := r.Run(t.Context(), simBatch)
		if err != nil || !summary.AwaitsApproval || len(server.Ledger()) != 0 {
			t.Fatalf("%+v, %v", summary, err)
		}
		return server, s, r, b
	}
	bubble := func(name string, test func(t *testing.T)) {
		t.Run(name, func(t *testing.T) { synctest.Test(t, test) })
	}
	bubble("approved", func(t *testing.T) {
		server, _, r, b := deferred(t)
		if err := r.Approve(t.Context(), simBatch, dwolla.USDCents(b.Cents+1)); err == nil {
			t.Error("another total is approved")
		}
		for range 2 { // twice is once
			if err := r.Approve(t.Context(), simBatch, b.Amount()); err != nil {
				t.Fatal(err)
			}
		}
		if err := r.Cancel(t.Context(), simBatch); !errors.Is(err, ErrDecided) {
			t.Errorf("cancelled after it was approved: %v", err)
		}
		summary, err := r.Run(t.Context(), simBatch)
		if err != nil || summary.Totals.Paid.Rows != 9 || len(server.Ledger()) != 9 {
			t.Errorf("%+v, %v", summary.Totals, err)
		}
	})
	bubble("cancelled", func(t *testing.T) {
		server, _, r, _ := deferred(t)
		if err := r.Cancel(t.Context(), simBatch); err != nil {
			t.Fatal(err)
		}
		summary, err := r.Run(t.Context(), simBatch)
		if err != nil || summary.Totals.Cancelled.Rows != 9 || len(server.Ledger()) != 0 {
			t.Errorf("%+v, %v", summary.Totals, err)
		}
	})
	bubble("the answer to the trigger is lost", func(t *testing.T) {
		server, _, r, b := deferred(t)
		server.Fault("updateMassPayment", dwollatest.Fault{Status: 500, AfterCommit: true, Lock: true, Times: 1})
		server.Fault("updateMassPayment", dwollatest.Fault{Drop: true, Times: 2})
		if err := r.Approve(t.Context(), simBatch, b.Amount()); err != nil {
			t.Fatal(err)
		}
		summary, err := r.Run(t.Context(), simBatch)
		if err != nil || summary.Totals.Paid.Rows != 9 || len(server.Ledger()) != 9 {
			t.Errorf("%+v, %v", summary.Totals, err)
		}
	})
	bubble("somebody else was faster", func(t *testing.T) {
		server, s, r, b := deferred(t)
		client := server.Dwolla()
		cancelled := dwolla.UpdateMassPayment{Status: dwolla.UpdateMassPaymentStatusCancelled}
		if _, err := client.MassPayments.Update(t.Context(), chunksOf(t, s)[1].MassPayment, cancelled); err != nil {
			t.Fatal(err)
		}
		if err := r.Approve(t.Context(), simBatch, b.Amount()); err != nil {
			t.Fatal(err)
		}
		summary, err := r.Run(t.Context(), simBatch)
		if err != nil || summary.Totals.Paid.Rows != 6 || summary.Totals.Cancelled.Rows != 3 || len(server.Ledger()) != 6 {
			t.Errorf("%+v, %v", summary.Totals, err)
		}
	})
}

func TestFault150_A429SlowsTheRunAndDropsNothing(t *testing.T) {
	t.Run("at the client", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			server := dwollatest.New(t, dwollatest.WithItemRate(0))
			s := openTemp(t)
			mustPrepare(t, s, dwollaRows(server, 30), Plan{Source: server.AccountBalance().Href, ChunkRows: 3})
			server.Fault("createMassPayment", dwollatest.Fault{Status: 429, Skip: 4, Times: 20})
			summary, err := mustRunner(t, s, Dwolla(server.Dwolla()), Options{Concurrency: 3}).Run(t.Context(), simBatch)
			if err != nil || summary.Totals.Paid.Rows != 30 || len(server.Ledger()) != 30 {
				t.Errorf("%+v, %d in the ledger, %v", summary.Totals, len(server.Ledger()), err)
			}
		})
	})
	t.Run("pace, concurrency and open mass payments are kept", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			b, s := newBank(), newMemStore()
			b.itemTime = time.Second
			g := &spaced{direct: direct{b}}
			mustPrepare(t, s, simRows(60), Plan{ChunkRows: 3})
			r := mustRunner(t, s, g, Options{Concurrency: 4, MaxOpen: 2, Pace: 7 * time.Second})
			summary, err := r.Run(t.Context(), simBatch)
			if err != nil || summary.Totals.Paid.Rows != 60 {
				t.Fatalf("%+v, %v", summary.Totals, err)
			}
			for i := 1; i < len(g.at); i++ {
				if gap := g.at[i].Sub(g.at[i-1]); gap < 7*time.Second {
					t.Errorf("mass payment %d was sent %v after the one before", i+1, gap)
				}
			}
			if g.most > 2 {
				t.Errorf("%d mass payments were open at once", g.most)
			}
		})
	})
	t.Run("a refused credential stops the run, which can be resumed", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			server := dwollatest.New(t, dwollatest.WithItemRate(0))
			s := newMemStore()
			mustPrepare(t, s, dwollaRows(server, 4), Plan{Source: server.AccountBalance().Href})
			server.Fault("createMassPayment", dwollatest.Fault{Status: 401, Times: 2})
			r := mustRunner(t, s, Dwolla(server.Dwolla()), Options{})
			_, err := r.Run(t.Context(), simBatch)
			if _, ok := errors.AsType[*StoppedError](err); !ok {
				t.Fatalf("%v", err)
			}
			if summary, err := r.Run(t.Context(), simBatch); err != nil || summary.Totals.Paid.Rows != 4 {
				t.Errorf("%+v, %v", summary.Totals, err)
			}
		})
	})
}

// spaced notes when mass payments are sent and how many are unfinished.
type spaced struct {
	direct
	at   []time.Time
	most int
}

func (g *spaced) Create(ctx context.Context, key string, body *dwolla.CreateMassPayment) (string, error) {
	href, err := g.direct.Create(ctx, key, body)
	g.mu.Lock()
	defer g.mu.Unlock()
	g.at = append(g.at, time.Now())
	open := 0
	for _, p := range g.payments {
		g.settle(p)
		if p.payment.Status != dwolla.MassPaymentStatusComplete {
			open++
		}
	}
	g.most = max(g.most, open)
	return href, err
}
