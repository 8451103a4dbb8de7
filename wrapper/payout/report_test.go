package payout

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/synctest"

	dwolla "github.com/dwolla-go/dwolla-go/wrapper"
)

// resultsOf are what a report says of every row.
func resultsOf(t *testing.T, s Store) (results []Result) {
	t.Helper()
	for row, err := range OpenReport(s, simBatch).Rows(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		results = append(results, row.Result)
	}
	return results
}

func TestAnItemThatSaysNothingOfItsRowLeavesItUnknown(t *testing.T) {
	for _, test := range []struct {
		name string
		edit func(item *dwolla.MassPaymentItem)
		code string
	}{
		{"a status of tomorrow", func(i *dwolla.MassPaymentItem) { i.Status = "a-status-of-tomorrow" }, "a-status-of-tomorrow"},
		{"no line", func(i *dwolla.MassPaymentItem) { i.Metadata = nil }, codeMissing},
		{"the line of no row", func(i *dwolla.MassPaymentItem) { i.Metadata = map[string]string{metadataRow: "99"} }, codeMissing},
		{"the line of another row", func(i *dwolla.MassPaymentItem) { i.Metadata = map[string]string{metadataRow: "3"} }, codeMissing},
		{"another destination", func(i *dwolla.MassPaymentItem) {
			i.Links.Destination = dwolla.LinkTo[dwolla.FundingSource](simSource)
		}, codeMismatch},
	} {
		bubble(t, test.name, func(t *testing.T) {
			b, s := newBank(), newMemStore()
			mustPrepare(t, s, simRows(3), Plan{})
			g := &listed{direct{b}, func(items []dwolla.MassPaymentItem) []dwolla.MassPaymentItem {
				test.edit(&items[0])
				return items
			}}
			summary, err := mustRunner(t, s, g, Options{}).Run(t.Context(), simBatch)
			if err != nil || summary.Totals.Unknown.Rows == 0 || summary.Totals.Failed.Rows > 0 {
				t.Errorf("%+v, %v", summary.Totals, err)
			}
			if first := resultsOf(t, s)[0]; first.Status != Unknown || first.Code != test.code {
				t.Errorf("the row is %+v", first)
			}
			if _, err := PrepareRetry(t.Context(), s, simBatch, "again"); !errors.Is(err, ErrNothingFailed) {
				t.Errorf("a row that may be paid is retried: %v", err)
			}
		})
	}
}

func TestARefusalThatNamesNoItemIsTheReasonOfEveryRow(t *testing.T) {
	for _, path := range []string{"/_links/source/href", "/items/x/amount", "/items/-1/amount", "/items/3/amount", ""} {
		bubble(t, "path "+path, func(t *testing.T) {
			b, s := newBank(), newMemStore()
			mustPrepare(t, s, simRows(3), Plan{})
			refusal := simError(dwolla.OutcomeRejected, 400, "ValidationError")
			refusal.Fields = []dwolla.FieldError{{Code: "Invalid", Message: "No.", Path: path}}
			g := &scripted{direct: direct{b}, answer: func(int) error { return refusal }}
			summary, err := mustRunner(t, s, g, Options{}).Run(t.Context(), simBatch)
			if err != nil || summary.Totals.Failed.Rows != 3 {
				t.Errorf("%+v, %v", summary.Totals, err)
			}
			for i, result := range resultsOf(t, s) {
				if result.Status != Failed || result.Code != "ValidationError" || result.Path != "" {
					t.Errorf("row %d is %+v", i, result)
				}
			}
		})
	}
}

func TestRowsOfABatchThatWasCancelledBeforeItRanAreReportedAsCancelled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, s := newBank(), newMemStore()
		mustPrepare(t, s, simRows(3), Plan{})
		r := mustRunner(t, s, direct{b}, Options{})
		if err := r.Cancel(t.Context(), simBatch); err != nil {
			t.Fatal(err)
		}
		if summary, err := r.Run(t.Context(), simBatch); err != nil || summary.Totals.Cancelled.Rows != 3 || b.creates != 0 {
			t.Errorf("%+v, %v; %d sent", summary.Totals, err, b.creates)
		}
		for i, result := range resultsOf(t, s) {
			if result != (Result{Status: Cancelled}) {
				t.Errorf("row %d is %+v", i, result)
			}
		}
	})
}

func TestAReportThatIsNoLongerReadReadsNoFurther(t *testing.T) {
	s := newMemStore()
	mustPrepare(t, s, simRows(4), Plan{ChunkRows: 2})
	delete(s.batches[simBatch], prefixRows+"00000002") // whoever reads on notices
	told := 0
	for _, err := range OpenReport(s, simBatch).Rows(t.Context()) {
		if err != nil {
			t.Error(err)
		}
		if told++; told == 2 {
			break
		}
	}
	if told != 2 {
		t.Errorf("told %d rows", told)
	}
}

// A fullDisk takes so many bytes and no more.
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
