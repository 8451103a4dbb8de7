package payout

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// inspectCSV inspects rows of "ID AMOUNT CORRELATION-ID", the first in line 2.
func inspectCSV(t *testing.T, lines ...string) *Inspection {
	t.Helper()
	i, err := Inspect(t.Context(), csvRows(lines...), Plan{Source: simSource})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(i.Close)
	return i
}

func csvRows(lines ...string) Input {
	return ReadCSV(strings.NewReader("destination,amount,correlation_id,metadata.note\n" + strings.Join(lines, "\n") + "\n"))
}

func someID(n int) string { return fmt.Sprintf("00000000-0000-4000-8000-%012d", n) }

func TestADifferenceNamesRowsThatWereAddedRemovedAndChanged(t *testing.T) {
	store := openTemp(t)
	onRecord := []string{
		someID(1) + ",1.00,a,", someID(2) + ",2.00,b,", someID(3) + ",3.00,c,", someID(4) + ",4.00,,", someID(5) + ",5.00,e,x",
	}
	if _, err := Prepare(t.Context(), store, "november", csvRows(onRecord...), Plan{Source: simSource, ChunkRows: 2}); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name string
		rows []string
		want Difference
	}{
		{"the same", onRecord, Difference{Same: Tally{5, 1500}}},
		{
			"another order",
			[]string{onRecord[4], onRecord[1], onRecord[2], onRecord[3], onRecord[0]},
			Difference{Same: Tally{5, 1500}, Reordered: true},
		},
		{
			"one added, one removed",
			[]string{onRecord[0], onRecord[1], onRecord[3], onRecord[4], someID(6) + ",6.00,f,"},
			Difference{Same: Tally{4, 1200}, Added: Tally{1, 600}, AddedLines: []int{6}, Removed: Tally{1, 300}, RemovedLines: []int{4}},
		},
		{
			"changed",
			[]string{someID(1) + ",1.01,a,", someID(9) + ",2.00,b,", onRecord[2], someID(4) + ",4.50,,", someID(5) + ",5.00,e,y"},
			Difference{Same: Tally{1, 300}, ChangedRows: 4, Changed: []Change{
				{Line: 2, Was: 2, Cents: 101, WasCents: 100},
				{Line: 3, Was: 3, Cents: 200, WasCents: 200, Destination: true},
				{Line: 5, Was: 5, Cents: 450, WasCents: 400},
				{Line: 6, Was: 6, Cents: 500, WasCents: 500, Details: true},
			}},
		},
		{
			"all others",
			[]string{someID(7) + ",7.00,g,"},
			Difference{Added: Tally{1, 700}, AddedLines: []int{2}, Removed: Tally{5, 1500}, RemovedLines: []int{2, 3, 4, 5, 6}},
		},
		{
			"a row without a correlation id twice", slices.Concat(onRecord, []string{someID(4) + ",4.01,,"}),
			Difference{Same: Tally{5, 1500}, Added: Tally{1, 401}, AddedLines: []int{7}},
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, err := inspectCSV(t, test.rows...).Compare(t.Context(), store, "november")
			if err != nil {
				t.Fatal(err)
			}
			for line := range 10 {
				changed := slices.ContainsFunc(got.Changed, func(c Change) bool { return c.Line == line })
				inFile := line >= 2 && line < 2+len(test.rows)
				if want := inFile && !slices.Contains(test.want.AddedLines, line); got.Has(line) != want || changed && !want {
					t.Errorf("line %d overlaps: %t", line, got.Has(line))
				}
			}
			test.want.Batch, got.common = "november", nil
			if fmt.Sprint(got) != fmt.Sprint(test.want) {
				t.Errorf("got  %+v\nwant %+v", got, test.want)
			}
		})
	}
}

func TestRowsThatFailedOrWereCancelledDoNotOverlap(t *testing.T) {
	store := openTemp(t)
	rows := []string{someID(1) + ",1.00,a,", someID(2) + ",2.00,b,"}
	if _, err := Prepare(t.Context(), store, simBatch, csvRows(rows...), Plan{Source: simSource}); err != nil {
		t.Fatal(err)
	}
	r := mustRunner(t, store, direct{newFakeDwolla()}, Options{})
	if err := r.Cancel(t.Context(), simBatch, aPerson); err != nil {
		t.Fatal(err)
	}
	if _, err := r.Run(t.Context(), simBatch); err != nil {
		t.Fatal(err)
	}
	d, err := inspectCSV(t, rows...).Compare(t.Context(), store, simBatch)
	if err != nil || !d.None() || d.Overlaps() || d.Has(2) || d.Unpaid != (Tally{2, 300}) {
		t.Errorf("%+v, %v", d, err)
	}
}

func TestTheDigestOfAnInputIsThatOfItsPayments(t *testing.T) {
	a, b, c := someID(1)+",1.00,a,n", someID(2)+",2,b,", someID(3)+",3.00,,"
	first := inspectCSV(t, a, b, c).Digest()
	same := map[string]string{
		"another order":        inspectCSV(t, c, a, b).Digest(),
		"another form":         inspectCSV(t, `"`+strings.ReplaceAll(a, ",", `","`)+`"`, someID(2)+", 2.00 ,b,", "", c+"\r").Digest(),
		"the URL of the payee": inspectCSV(t, "https://api.dwolla.com/funding-sources/"+a, b, c).Digest(),
	}
	for name, digest := range same {
		if digest != first {
			t.Errorf("%s: %s is not %s", name, digest, first)
		}
	}
	for name, i := range map[string]*Inspection{
		"an amount": inspectCSV(t, someID(1)+",1.01,a,n", b, c), "a row less": inspectCSV(t, a, b),
		"metadata": inspectCSV(t, someID(1)+",1.00,a,m", b, c), "a payee": inspectCSV(t, someID(4)+",1.00,a,n", b, c),
	} {
		if i.Digest() == first {
			t.Errorf("%s makes no difference", name)
		}
	}
}
