// Package storetest tests implementations of [payout.Store] against what a run relies on.
package storetest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/dwolla-go/dwolla-go/wrapper/payout"
)

// Test checks a store. open gives the store over one and the same record each time; it is called again after Close
// to see what is durable.
func Test(t *testing.T, open func(t testing.TB) payout.Store) {
	tests := []struct {
		name string
		run  func(t *testing.T, s payout.Store)
	}{
		{"an unknown batch is empty", unknownBatch},
		{"what an update wrote is read by the next", readBack},
		{"an update that fails leaves nothing", rollback},
		{"keys are scanned in order and by prefix", scan},
		{"a scan ends when it is told to", scanEnds},
		{"a deleted value is gone", deleted},
		{"batches do not see each other", separate},
		{"each batch that has a value is listed once", listed},
		{"updates of a batch run one after the other", serial},
		{"a view sees one state", consistent},
		{"an ended context stops a transaction before it begins", ended},
		{"an empty value is a value", empty},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := open(t)
			defer closed(t, s)
			test.run(t, s)
		})
	}
	t.Run("what was committed is there after closing and opening", func(t *testing.T) {
		s := open(t)
		put(t, s, "durable", "k", "v")
		closed(t, s)
		s = open(t)
		defer closed(t, s)
		want(t, s, "durable", "k", "v")
	})
}

func unknownBatch(t *testing.T, s payout.Store) {
	err := s.View(t.Context(), "nobody", func(tx payout.Tx) error {
		v, err := tx.Get("k")
		if v != nil {
			t.Errorf("a value %q", v)
		}
		return errors.Join(err, tx.Scan("", func(key string, _ []byte) error { return errors.New("a key: " + key) }))
	})
	if err != nil {
		t.Error(err)
	}
}

func readBack(t *testing.T, s payout.Store) {
	put(t, s, "readback", "k", "v1")
	want(t, s, "readback", "k", "v1")
	put(t, s, "readback", "k", "v2")
	want(t, s, "readback", "k", "v2")
}

func rollback(t *testing.T, s payout.Store) {
	put(t, s, "rollback", "k", "old")
	failure := errors.New("no")
	err := s.Update(t.Context(), "rollback", func(tx payout.Tx) error {
		if err := errors.Join(tx.Put("k", []byte("new")), tx.Put("other", []byte("x"))); err != nil {
			t.Error(err)
		}
		return failure
	})
	if !errors.Is(err, failure) {
		t.Errorf("error %v", err)
	}
	want(t, s, "rollback", "k", "old")
	want(t, s, "rollback", "other", "")
}

func scan(t *testing.T, s payout.Store) {
	for _, key := range []string{"a/2", "b/1", "a/10", "a/1", "a"} {
		put(t, s, "scan", key, "v"+key)
	}
	var keys []string
	err := s.View(t.Context(), "scan", func(tx payout.Tx) error {
		keys = nil
		return tx.Scan("a/", func(key string, value []byte) error {
			if string(value) != "v"+key {
				t.Errorf("%s: %q", key, value)
			}
			keys = append(keys, key)
			return nil
		})
	})
	if err != nil || !slices.Equal(keys, []string{"a/1", "a/10", "a/2"}) {
		t.Errorf("%v, %v", keys, err)
	}
	all := 0
	err = s.View(t.Context(), "scan", func(tx payout.Tx) error {
		all = 0
		return tx.Scan("", func(string, []byte) error {
			if all++; all > 5 {
				return errors.New("the scan does not end")
			}
			return nil
		})
	})
	if err != nil || all != 5 {
		t.Errorf("%d keys without a prefix, %v", all, err)
	}
}

func scanEnds(t *testing.T, s payout.Store) {
	const keys = 1000
	err := s.Update(t.Context(), "ends", func(tx payout.Tx) error {
		for n := range keys {
			if err := tx.Put(fmt.Sprintf("k%04d", n), []byte{1}); err != nil {
				return err
			}
		}
		return tx.Put("l", nil)
	})
	if err != nil {
		t.Fatal(err)
	}
	enough := errors.New("enough")
	for _, most := range []int{1, 65, keys} {
		seen := 0
		err := s.View(t.Context(), "ends", func(tx payout.Tx) error {
			seen = 0
			err := tx.Scan("k", func(key string, _ []byte) error {
				if key != fmt.Sprintf("k%04d", seen) {
					t.Errorf("%s is number %d", key, seen)
				}
				if seen++; seen == most {
					return enough
				}
				return nil
			})
			if !errors.Is(err, enough) {
				t.Errorf("the error is %v", err)
			}
			_, err = tx.Get("l") // the transaction can be used on
			return err
		})
		if err != nil || seen != most {
			t.Errorf("%d seen, want %d; %v", seen, most, err)
		}
	}
}

