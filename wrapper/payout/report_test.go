package payout

import (
	"testing"
	"testing/synctest"
)

func TestRowsOfABatchThatWasCancelledBeforeItRanAreReportedAsCancelled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, s := newFakeDwolla(), newMemStore()
		mustPrepare(t, s, simRows(3), Plan{})
		r := mustRunner(t, s, direct{b}, Options{})
		if err := r.Cancel(t.Context(), simBatch, aPerson); err != nil {
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
	delete(s.batches[simBatch], prefixRows+"00000002") // reading on is an error
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
