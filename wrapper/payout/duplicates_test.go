package payout

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A duplicate that is not found is paid twice, so a search that fails is an error.

// spilled has fingerprints that were written to a file in two runs, the second a repetition of the first.
func spilled(t *testing.T) *duplicates {
	t.Helper()
	d := &duplicates{}
	t.Cleanup(d.close)
	for i := range 2 * spilledRows {
		row := Row{Line: i + 1, CorrelationID: fmt.Sprint(i % spilledRows)}
		if err := d.add(&row, 1); err != nil {
			t.Fatal(err)
		}
		if (i+1)%spilledRows == 0 {
			if err := d.flush(); err != nil {
				t.Fatal(err)
			}
		}
	}
	return d
}

// spilledRows is more than are read at once.
const spilledRows = 4000

func TestASearchForDuplicatesThatCannotReadItsFileIsAnError(t *testing.T) {
	cut := func(size int64) func(*duplicates) error {
		return func(d *duplicates) error { return d.spill.Truncate(size) }
	}
	for _, test := range []struct {
		name   string
		damage func(*duplicates) error
		whole  bool
	}{
		{"whole", func(*duplicates) error { return nil }, true},
		{"closed", func(d *duplicates) error { return d.spill.Close() }, false},
		{"empty", cut(0), false},
		{"cut off between two runs", cut(spilledRows * fingerprintSize), false},
		{"cut off between two fingerprints", cut((2*spilledRows - 1) * fingerprintSize), false},
		{"cut off within a fingerprint", cut(2*spilledRows*fingerprintSize - 1), false},
	} {
		t.Run(test.name, func(t *testing.T) {
			d := spilled(t)
			if err := test.damage(d); err != nil {
				t.Fatal(err)
			}
			found := 0
			err := d.report(func(RowError) { found++ })
			if test.whole && (err != nil || found != spilledRows) {
				t.Errorf("%d duplicates, error %v", found, err)
			}
			if !test.whole && (err == nil || !strings.Contains(err.Error(), "the search for duplicates")) {
				t.Errorf("%d duplicates, error %v", found, err)
			}
		})
	}
}

func TestABatchWhoseDuplicatesCannotBeLookedForIsNotReady(t *testing.T) {
	for _, test := range []struct {
		name   string
		damage func(t *testing.T, d *duplicates)
		want   string
	}{
		{"no room for the file", func(t *testing.T, d *duplicates) {
			d.buffer = make([]fingerprint, fingerprintsMax)
			t.Setenv("TMPDIR", filepath.Join(t.TempDir(), "missing"))
		}, "payout: no room to look for duplicates: "},
		{"a file that cannot be read", func(t *testing.T, d *duplicates) {
			*d = *spilled(t)
			_ = d.spill.Close()
		}, "payout: the search for duplicates: "},
	} {
		t.Run(test.name, func(t *testing.T) {
			s, b := newMemStore(), Batch{ID: simBatch, Plan: Plan{Source: simSource}}
			source, err := b.check()
			if err != nil {
				t.Fatal(err)
			}
			p := &preparation{ctx: t.Context(), store: s, batch: &b, source: source, all: newDigest()}
			test.damage(t, &p.duplicates)
			if _, err := p.write(inputOf(simRows(3))); err == nil || !strings.HasPrefix(err.Error(), test.want) {
				t.Errorf("error %v, want %s", err, test.want)
			}
			if err := runBatch(t.Context(), newFakeDwolla(), s, simBatch); !errors.Is(err, ErrNotReady) {
				t.Errorf("a run of it: %v", err)
			}
		})
	}
}

func TestAFileThatTakesNoMoreFingerprintsIsAnError(t *testing.T) {
	for name, rows := range map[string]int{"at once": spilledRows, "at the end": 1} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "spill")
			if err := os.WriteFile(path, nil, 0o600); err != nil {
				t.Fatal(err)
			}
			file, err := os.Open(path) // to read alone
			if err != nil {
				t.Fatal(err)
			}
			defer file.Close()
			d := &duplicates{spill: file, buffer: make([]fingerprint, rows)}
			if err := d.flush(); err == nil || !strings.Contains(err.Error(), "no room to look for duplicates") {
				t.Errorf("error %v", err)
			}
			if len(d.runs) != 0 || len(d.buffer) != rows {
				t.Errorf("%d runs, %d fingerprints left", len(d.runs), len(d.buffer))
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
	if _, err := mustRunner(t, s, direct{newFakeDwolla()}, Options{}).Run(t.Context(), simBatch); !errors.Is(err, ErrNotReady) {
		t.Errorf("a refused batch runs: %v", err)
	}
	if _, err := Prepare(t.Context(), s, simBatch, inputOf(rows), Plan{Source: simSource, AllowDuplicates: true}); err != nil {
		t.Errorf("with the flag: %v", err)
	}
}

func TestDuplicatesAreFoundAcrossSpills(t *testing.T) {
	var d duplicates
	defer d.close()
	const rows = 1000
	for i := range rows {
		row := Row{Line: i + 1, CorrelationID: fmt.Sprint(i)}
		if i == rows-1 {
			row.CorrelationID = "7"
		}
		if err := d.add(&row, 1); err != nil {
			t.Fatal(err)
		}
		if i == 300 || i == 600 {
			if err := d.flush(); err != nil {
				t.Fatal(err)
			}
		}
	}
	var found []RowError
	if err := d.report(func(e RowError) { found = append(found, e) }); err != nil {
		t.Fatal(err)
	}
	if len(d.runs) != 2 || len(found) != 1 || found[0].Line != rows || !strings.Contains(found[0].Reason, "line 8 ") {
		t.Errorf("%d spills, %v", len(d.runs), found)
	}
}

func TestAFullBufferIsSpilled(t *testing.T) {
	d := duplicates{buffer: make([]fingerprint, fingerprintsMax)}
	defer d.close()
	if err := d.add(&Row{Line: 1, CorrelationID: "a"}, 1); err != nil {
		t.Fatal(err)
	}
	if len(d.runs) != 1 || d.runs[0] != fingerprintsMax || len(d.buffer) != 1 {
		t.Errorf("spilled %v, %d left", d.runs, len(d.buffer))
	}
}
