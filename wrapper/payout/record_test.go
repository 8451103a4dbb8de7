package payout

import (
	"bytes"
	"context"
	"errors"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
)

const (
	chunk2   = prefixChunk + "00000002"
	rows1    = prefixRows + "00000001"
	results1 = prefixResults + "00000001"
	lease1   = prefixLease + "00000001"
)

func TestARecordThatContradictsItselfIsNotPaidFrom(t *testing.T) {
	type values = map[string][]byte
	for _, test := range []struct {
		name   string
		damage func(t *testing.T, s *memStore, v values)
		want   string // after "payout: the record is damaged at "
	}{
		{"a value that is cut off", func(_ *testing.T, _ *memStore, v values) { v[keyBatch] = v[keyBatch][:3] }, "batch: cut off"},
		{
			"a value in the place of another", func(_ *testing.T, _ *memStore, v values) { v[chunk2] = v[prefixChunk+"00000001"] },
			chunk2 + ": wrong checksum",
		},
		{
			"a value that is no JSON", func(_ *testing.T, _ *memStore, v values) { v[chunk2] = sealed(chunk2, `{"number":`) },
			chunk2 + ": unexpected end of JSON input",
		},
		{"a chunk too few", func(_ *testing.T, _ *memStore, v values) { delete(v, chunk2) }, "chunk/: 1 chunks of 2"},
		{
			"a lease of no chunk", func(_ *testing.T, _ *memStore, v values) { v["lease/x"] = sealed("lease/x", "{}") },
			"lease/x: expected integer",
		},
		{"a lease that is no lease", func(_ *testing.T, _ *memStore, v values) { v[lease1] = sealed(lease1, "7") }, lease1 + ": json: "},
		{"no rows", func(_ *testing.T, _ *memStore, v values) { delete(v, rows1) }, rows1 + ": 0 rows of 2"},
		{"a row too few", func(t *testing.T, s *memStore, _ values) {
			edit(t, s, rows1, func(rows *[]storedRow) { *rows = (*rows)[:1] })
		}, rows1 + ": 1 rows of 2"},
		{"a row that pays more", func(t *testing.T, s *memStore, _ values) {
			edit(t, s, rows1, func(rows *[]storedRow) { (*rows)[0].Cents++ })
		}, rows1 + ": wrong digest"},
	} {
		bubble(t, test.name, func(t *testing.T) {
			b, s := newFakeDwolla(), newMemStore()
			mustPrepare(t, s, simRows(4), Plan{ChunkRows: 2})
			test.damage(t, s, s.batches[simBatch])
			err := runBatch(t.Context(), b, s, simBatch)
			if err == nil || !strings.HasPrefix(err.Error(), "payout: the record is damaged at "+test.want) {
				t.Errorf("error %v, want %s", err, test.want)
			}
			if _, ok := errors.AsType[*CorruptError](err); !ok || b.creates > 0 {
				t.Errorf("%T, and %d sent", err, b.creates)
			}
		})
	}
}

func TestResultsThatAreNotThoseOfTheRowsAreNotReported(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, s := newFakeDwolla(), newMemStore()
		b.reject[2] = true
		mustPrepare(t, s, simRows(4), Plan{ChunkRows: 2})
		if err := runBatch(t.Context(), b, s, simBatch); err != nil {
			t.Fatal(err)
		}
		edit(t, s, results1, func(results *[]Result) { *results = (*results)[:1] })
		const want = "payout: the record is damaged at results/00000001: 1 results of 2"
		told := 0
		for row, err := range OpenReport(s, simBatch).Rows(t.Context()) {
			if told++; err == nil || err.Error() != want || row.Line != 0 {
				t.Errorf("line %d, error %v", row.Line, err)
			}
		}
		if told != 1 {
			t.Errorf("told %d rows", told)
		}
		// What failed is not known, so nothing is paid again.
		if _, err := mustRunner(t, s, direct{b}, Options{}).PrepareRetry(t.Context(), simBatch, "again"); err == nil || err.Error() != want {
			t.Errorf("a retry: %v", err)
		}
		if err := runBatch(t.Context(), b, s, "again"); !errors.Is(err, ErrNotReady) || b.creates != 2 {
			t.Errorf("a run of the retry: %v; %d sent", err, b.creates)
		}
	})
}

func TestFault143_ADamagedOrFullRecordStopsBeforeMoneyMoves(t *testing.T) {
	t.Run("a bad checksum", func(t *testing.T) {
		for _, prefix := range []string{keyBatch, prefixChunk, prefixRows} {
			b, s := newFakeDwolla(), newMemStore()
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
		b, s := newFakeDwolla(), newMemStore()
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
				b, s := newFakeDwolla(), newMemStore()
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
				b := newFakeDwolla()
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

func runFile(path string, b *fakeDwolla) error {
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

// FuzzRecord: a damaged record stops the run before anything is sent. The input is the place of the damage, since each
// process that fuzzes prepares a batch of its own.
func FuzzRecord(f *testing.F) {
	s := newMemStore()
	if _, err := Prepare(f.Context(), s, simBatch, inputOf(simRows(3)), Plan{Source: simSource}); err != nil {
		f.Fatal(err)
	}
	record := s.batches[simBatch]
	keys := slices.Sorted(maps.Keys(record))
	for i := range keys {
		f.Add(uint8(i), uint16(0), uint16(0), []byte(""))
		f.Add(uint8(i), uint16(3*i), uint16(1), []byte("0"))
		f.Add(uint8(i), uint16(0), uint16(1<<15), []byte("{}"))
	}
	f.Fuzz(func(t *testing.T, which uint8, at, drop uint16, insert []byte) {
		key := keys[int(which)%len(keys)]
		original := record[key]
		from := min(int(at), len(original))
		to := min(from+int(drop), len(original))
		value := slices.Concat(original[:from], insert, original[to:])

		damaged, b := newMemStore(), newFakeDwolla()
		damaged.batches[simBatch] = maps.Clone(record)
		damaged.batches[simBatch][key] = value
		synctest.Test(t, func(t *testing.T) {
			r := mustRunner(t, damaged, direct{b}, Options{})
			_, err := r.Run(t.Context(), simBatch)
			if !bytes.Equal(original, value) && (err == nil || b.creates > 0) {
				t.Errorf("%s became %q, %d sent, error %v", key, value, b.creates, err)
			}
		})
	})
}