func deleted(t *testing.T, s payout.Store) {
	put(t, s, "deleted", "k", "v")
	err := s.Update(t.Context(), "deleted", func(tx payout.Tx) error { return errors.Join(tx.Delete("k"), tx.Delete("never")) })
	if err != nil {
		t.Error(err)
	}
	want(t, s, "deleted", "k", "")
}

func separate(t *testing.T, s payout.Store) {
	put(t, s, "one", "k", "1")
	put(t, s, "two", "k", "2")
	want(t, s, "one", "k", "1")
}

func serial(t *testing.T, s payout.Store) {
	const workers, rounds = 8, 10
	var all sync.WaitGroup
	for range workers {
		all.Go(func() {
			for range rounds {
				err := s.Update(t.Context(), "serial", func(tx payout.Tx) error {
					v, err := tx.Get("n")
					if err != nil {
						return err
					}
					n := 0
					if v != nil {
						if _, err := fmt.Sscan(string(v), &n); err != nil {
							return err
						}
					}
					return tx.Put("n", fmt.Append(nil, n+1))
				})
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	want(t, s, "serial", "n", fmt.Sprint(workers*rounds))
}

func consistent(t *testing.T, s payout.Store) {
	var writer sync.WaitGroup
	writer.Go(func() {
		for i := range 50 {
			put(t, s, "consistent", "a", fmt.Sprint(i), "b", fmt.Sprint(i))
		}
	})
	defer writer.Wait()
	for range 50 {
		err := s.View(t.Context(), "consistent", func(tx payout.Tx) error {
			a, err := tx.Get("a")
			if err != nil {
				return err
			}
			first := string(a)
			b, err := tx.Get("b")
			if string(b) != first {
				t.Errorf("a is %q and b is %q", first, b)
			}
			return err
		})
		if err != nil {
			t.Error(err)
		}
	}
}

func ended(t *testing.T, s payout.Store) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	ran := false
	err := s.Update(ctx, "ended", func(payout.Tx) error { ran = true; return nil })
	if err == nil || ran {
		t.Errorf("ran %v, error %v", ran, err)
	}
}

func empty(t *testing.T, s payout.Store) {
	put(t, s, "empty", "k", "")
	err := s.View(t.Context(), "empty", func(tx payout.Tx) error {
		v, err := tx.Get("k")
		if v == nil {
			t.Error("an empty value is not there")
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

func listed(t *testing.T, s payout.Store) {
	put(t, s, "listed-b", "k", "v", "l", "v")
	put(t, s, "listed-\u00e9", "k", "v") // sorts by bytes
	put(t, s, "listed-C", "k", "v")
	put(t, s, "listed-gone", "k", "v")
	err := s.Update(t.Context(), "listed-gone", func(tx payout.Tx) error { return tx.Delete("k") })
	if err != nil {
		t.Error(err)
	}
	all, err := s.Batches(t.Context())
	if err != nil {
		t.Error(err)
	}
	all = slices.DeleteFunc(all, func(batch string) bool { return !strings.HasPrefix(batch, "listed-") })
	if want := []string{"listed-C", "listed-b", "listed-\u00e9"}; !slices.Equal(all, want) {
		t.Errorf("%q, want %q", all, want)
	}
}

func put(t testing.TB, s payout.Store, batch string, pairs ...string) {
	t.Helper()
	err := s.Update(t.Context(), batch, func(tx payout.Tx) error {
		for pair := range slices.Chunk(pairs, 2) {
			if err := tx.Put(pair[0], []byte(pair[1])); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

func want(t testing.TB, s payout.Store, batch, key, value string) {
	t.Helper()
	err := s.View(t.Context(), batch, func(tx payout.Tx) error {
		v, err := tx.Get(key)
		if string(v) != value {
			t.Errorf("%s is %q, want %q", key, v, value)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

func closed(t testing.TB, s payout.Store) {
	t.Helper()
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}
