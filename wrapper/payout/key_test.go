package payout

import (
	"maps"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// paidMost is how often the row was paid that was paid most often.
func paidMost(b *fakeDwolla, batch string) (most int) {
	for _, times := range b.ledger(batch) {
		most = max(most, times)
	}
	return most
}

func paidOnce(t *testing.T, b *fakeDwolla, rows int) {
	t.Helper()
	if paid := b.ledger(simBatch); len(paid) != rows || paidMost(b, simBatch) != 1 {
		t.Errorf("%d of %d rows paid, one of them %d times", len(paid), rows, paidMost(b, simBatch))
	}
	if len(b.changed) > 0 {
		t.Errorf("keys %v were sent with other bytes", b.changed)
	}
}

func TestFault313_TwoRecordsOfABatchPayItOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newFakeDwolla()
		var all sync.WaitGroup
		for range 2 {
			s := newMemStore()
			mustPrepare(t, s, simRows(6), Plan{ChunkRows: 3})
			g := &hooked{direct: direct{b}, beforeCreate: func(string) { time.Sleep(500 * time.Millisecond) }}
			r := mustRunner(t, s, g, Options{})
			all.Go(func() {
				if summary, err := r.Run(t.Context(), simBatch); err != nil || summary.Totals.Paid.Rows != 6 {
					t.Errorf("%+v, %v", summary.Totals, err)
				}
			})
		}
		all.Wait()
		paidOnce(t, b, 6)
	})
}

// The program starts again without its record before Dwolla shows what was sent.
func TestFault314_ALostRecordPaysNothingAgain(t *testing.T) {
	for name, c := range map[string]struct{ post, lag time.Duration }{
		"the request is under way":               {20 * time.Second, 0},
		"the search lags by seconds":             {0, 5 * time.Second},
		"the search lags by minutes":             {0, 2 * time.Minute},
		"the request is slow and the search too": {20 * time.Second, time.Minute},
	} {
		bubble(t, name, func(t *testing.T) {
			b := newFakeDwolla()
			b.visible = c.lag
			lost := newMemStore()
			mustPrepare(t, lost, simRows(3), Plan{})
			var all sync.WaitGroup
			slow := &hooked{direct: direct{b}, beforeCreate: func(string) { time.Sleep(c.post) }}
			r := mustRunner(t, lost, slow, Options{})
			all.Go(func() { _, _ = r.Step(t.Context(), simBatch) })
			time.Sleep(time.Second)
			s := newMemStore()
			mustPrepare(t, s, simRows(3), Plan{})
			summary, err := mustRunner(t, s, direct{b}, Options{}).Run(t.Context(), simBatch)
			if err != nil || summary.Totals.Paid.Rows != 3 {
				t.Errorf("%+v, %v", summary.Totals, err)
			}
			all.Wait()
			paidOnce(t, b, 3)
		})
	}
}

// copyOf is a backup of a record.
func copyOf(s *memStore) *memStore {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := newMemStore()
	for id, m := range s.batches {
		c.batches[id] = maps.Clone(m)
	}
	return c
}

func TestFault315_ARecordThatWasRolledBackPaysNothingAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, s := newFakeDwolla(), newMemStore()
		b.visible = time.Hour
		mustPrepare(t, s, simRows(12), Plan{ChunkRows: 3})
		var backups []*memStore
		r := mustRunner(t, s, direct{b}, Options{Progress: func(Event) { backups = append(backups, copyOf(s)) }})
		if _, err := r.Run(t.Context(), simBatch); err != nil {
			t.Fatal(err)
		}
		for i, backup := range backups {
			if err := backup.Update(t.Context(), simBatch, dropLeases); err != nil {
				t.Fatal(err)
			}
			summary, err := mustRunner(t, backup, direct{b}, Options{}).Run(t.Context(), simBatch)
			if err != nil || summary.Totals.Paid.Rows != 12 {
				t.Errorf("backup %d: %+v, %v", i, summary.Totals, err)
			}
		}
		paidOnce(t, b, 12)
	})
}

func TestOnlyAPersonGivesAChunkAnotherKey(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var keys []string
		for range 2 { // two records
			b, s := newFakeDwolla(), newMemStore()
			b.outcome = func(n int) outcome {
				if n == 1 {
					return failsAndLocks
				}
				return succeeds
			}
			mustPrepare(t, s, simRows(3), Plan{})
			r := mustRunner(t, s, direct{b}, Options{})
			_, err := r.Run(t.Context(), simBatch)
			before := heldOf(t, err)[0]
			if err := r.Resolve(t.Context(), simBatch, 1, Resolution{By: "a person", Action: SendAgain}); err != nil {
				t.Fatal(err)
			}
			after := chunksOf(t, s)[0]
			if before.Generation != 0 || after.Generation != 1 || before.Key == after.Key {
				t.Errorf("generation %d has key %s, generation %d key %s", before.Generation, before.Key, after.Generation, after.Key)
			}
			keys = append(keys, before.Key, after.Key)
		}
		if keys[0] != keys[2] || keys[1] != keys[3] {
			t.Errorf("the keys of two records differ: %v", keys)
		}
	})
}

func TestAKeyIsAUUIDOfWhatIsPaid(t *testing.T) {
	key := chunkKey("batch", simSource, 1, "digest", 0)
	if len(key) != 36 || key[14] != '8' || key[19] != '8' && key[19] != '9' && key[19] != 'a' && key[19] != 'b' {
		t.Errorf("%s is no UUID of version 8", key)
	}
	if key != "" && key != chunkKey("batch", simSource, 1, "digest", 0) {
		t.Error("the same chunk has two keys")
	}
	seen := map[string]bool{key: true}
	for _, other := range []string{
		chunkKey("batch1", simSource, 1, "digest", 0), chunkKey("batch", simSource+"0", 1, "digest", 0), chunkKey("batch", simSource, 11, "digest", 0),
		chunkKey("batch", simSource, 1, "digest0", 0), chunkKey("batch", simSource, 1, "digest", 1), chunkKey("batc", "h"+simSource, 1, "digest", 0),
	} {
		if seen[other] {
			t.Errorf("two chunks have the key %s", other)
		}
		seen[other] = true
	}
}
