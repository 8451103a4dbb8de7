package payout

import (
	"strings"
	"testing"
	"testing/synctest"
)

func TestTotalsThatDoNotAddUpAreAnErrorAndNotASummary(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, s := newFakeDwolla(), newMemStore()
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
