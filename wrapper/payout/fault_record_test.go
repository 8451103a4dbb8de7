package payout

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
)

// The catalogue of faults, section I: mass payments and bulk. Here: the record.

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
