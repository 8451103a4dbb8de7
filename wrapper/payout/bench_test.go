package payout

import (
	"context"
	"fmt"
	"io"
	"path/filepath"
	"runtime/debug"
	"runtime/metrics"
	"strconv"
	"testing"
	"time"

	dwolla "github.com/dwolla-go/dwolla-go/wrapper"
)

// csvOf is a CSV of any length that takes no memory.
func csvOf(rows int) io.Reader {
	r, w := io.Pipe()
	go func() {
		buf := []byte("destination,amount,correlation_id,metadata.employee\n")
		for i := range rows {
			cents := csvCents(i)
			buf = fmt.Appendf(buf, "%08x-bbbb-4000-8000-000000000000,%d.%02d,wage-%d,E%d\n", i, cents/100, cents%100, i, i)
			if len(buf) > 32<<10 || i == rows-1 {
				if _, err := w.Write(buf); err != nil {
					return
				}
				buf = buf[:0]
			}
		}
		_ = w.Close()
	}()
	return r
}

func csvCents(row int) int64 { return int64(100*(1+row%5000) + row%100) }

// peakHeap runs fn and gives the most bytes of heap objects, garbage included, that were seen meanwhile.
func peakHeap(fn func()) uint64 {
	debug.FreeOSMemory()
	sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	done, peak := make(chan struct{}), make(chan uint64)
	go func() {
		most := uint64(0)
		tick := time.NewTicker(time.Millisecond)
		defer tick.Stop()
		for {
			metrics.Read(sample)
			most = max(most, sample[0].Value.Uint64())
			select {
			case <-done:
				peak <- most
				return
			case <-tick.C:
			}
		}
	}()
	fn()
	close(done)
	return <-peak
}

func prepareCSV(ctx context.Context, tb testing.TB, rows int) (*FileStore, Batch) {
	tb.Helper()
	s, err := OpenFile(filepath.Join(tb.TempDir(), "record.db"))
	if err != nil {
		tb.Fatal(err)
	}
	b, err := Prepare(ctx, s, "bench", ReadCSV(csvOf(rows)), Plan{Source: simSource})
	if err != nil {
		tb.Fatal(err)
	}
	return s, b
}

const heapLimit = 64 << 20

// TestHeapStaysFlat takes an input through validation, the search for duplicates, the record and the report.
func TestHeapStaysFlat(t *testing.T) {
	sizes := []int{5_000, 20_000}
	if fullCrash() {
		sizes = []int{10_000, 100_000, 1_000_000}
	}
	for _, rows := range sizes {
		started := time.Now()
		peak := peakHeap(func() {
			s, b := prepareCSV(t.Context(), t, rows)
			defer s.Close()
			if b.Rows != rows {
				t.Errorf("%d rows", b.Rows)
			}
			if err := OpenReport(s, "bench").WriteCSV(t.Context(), io.Discard); err != nil {
				t.Error(err)
			}
		})
		t.Logf("%d rows: peak heap %d MiB, %.0f rows/s", rows, peak>>20, float64(rows)/time.Since(started).Seconds())
		if peak > heapLimit {
			t.Errorf("%d rows take %d MiB of heap", rows, peak>>20)
		}
	}
}

// BenchmarkPrepare reads, checks, searches for duplicates and writes the record.
func BenchmarkPrepare(b *testing.B) {
	for _, rows := range []int{10_000, 100_000, 1_000_000} {
		b.Run(strconv.Itoa(rows), func(b *testing.B) {
			peak := uint64(0)
			for b.Loop() {
				peak = max(peak, peakHeap(func() {
					s, _ := prepareCSV(b.Context(), b, rows)
					_ = s.Close()
				}))
			}
			b.ReportMetric(float64(rows)*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
			b.ReportMetric(float64(peak)/(1<<20), "peak-MiB")
		})
	}
}

// BenchmarkRun pays 50,000 rows at a bank that answers at once: the cost of the record is the difference to none.
func BenchmarkRun(b *testing.B) {
	const rows = 50_000
	report := func(b *testing.B) {
		b.ReportMetric(rows*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
	}
	b.Run("no record", func(b *testing.B) {
		for b.Loop() {
			if err := payWithoutRecord(b.Context(), direct{newFakeDwolla()}, rows); err != nil {
				b.Fatal(err)
			}
		}
		report(b)
	})
	stores := map[string]func() Store{
		"record in memory": func() Store { return newMemStore() },
		"record in a file": func() Store { return openTemp(b) },
	}
	for name, open := range stores {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				s := open()
				_, err := Prepare(b.Context(), s, "bench", ReadCSV(csvOf(rows)), Plan{Source: simSource})
				if err != nil {
					b.Fatal(err)
				}
				r := mustRunner(b, s, direct{newFakeDwolla()}, Options{Poll: time.Nanosecond})
				if _, err := r.Run(b.Context(), "bench"); err != nil {
					b.Fatal(err)
				}
				_ = s.Close()
			}
			report(b)
		})
	}
}

// payWithoutRecord pays without this package's record: the same reading, checking, splitting and listing, and no
// resume.
func payWithoutRecord(ctx context.Context, g Gateway, rows int) error {
	b := Batch{ID: "bench", Plan: Plan{Source: simSource}}
	source, err := b.check()
	if err != nil {
		return err
	}
	var chunk []Row
	pay := func() error {
		c := Chunk{Number: 1, Tally: Tally{Rows: len(chunk)}}
		href, err := g.Create(ctx, KeyUse{Key: fmt.Sprint(chunk[0].Line)}, massPayment(&b, &c, chunk))
		if err != nil {
			return err
		}
		if _, err := g.Get(ctx, href); err != nil {
			return err
		}
		l := newListing(b.ID, chunk, dwolla.MassPaymentStatusComplete)
		for item, err := range g.Items(ctx, href) {
			if err != nil {
				return err
			}
			l.add(&item)
		}
		l.results()
		chunk = chunk[:0]
		return nil
	}
	for row, err := range ReadCSV(csvOf(rows)) {
		if err != nil {
			return err
		}
		if reasons := row.check(source); len(reasons) > 0 {
			return &reasons[0]
		}
		if chunk = append(chunk, row); len(chunk) == MaxChunkRows {
			if err := pay(); err != nil {
				return err
			}
		}
	}
	if len(chunk) > 0 {
		return pay()
	}
	return nil
}

// BenchmarkStep looks for a chunk, sends it and writes it down, of batches of any number of chunks.
func BenchmarkStep(b *testing.B) {
	for _, chunks := range []int{100, 10_000, 100_000} {
		b.Run(strconv.Itoa(chunks), func(b *testing.B) {
			if chunks > 10_000 && !fullCrash() {
				b.Skip("the record takes minutes: PAYOUT_CRASH=full")
			}
			s := openTemp(b)
			if _, err := Prepare(b.Context(), s, "bench", ReadCSV(csvOf(chunks)), Plan{Source: simSource, ChunkRows: 1}); err != nil {
				b.Fatal(err)
			}
			// What is created waits, so that each step sends another chunk.
			r := mustRunner(b, s, direct{newFakeDwolla()}, Options{Poll: time.Hour})
			for b.Loop() {
				if step, err := r.Step(b.Context(), "bench"); err != nil || step.State != StateCreated && step.Wait == 0 {
					b.Fatal(step, err)
				}
			}
		})
	}
}
