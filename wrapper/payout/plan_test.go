package payout

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
)

func pairs(n int) map[string]string {
	m := map[string]string{}
	for i := range n {
		m[fmt.Sprint(i)] = "x"
	}
	return m
}

func TestAPlanThatCannotBePaidSaysWhyAndWritesNothingDown(t *testing.T) {
	const badID = "payout: a batch's id must have 1 to 200 letters, digits or -._"
	const badSource = "payout: Plan.Source must be the URL of a funding source"
	const badChunk = "payout: Plan.ChunkRows must be 1 to 5000"
	for _, test := range []struct {
		name string
		id   string
		plan Plan
		want string
	}{
		{"an id of nothing", "", Plan{Source: simSource}, badID},
		{"an id with a space", "a b", Plan{Source: simSource}, badID},
		{"an id of 201 letters", strings.Repeat("x", 201), Plan{Source: simSource}, badID},
		{"no source", simBatch, Plan{}, badSource},
		{"a source that is no URL", simBatch, Plan{Source: "https://api.dwolla.com/funding-sources/%zz"}, badSource},
		{"a source without a host", simBatch, Plan{Source: "/funding-sources/x"}, badSource},
		{"a source that is a customer", simBatch, Plan{Source: "https://api.dwolla.com/customers/x"}, badSource},
		{"chunks of less than a row", simBatch, Plan{Source: simSource, ChunkRows: -1}, badChunk},
		{"chunks of more than Dwolla takes", simBatch, Plan{Source: simSource, ChunkRows: 5001}, badChunk},
		{
			"a key of the package", simBatch,
			Plan{Source: simSource, Metadata: map[string]string{"payout-digest": "x"}},
			"payout: the metadata key payout-digest is taken by package payout",
		},
		{"eight pairs", simBatch, Plan{Source: simSource, Metadata: pairs(8)}, "payout: Plan.Metadata must have at most 7 pairs"},
		{
			"a long value", simBatch,
			Plan{Source: simSource, Metadata: map[string]string{"k": strings.Repeat("x", 256)}},
			"payout: Plan.Metadata: ",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := newMemStore()
			rows := func(func(Row, error) bool) { t.Error("the input is read") }
			_, err := Prepare(t.Context(), s, test.id, rows, test.plan)
			if err == nil || !strings.HasPrefix(err.Error(), test.want) || strings.Contains(err.Error(), "xx") {
				t.Errorf("error %v, want %s", err, test.want)
			}
			if len(s.batches) > 0 {
				t.Errorf("on record: %v", slices.Collect(maps.Keys(s.batches)))
			}
		})
	}
	t.Run("as much as may be", func(t *testing.T) {
		id := strings.Repeat("x", 200)
		plan := Plan{Source: simSource, ChunkRows: 5000, Metadata: pairs(7)}
		if b, err := Prepare(t.Context(), newMemStore(), id, inputOf(simRows(2)), plan); err != nil || b.Rows != 2 {
			t.Errorf("%+v, %v", b, err)
		}
	})
}
