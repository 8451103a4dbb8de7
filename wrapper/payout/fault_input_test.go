package payout

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	dwolla "github.com/dwolla-go/dwolla-go/wrapper"
)

// The catalogue of faults, section I: mass payments and bulk. Here: the input.

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
