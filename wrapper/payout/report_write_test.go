package payout

import (
	"bufio"
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/synctest"
)

func TestAReportIsTheSameInEveryForm(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, s := newFakeDwolla(), newMemStore()
		b.reject[4] = true
		rows := simRows(7)
		rows[0].Metadata = map[string]string{"team": "a"}
		mustPrepare(t, s, rows, Plan{ChunkRows: 3})
		if _, err := mustRunner(t, s, direct{b}, Options{}).Run(t.Context(), simBatch); err != nil {
			t.Fatal(err)
		}
		var asCSV, asJSON bytes.Buffer
		if err := errors.Join(OpenReport(s, simBatch).WriteCSV(t.Context(), &asCSV), OpenReport(s, simBatch).WriteJSON(t.Context(), &asJSON)); err != nil {
			t.Fatal(err)
		}
		records, err := csv.NewReader(&asCSV).ReadAll()
		if err != nil || len(records) != 8 {
			t.Fatalf("%v, %v", records, err)
		}
		var report struct {
			Total  Tally
			Totals Totals
			Rows   []reportRow
		}
		if err := json.Unmarshal(asJSON.Bytes(), &report); err != nil {
			t.Fatal(err)
		}
		if report.Totals.All() != report.Total || report.Total.Rows != 7 || report.Totals.Failed.Rows != 1 || report.Rows[0].Metadata["team"] != "a" {
			t.Errorf("%+v", report)
		}
		for i, row := range report.Rows {
			if got := records[i+1]; got[0] != fmt.Sprint(row.Line) || got[1] != string(row.Status) || got[3] != row.Amount || got[5] != row.Transfer || got[6] != row.Code {
				t.Errorf("%v is not %+v", got, row)
			}
		}
		if failed := report.Rows[2]; failed.Status != Failed || failed.Code != "InsufficientFunds" || failed.Path == "" || failed.Transfer != "" {
			t.Errorf("%+v", failed)
		}
	})
}

// A fullDisk takes a number of bytes and no more.
type fullDisk struct{ left int }

func (w *fullDisk) Write(p []byte) (int, error) {
	if len(p) > w.left {
		return w.left, errDisk
	}
	w.left -= len(p)
	return len(p), nil
}

func TestAReportThatCannotBeWrittenToItsEndIsAnError(t *testing.T) {
	s := newMemStore()
	mustPrepare(t, s, simRows(200), Plan{ChunkRows: 50})
	for name, write := range map[string]func(*Report, context.Context, io.Writer) error{
		"CSV": (*Report).WriteCSV, "JSON": (*Report).WriteJSON,
	} {
		t.Run(name, func(t *testing.T) {
			report := OpenReport(s, simBatch)
			var whole bytes.Buffer
			if err := write(report, t.Context(), &whole); err != nil || strings.Count(whole.String(), "funding-sources") != 200 {
				t.Fatalf("%v; %s", err, &whole)
			}
			for _, room := range []int{0, 1, 4096, whole.Len() / 2, whole.Len() - 1} {
				if err := write(report, t.Context(), &fullDisk{room}); !errors.Is(err, errDisk) {
					t.Errorf("room for %d bytes of %d: %v", room, whole.Len(), err)
				}
			}
			if err := write(report, t.Context(), &fullDisk{whole.Len()}); err != nil {
				t.Errorf("room for all: %v", err)
			}
			// A writer of the caller that has failed before fails at the first line.
			failed := bufio.NewWriter(&fullDisk{})
			_ = failed.WriteByte('x')
			_ = failed.Flush()
			if err := write(report, t.Context(), failed); !errors.Is(err, errDisk) {
				t.Errorf("a writer that failed before: %v", err)
			}
			if err := write(OpenReport(s, "another"), t.Context(), io.Discard); !errors.Is(err, ErrNotFound) {
				t.Errorf("a batch that is not there: %v", err)
			}
		})
	}
}
