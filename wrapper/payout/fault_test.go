package payout

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	dwolla "github.com/dwolla-go/dwolla-go/wrapper"
	"github.com/dwolla-go/dwolla-go/wrapper/dwollatest"
)

// The catalogue of faults, section I: mass payments and bulk.

func openTemp(t testing.TB) *FileStore {
	t.Helper()
	s, err := OpenFile(filepath.Join(t.TempDir(), "record.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func mustPrepare(t testing.TB, s Store, rows []Row, plan Plan) Batch {
	t.Helper()
	if plan.Source == "" {
		plan.Source = simSource
	}
	b, err := Prepare(t.Context(), s, simBatch, inputOf(rows), plan)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func mustRunner(t testing.TB, s Store, g Gateway, o Options) *Runner {
	t.Helper()
	r, err := NewRunner(s, g, o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func chunksOf(t testing.TB, s Store) []Chunk {
	t.Helper()
	var chunks []Chunk
	err := s.View(t.Context(), simBatch, func(tx Tx) error {
		b, err := record{tx}.batch()
		if err != nil {
			return err
		}
		chunks, err = record{tx}.chunks(&b)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return chunks
}

func TestFault137_AnyNumberOfItemsIsSplitTheSameWayEachTime(t *testing.T) {
	for _, test := range []struct {
		rows, chunks int
		err          error
	}{{0, 0, ErrNoRows}, {1, 1, nil}, {5000, 1, nil}, {5001, 2, nil}, {12_000, 3, nil}} {
		t.Run(fmt.Sprintf("%d rows", test.rows), func(t *testing.T) {
			var seen [][]Chunk
			for range 2 {
				s := openTemp(t)
				b, err := Prepare(t.Context(), s, simBatch, inputOf(simRows(test.rows)), Plan{Source: simSource})
				if !errors.Is(err, test.err) {
					t.Fatalf("error %v, want %v", err, test.err)
				}
				if err != nil {
					return
				}
				if b.Rows != test.rows || b.Chunks != test.chunks {
					t.Errorf("%d rows in %d chunks", b.Rows, b.Chunks)
				}
				seen = append(seen, chunksOf(t, s))
			}
			for i := range seen[0] {
				a, b := seen[0][i], seen[1][i]
				if a.Digest != b.Digest || a.CorrelationID != b.CorrelationID || a.Tally != b.Tally {
					t.Errorf("chunk %d is split differently", i+1)
				}
				if a.Key == b.Key {
					t.Error("two records have the same key")
				}
			}
		})
	}
}

func TestFault138_DuplicateRowsAreReportedBeforeAnythingIsSent(t *testing.T) {
	rows := simRows(10)
	rows[7].Destination, rows[7].Amount = rows[2].Destination, rows[2].Amount
	rows[9].Destination, rows[9].Amount, rows[9].CorrelationID = rows[2].Destination, rows[2].Amount, "another"
	rows[5].CorrelationID, rows[6].CorrelationID = "same", "same"
	s := openTemp(t)
	_, err := Prepare(t.Context(), s, simBatch, inputOf(rows), Plan{Source: simSource})
	input, ok := errors.AsType[*InputError](err)
	if !ok || input.Count != 2 {
		t.Fatalf("%v", err)
	}
	for _, want := range []string{"line 9: repeats line 4", "line 8: correlation_id: that of line 7 again"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("no %q in %v", want, err)
		}
	}
	if _, err := mustRunner(t, s, direct{newBank()}, Options{}).Run(t.Context(), simBatch); !errors.Is(err, ErrNotReady) {
		t.Errorf("a refused batch runs: %v", err)
	}
	if _, err := Prepare(t.Context(), s, simBatch, inputOf(rows), Plan{Source: simSource, AllowDuplicates: true}); err != nil {
		t.Errorf("with the flag: %v", err)
	}
}

func TestFault139_RowsBeyondLimitsAreNamedByTheirLine(t *testing.T) {
	good := func() Row { return simRows(1)[0] }
	tests := []struct {
		name   string
		edit   func(*Row)
		reason string
	}{
		{"ten pairs of metadata", func(r *Row) {
			r.Metadata = map[string]string{}
			for i := range 10 {
				r.Metadata[fmt.Sprint(i)] = "x"
			}
		}, "metadata"},
		{"a value of 255 characters", func(r *Row) { r.Metadata = map[string]string{"k": strings.Repeat("x", 255)} }, "metadata"},
		{"a key of the package", func(r *Row) { r.Metadata = map[string]string{metadataRow: "1"} }, "metadata"},
		{"invalid UTF-8", func(r *Row) { r.Metadata = map[string]string{"k": "\xff"} }, "metadata"},
		{"a correlation id with a space", func(r *Row) { r.CorrelationID = "a b" }, "correlation_id"},
		{"a correlation id of 256 characters", func(r *Row) { r.CorrelationID = strings.Repeat("x", 256) }, "correlation_id"},
		{"zero", func(r *Row) { r.Amount = dwolla.USDCents(0) }, "amount"},
		{"a negative amount", func(r *Row) { r.Amount = dwolla.USDCents(-1) }, "amount"},
		{"three decimals", func(r *Row) { r.Amount.Value = "1.005" }, "amount"},
		{"an exponent", func(r *Row) { r.Amount.Value = "1e3" }, "amount"},
		{"another currency", func(r *Row) { r.Amount.Currency = "EUR" }, "amount"},
		{"more than an int64 of cents", func(r *Row) { r.Amount.Value = "99999999999999999999" }, "amount"},
		{"the source itself", func(r *Row) { r.Destination = simSource }, "destination: is the source"},
		{"the source by id", func(r *Row) { r.Destination = "00000000-aaaa-4000-8000-000000000000" }, "destination: is the source"},
		{"no destination", func(r *Row) { r.Destination = "" }, "destination: is missing"},
		{"another host", func(r *Row) { r.Destination = "https://api.dwolla.com.evil.test/funding-sources/x" }, "destination"},
		{"a customer", func(r *Row) { r.Destination = "https://api.dwolla.com/customers/x" }, "destination"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			bad := good()
			bad.Line = 77
			test.edit(&bad)
			_, err := Prepare(t.Context(), newMemStore(), simBatch, inputOf([]Row{good(), bad}), Plan{Source: simSource})
			input, ok := errors.AsType[*InputError](err)
			if !ok || input.Count != 1 || input.Rows[0].Line != 77 || !strings.HasPrefix(input.Rows[0].Reason, test.reason) {
				t.Errorf("%v", err)
			}
		})
	}
	t.Run("all of them are reported", func(t *testing.T) {
		rows, told := simRows(2000), 0
		for i := range rows {
			rows[i].Amount.Value = "0"
		}
		_, err := Prepare(t.Context(), newMemStore(), simBatch, inputOf(rows), Plan{Source: simSource, OnProblem: func(RowError) { told++ }})
		if input, ok := errors.AsType[*InputError](err); !ok || input.Count != 2000 || len(input.Rows) != maxProblems || told != 2000 {
			t.Errorf("told %d: %.200v", told, err)
		}
	})
}

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

func TestFault142_KilledAnywhereARunAndItsRetryPayEachRowOnce(t *testing.T) {
	build := func() *world {
		w := newWorld(12, 6)
		w.bank.reject[3], w.bank.reject[9] = true, true
		w.bank.outcome = func(n int) outcome {
			if n == 2 {
				return commitsAndDrops
			}
			return succeeds
		}
		return w
	}
	for n := 1; ; n++ {
		killed := 0
		for _, end := range []bool{false, true} {
			synctest.Test(t, func(t *testing.T) {
				w := build()
				w.killAt, w.killEnd = n, end
				if err := errors.Join(w.play(), w.playRetry()); err != nil {
					t.Errorf("killed at %d (after: %v): %v", n, end, err)
				}
				if w.op >= n {
					killed++
				}
			})
		}
		if killed == 0 {
			t.Logf("%d boundaries", n-1)
			return
		}
	}
}

// playRetry pays the failed rows in a second batch, after the reason has gone, and dies where the world says.
func (w *world) playRetry() error {
	w.bank.mu.Lock()
	w.bank.reject = map[int]bool{}
	w.bank.mu.Unlock()
	for range 10 {
		ctx, die := context.WithCancelCause(context.Background())
		p := &process{world: w, die: die}
		store := processStore{w.store, p}
		b, err := PrepareRetry(ctx, store, simBatch, "retry")
		if err == nil {
			var r *Runner
			if r, err = NewRunner(store, processGateway{w.bank, p}, Options{}); err == nil {
				_, err = r.Run(ctx, b.ID)
			}
		}
		die(nil)
		if errors.Is(err, errKilled) {
			if err := w.store.Update(context.Background(), "retry", dropLeases); err != nil {
				return err
			}
			continue
		}
		if err != nil {
			return err
		}
		first, again := w.bank.ledger(simBatch), w.bank.ledger("retry")
		for _, row := range w.rows {
			if first[row.Line]+again[row.Line] != 1 {
				return fmt.Errorf("line %d paid %d times and in the retry %d times", row.Line, first[row.Line], again[row.Line])
			}
		}
		return nil
	}
	return errors.New("the retry is stuck")
}

func TestFault143_ADamagedOrFullRecordStopsBeforeMoneyMoves(t *testing.T) {
	t.Run("a bad checksum", func(t *testing.T) {
		for _, prefix := range []string{keyBatch, prefixChunk, prefixRows} {
			b, s := newBank(), newMemStore()
			mustPrepare(t, s, simRows(10), Plan{})
			for key, value := range s.batches[simBatch] {
				if strings.HasPrefix(key, prefix) {
					value[len(value)/2] ^= 1
				}
			}
			_, err := mustRunner(t, s, direct{b}, Options{}).Run(t.Context(), simBatch)
			if _, ok := errors.AsType[*CorruptError](err); !ok || b.creates > 0 {
				t.Errorf("%s: %d sent, error %v", prefix, b.creates, err)
			}
		}
	})
	t.Run("a missing chunk", func(t *testing.T) {
		b, s := newBank(), newMemStore()
		mustPrepare(t, s, simRows(10), Plan{ChunkRows: 5})
		delete(s.batches[simBatch], numbered(prefixChunk, 2))
		_, err := mustRunner(t, s, direct{b}, Options{}).Run(t.Context(), simBatch)
		if _, ok := errors.AsType[*CorruptError](err); !ok || b.creates > 0 {
			t.Errorf("%d sent, error %v", b.creates, err)
		}
	})
	t.Run("a full disk, and an fsync that fails", func(t *testing.T) {
		for _, fault := range []storeFault{nothingWritten, allWritten} {
			for at := 1; at <= 2; at++ { // the lease, and what is written before the request
				b, s := newBank(), newMemStore()
				mustPrepare(t, s, simRows(10), Plan{})
				writes := 0
				s.fail = func() storeFault {
					if writes++; writes == at {
						return fault
					}
					return noFault
				}
				_, err := mustRunner(t, s, direct{b}, Options{}).Run(t.Context(), simBatch)
				if !errors.Is(err, errDisk) || b.creates > 0 {
					t.Errorf("write %d: %d sent, error %v", at, b.creates, err)
				}
			}
		}
	})
	t.Run("a torn file", func(t *testing.T) {
		dir := t.TempDir()
		path := filepath.Join(dir, "record.db")
		s, err := OpenFile(path)
		if err != nil {
			t.Fatal(err)
		}
		mustPrepare(t, s, simRows(2000), Plan{})
		_ = s.Close()
		whole, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, size := range []int{1, 100, 4095, 4096, 4097, 8191, 8192, 16383, 16384, len(whole) / 2, len(whole) - 4096} {
			// A file of its own each time: where bolt panics, its memory map keeps the lock.
			torn := filepath.Join(dir, strconv.Itoa(size))
			if err := os.WriteFile(torn, whole[:size], 0o600); err != nil {
				t.Fatal(err)
			}
			s, err := OpenFile(torn)
			if err == nil { // what was cut off was not in use yet
				summary, err := Summarize(t.Context(), s, simBatch)
				if err != nil || summary.Totals.All().Rows != 2000 {
					t.Errorf("a file of %d bytes of %d is opened: %v, %v", size, len(whole), summary.Totals, err)
				}
				_ = s.Close()
			} else if !isCorrupt(err) {
				t.Errorf("a file of %d bytes of %d: %v", size, len(whole), err)
			}
		}
	})
	t.Run("flipped bits in a file", func(t *testing.T) {
		dir := t.TempDir()
		path := filepath.Join(dir, "record.db")
		s, err := OpenFile(path)
		if err != nil {
			t.Fatal(err)
		}
		mustPrepare(t, s, simRows(300), Plan{ChunkRows: 50})
		_ = s.Close()
		whole, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		step := 4099
		if fullCrash() {
			step = 251
		}
		synctest.Test(t, func(t *testing.T) {
			for at := 0; at < len(whole); at += step {
				damaged := slices.Clone(whole)
				damaged[at] ^= 0x10
				copyPath := filepath.Join(dir, strconv.Itoa(at)) // its own: where bolt panics, its memory map keeps the lock
				if err := os.WriteFile(copyPath, damaged, 0o600); err != nil {
					t.Fatal(err)
				}
				b := newBank()
				err := runFile(copyPath, b)
				if errors.Is(err, ErrLocked) {
					t.Fatalf("byte %d: %v", at, err)
				}
				for line, times := range b.ledger(simBatch) {
					if times > 1 {
						t.Fatalf("byte %d: line %d paid %d times, error %v", at, line, times, err)
					}
				}
				if paid := len(b.ledger(simBatch)); err == nil && paid != 300 {
					t.Errorf("byte %d: %d rows paid and no error", at, paid)
				}
			}
		})
	})
	t.Run("a read-only place", func(t *testing.T) {
		if os.Geteuid() == 0 {
			t.Log("as root, permissions do not hold; a directory in place of the file does")
		}
		if s, err := OpenFile(t.TempDir()); err == nil {
			_ = s.Close()
			t.Error("a directory is opened as a record")
		}
	})
}

func runFile(path string, b *bank) error {
	s, err := OpenFile(path)
	if err != nil {
		return err
	}
	defer s.Close()
	r, err := NewRunner(s, direct{b}, Options{})
	if err != nil {
		return err
	}
	_, err = r.Run(context.Background(), simBatch)
	return err
}

func TestFault144_TheSecondProcessOnAFileIsRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), "record.db")
	first, err := OpenFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := OpenFile(path); !errors.Is(err, ErrLocked) {
		t.Errorf("the second one: %v", err)
	}
	_ = first.Close()
	again, err := OpenFile(path)
	if err != nil {
		t.Fatalf("after the first one has gone: %v", err)
	}
	_ = again.Close()
}

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
		"a bad row":      func(r []Row) []Row { r[3].Amount.Value = "0"; return r },
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
