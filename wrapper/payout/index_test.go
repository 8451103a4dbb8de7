package payout

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
)

// counted counts the values that are read.
type counted struct {
	Store
	reads int
}

func (s *counted) View(ctx context.Context, batch string, fn func(Tx) error) error {
	return s.Store.View(ctx, batch, func(tx Tx) error { return fn(countedTx{tx, s}) })
}

func (s *counted) Update(ctx context.Context, batch string, fn func(Tx) error) error {
	return s.Store.Update(ctx, batch, func(tx Tx) error { return fn(countedTx{tx, s}) })
}

type countedTx struct {
	Tx
	store *counted
}

func (t countedTx) Get(key string) ([]byte, error) {
	t.store.reads++
	return t.Tx.Get(key)
}

func (t countedTx) Scan(prefix string, visit func(key string, value []byte) error) error {
	return t.Tx.Scan(prefix, func(key string, value []byte) error {
		t.store.reads++
		return visit(key, value)
	})
}

func TestFault417_AStepReadsAsMuchOfATinyBatchAsOfAHugeOne(t *testing.T) {
	reads := map[string]int{}
	for _, chunks := range []int{20, 2_000} {
		bubble(t, fmt.Sprint(chunks), func(t *testing.T) {
			b, s := newFakeDwolla(), &counted{Store: newMemStore()}
			mustPrepare(t, s, simRows(chunks), Plan{ChunkRows: 1})
			r := mustRunner(t, s, direct{b}, Options{MaxOpen: 5})
			for range 15 { // five are sent, and then they are polled
				s.reads = 0
				step, err := r.Step(t.Context(), simBatch)
				if err != nil || step.Chunk == 0 && step.Wait == 0 {
					t.Fatalf("%+v, %v", step, err)
				}
				what := fmt.Sprint(step.State)
				if reads[what] == 0 {
					reads[what] = s.reads
				}
				if s.reads > reads[what]+20 {
					t.Errorf("a step to %q reads %d values, and one of a batch of 20 reads %d", what, s.reads, reads[what])
				}
			}
		})
	}
	if len(reads) < 2 {
		t.Errorf("the steps were %v", reads)
	}
}

func TestARecordWhoseIndexIsNotThatOfItsChunksIsNotPaidFrom(t *testing.T) {
	const due = "due/2planned/00000000000000000000/"
	for name, damage := range map[string]func(v map[string][]byte){
		"no counts":         func(v map[string][]byte) { delete(v, keyIndex) },
		"other counts":      func(v map[string][]byte) { v[keyIndex] = sealed(keyIndex, `{"states":{"planned":1,"held":1}}`) },
		"a touched chunk":   func(v map[string][]byte) { v[keyIndex] = sealed(keyIndex, `{"states":{"planned":2},"touched":1}`) },
		"a chunk not due":   func(v map[string][]byte) { delete(v, due+"00000002") },
		"another chunk due": func(v map[string][]byte) { v[due+"00000002"] = sealed(due+"00000002", "1") },
		"one too many":      func(v map[string][]byte) { v[due+"00000003"] = sealed(due+"00000003", "3") },
		"no number":         func(v map[string][]byte) { v[due+"00000002"] = sealed(due+"00000002", `"x"`) },
		"a bad checksum":    func(v map[string][]byte) { v[keyIndex][9] ^= 1 },
	} {
		bubble(t, name, func(t *testing.T) {
			b, s := newFakeDwolla(), newMemStore()
			mustPrepare(t, s, simRows(4), Plan{ChunkRows: 2})
			if v := s.batches[simBatch]; v[due+"00000002"] == nil {
				t.Fatal("the index has other keys")
			}
			damage(s.batches[simBatch])
			err := runBatch(t.Context(), b, s, simBatch)
			if _, ok := errors.AsType[*CorruptError](err); !ok || b.creates > 0 {
				t.Errorf("%d sent, %v", b.creates, err)
			}
		})
	}
}

// What is left of the index once nothing is due.
func TestAFinishedBatchHasNothingThatIsDue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, s := newFakeDwolla(), newMemStore()
		mustPrepare(t, s, simRows(6), Plan{ChunkRows: 2})
		if err := runBatch(t.Context(), b, s, simBatch); err != nil {
			t.Fatal(err)
		}
		for key := range s.batches[simBatch] {
			if strings.HasPrefix(key, prefixDue) {
				t.Errorf("%s is left", key)
			}
		}
		err := s.View(t.Context(), simBatch, func(tx Tx) error {
			i, err := record{tx}.index()
			if i.States[StateSettled] != 3 || len(i.States) != 1 {
				t.Errorf("%+v", i)
			}
			return err
		})
		if err != nil {
			t.Error(err)
		}
	})
}
