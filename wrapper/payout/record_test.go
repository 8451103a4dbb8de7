package payout

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
)

// sealed is a value as the record keeps it, with a checksum that is right.
func sealed(key, data string) []byte {
	value := binary.BigEndian.AppendUint32(nil, checksum(key, []byte(data)))
	return append(value, data...)
}

// edit changes what a record says of a key, and seals it again.
func edit[T any](t *testing.T, s *memStore, key string, change func(*T)) {
	t.Helper()
	var v T
	if err := decodeValue(key, s.batches[simBatch][key], &v); err != nil {
		t.Fatal(err)
	}
	change(&v)
	data, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	s.batches[simBatch][key] = sealed(key, string(data))
}

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
			b, s := newBank(), newMemStore()
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
		b, s := newBank(), newMemStore()
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
		if _, err := PrepareRetry(t.Context(), s, simBatch, "again"); err == nil || err.Error() != want {
			t.Errorf("a retry: %v", err)
		}
		if err := runBatch(t.Context(), b, s, "again"); !errors.Is(err, ErrNotReady) || b.creates != 2 {
			t.Errorf("a run of the retry: %v; %d sent", err, b.creates)
		}
	})
}

func TestTotalsThatDoNotAddUpAreAnErrorAndNotASummary(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, s := newBank(), newMemStore()
		mustPrepare(t, s, simRows(3), Plan{})
		edit(t, s, prefixChunk+"00000001", func(c *Chunk) { c.Cents++ })
		const want = "payout: the totals do not add up: "
		if _, err := Summarize(t.Context(), s, simBatch); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("error %v", err)
		}
		for range 2 {
			if err := runBatch(t.Context(), b, s, simBatch); err == nil || !strings.HasPrefix(err.Error(), want) {
				t.Errorf("error %v", err)
			}
		}
		if c := chunksOf(t, s)[0]; b.creates > 1 || c.State == StateSettled {
			t.Errorf("%d sent, and the chunk is %s", b.creates, c.State)
		}
	})
}

// interrupted is a record with which something happens after the first look at it.
type interrupted struct {
	Store
	meanwhile func()
}

func (s *interrupted) View(ctx context.Context, batch string, fn func(Tx) error) error {
	err := s.Store.View(ctx, batch, fn)
	if do := s.meanwhile; do != nil {
		s.meanwhile = nil
		do()
	}
	return err
}

func TestABatchThatBecameReadyMeanwhileIsNotWrittenDownAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, s := newBank(), newMemStore()
		var ready Batch
		slow := &interrupted{s, func() {
			ready = mustPrepare(t, s, simRows(4), Plan{ChunkRows: 2})
			if err := runBatch(t.Context(), b, s, simBatch); err != nil {
				t.Error(err)
			}
		}}
		_, err := Prepare(t.Context(), slow, simBatch, inputOf(simRows(4)), Plan{Source: simSource, ChunkRows: 2})
		if !errors.Is(err, ErrPreparedElsewhere) {
			t.Errorf("error %v", err)
		}
		summary, err := Summarize(t.Context(), s, simBatch)
		if err != nil || summary.Totals.Paid.Rows != 4 || summary.Batch.Preparation != ready.Preparation || b.creates != 2 {
			t.Errorf("%+v, %v; %d sent", summary, err, b.creates)
		}
	})
}
