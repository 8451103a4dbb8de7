package payout

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A duplicate that is not found is somebody paid twice: a search that cannot be finished is never a clean one.

// spilled are fingerprints that were written to a file in two runs, of which the second one repeats the first.
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

// spilledRows are more than are read at once.
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
			if err := runBatch(t.Context(), newBank(), s, simBatch); !errors.Is(err, ErrNotReady) {
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
