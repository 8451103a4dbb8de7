package dwollatest

import (
	"slices"
	"testing"
)

func TestAPageIsCutFromEitherEnd(t *testing.T) {
	all := []int{1, 2, 3, 4, 5}
	for _, row := range []struct {
		by            sorting
		limit, offset int
		want          []int
	}{
		{oldestFirst, 2, 0, []int{1, 2}},
		{oldestFirst, 2, 4, []int{5}},
		{newestFirst, 2, 0, []int{5, 4}},
		{newestFirst, 2, 4, []int{1}},
		{newestFirst, 2, 5, nil},
	} {
		if got := slicePage(all, row.by, row.limit, row.offset); !slices.Equal(got, row.want) {
			t.Errorf("%v, limit %d, offset %d: got %v", row.by, row.limit, row.offset, got)
		}
	}
	if !slices.Equal(all, []int{1, 2, 3, 4, 5}) {
		t.Errorf("the list became %v", all)
	}
}

func TestAFilterRunsOnceUntilTheListChanges(t *testing.T) {
	var l list[int]
	calls := 0
	odd := func(n *int) bool { calls++; return *n%2 == 1 }
	for n := range 4 {
		l.add(&n)
	}
	l.view("odd", odd)
	if got := l.view("odd", odd); len(got) != 2 || calls != 4 {
		t.Errorf("got %d entries after %d calls", len(got), calls)
	}
	five := 5
	l.add(&five)
	if got := l.view("odd", odd); len(got) != 3 {
		t.Errorf("got %d entries after a change", len(got))
	}
	if got := l.view("", odd); len(got) != 5 {
		t.Errorf("got %d entries without a filter", len(got))
	}
}
