package payout_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/dwolla-go/dwolla-go/wrapper/payout"
	"github.com/dwolla-go/dwolla-go/wrapper/payout/storetest"
)

var errNo = errors.New("no")

func openFile(t testing.TB, path string) *payout.FileStore {
	t.Helper()
	s, err := payout.OpenFile(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func TestAFileKeepsWhatARunReliesOn(t *testing.T) {
	path := filepath.Join(t.TempDir(), "record.db")
	storetest.Test(t, func(t testing.TB) payout.Store {
		s, err := payout.OpenFile(path)
		if err != nil {
			t.Fatal(err)
		}
		return s
	})
}

func TestAFileListsItsBatches(t *testing.T) {
	path := filepath.Join(t.TempDir(), "record.db")
	s := openFile(t, path)
	if ids, err := s.Batches(t.Context()); err != nil || len(ids) != 0 {
		t.Errorf("a new file has %v, %v", ids, err)
	}
	for _, id := range []string{"may", "april", "june"} {
		if err := s.Update(t.Context(), id, func(tx payout.Tx) error { return tx.Put("k", []byte(id)) }); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Update(t.Context(), "never", func(payout.Tx) error { return errNo }); !errors.Is(err, errNo) {
		t.Errorf("error %v", err)
	}
	if err := s.Update(t.Context(), "", func(payout.Tx) error { return nil }); err == nil {
		t.Error("a batch without an id is written down")
	}
	_ = s.Close()
	ids, err := openFile(t, path).Batches(t.Context())
	if err != nil || !slices.Equal(ids, []string{"april", "june", "may"}) {
		t.Errorf("the file has %v, %v", ids, err)
	}
}

func TestAViewWritesNothing(t *testing.T) {
	s := openFile(t, filepath.Join(t.TempDir(), "record.db"))
	if err := s.Update(t.Context(), "known", func(tx payout.Tx) error { return tx.Put("k", []byte("v")) }); err != nil {
		t.Fatal(err)
	}
	for _, batch := range []string{"known", "unknown"} {
		t.Run(batch, func(t *testing.T) {
			err := s.View(t.Context(), batch, func(tx payout.Tx) error {
				if tx.Put("k", []byte("w")) == nil || tx.Delete("k") == nil {
					t.Error("a view writes")
				}
				if age := time.Since(tx.Now()); age < 0 || age > time.Minute {
					t.Errorf("the clock is off by %v", age)
				}
				return errNo
			})
			if !errors.Is(err, errNo) {
				t.Errorf("error %v", err)
			}
		})
	}
	visits := 0
	err := s.View(t.Context(), "known", func(tx payout.Tx) error {
		return tx.Scan("", func(key string, value []byte) error {
			visits++
			if key != "k" || string(value) != "v" {
				t.Errorf("%s is %s", key, value)
			}
			return errNo
		})
	})
	if !errors.Is(err, errNo) || visits != 1 {
		t.Errorf("%d visits, error %v", visits, err)
	}
	ended, cancel := context.WithCancelCause(t.Context())
	cancel(errNo)
	err = s.View(ended, "known", func(payout.Tx) error {
		t.Error("a view begins after its context has ended")
		return nil
	})
	if !errors.Is(err, errNo) {
		t.Errorf("error %v", err)
	}
}

func TestAFileThatWasCutOffIsDamagedAndStaysAsItIs(t *testing.T) {
	path := filepath.Join(t.TempDir(), "record.db")
	const lease, values = "lease/00000001", 20
	s := openFile(t, path)
	for i := range values {
		err := s.Update(t.Context(), "batch", func(tx payout.Tx) error {
			return errors.Join(tx.Put(lease, nil), tx.Put(fmt.Sprint(i), make([]byte, 3000)))
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	_ = s.Close()
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	damaged := 0
	for size := len(whole); size > os.Getpagesize(); size -= os.Getpagesize() {
		// A file of its own each time: where bolt panics while it opens one, its memory map keeps the lock.
		path := filepath.Join(t.TempDir(), "cut.db")
		if err := os.WriteFile(path, whole[:size], 0o600); err != nil {
			t.Fatal(err)
		}
		s, err := payout.OpenFile(path)
		if err == nil {
			if n := countValues(t, s); n != values {
				t.Errorf("%d bytes of %d are opened and have %d values", size, len(whole), n)
			}
			_ = s.Close()
			continue
		}
		if _, ok := errors.AsType[*payout.CorruptError](err); !ok {
			t.Errorf("%d bytes of %d: %v", size, len(whole), err)
		}
		if left, err := os.ReadFile(path); err != nil || !bytes.Equal(left, whole[:size]) {
			t.Errorf("%d bytes of %d were changed to %d, %v", size, len(whole), len(left), err)
		}
		damaged++
	}
	if damaged < values {
		t.Errorf("only %d files were damaged", damaged)
	}
}

func countValues(t *testing.T, s payout.Store) (n int) {
	t.Helper()
	err := s.View(t.Context(), "batch", func(tx payout.Tx) error {
		return tx.Scan("", func(_ string, value []byte) error {
			if len(value) == 3000 {
				n++
			}
			return nil
		})
	})
	if err != nil {
		t.Error(err)
	}
	return n
}

func TestFault144_TheSecondProcessOnAFileIsRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), "record.db")
	first, err := payout.OpenFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := payout.OpenFile(path); !errors.Is(err, payout.ErrLocked) {
		t.Errorf("the second one: %v", err)
	}
	_ = first.Close()
	again, err := payout.OpenFile(path)
	if err != nil {
		t.Fatalf("after the first one has gone: %v", err)
	}
	_ = again.Close()
}

func TestARecordThatOthersCanReadIsTakenFromThem(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("a file has no owner's mode there")
	}
	path := filepath.Join(t.TempDir(), "record.db")
	if err := openFile(t, path).Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := openFile(t, path).Close(); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the mode is %v, %v", info.Mode(), err)
	}
}

func TestFault394_AFileThatLostWhatItHadIsDamagedAndNeverANewRecord(t *testing.T) {
	for name, text := range map[string]string{
		"emptied": "", "a byte": "x", "zeros": string(make([]byte, 64<<10)), "another file": "destination,amount\n",
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "record.db")
			if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
			s, err := payout.OpenFile(path)
			if err == nil {
				_ = s.Close()
			}
			if _, ok := errors.AsType[*payout.CorruptError](err); !ok {
				t.Errorf("%v", err)
			}
			if text == "" && (err == nil || !strings.Contains(err.Error(), "the file is empty")) {
				t.Errorf("%v", err)
			}
			if left, err := os.ReadFile(path); err != nil || string(left) != text {
				t.Errorf("%d bytes became %d, %v", len(text), len(left), err)
			}
			if info, err := os.Stat(path); err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o644 {
				t.Errorf("the mode of what is no record was changed: %v, %v", info.Mode(), err)
			}
		})
	}
	t.Run("a link to a file that is gone", func(t *testing.T) {
		dir := t.TempDir()
		path, gone := filepath.Join(dir, "record.db"), filepath.Join(dir, "gone.db")
		if err := os.Symlink(gone, path); err != nil {
			t.Log("no links here:", err)
			return
		}
		if s, err := payout.OpenFile(path); err == nil {
			_ = s.Close()
			t.Error("a new record takes the place of one that is gone")
		}
		if _, err := os.Stat(gone); err == nil {
			t.Error("the file that the link names was made")
		}
	})
	t.Run("a folder", func(t *testing.T) {
		if _, err := payout.OpenFile(t.TempDir()); err == nil {
			t.Error("it is opened")
		}
	})
}

func TestFault395_ManyWhoMakeOneRecordAtOnceMakeItOnce(t *testing.T) {
	for range 20 {
		dir := t.TempDir()
		path := filepath.Join(dir, "record.db")
		var programs sync.WaitGroup
		var paid atomic.Int32
		start := make(chan struct{})
		for range 4 {
			programs.Go(func() {
				<-start
				for {
					s, err := payout.OpenFile(path)
					if errors.Is(err, payout.ErrLocked) {
						continue
					}
					if err != nil {
						t.Error(err)
						return
					}
					err = s.Update(t.Context(), "batch", func(tx payout.Tx) error {
						if v, err := tx.Get("paid"); v != nil || err != nil {
							return err
						}
						paid.Add(1)
						return tx.Put("paid", []byte("yes"))
					})
					if err := errors.Join(err, s.Close()); err != nil {
						t.Error(err)
					}
					return
				}
			})
		}
		close(start)
		programs.Wait()
		if n := paid.Load(); n != 1 {
			t.Fatalf("%d programs had a record without the batch", n)
		}
		if left, err := os.ReadDir(dir); err != nil || len(left) != 1 {
			t.Fatalf("%v are left, %v", left, err)
		}
	}
}

func TestAProgramThatDiedWhileItMadeTheRecordLeavesNoneAndTheNextMakesIt(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "record.db")
	if err := os.WriteFile(path+".new-1", []byte("half"), 0o600); err != nil { // what it leaves
		t.Fatal(err)
	}
	s := openFile(t, path)
	if err := s.Update(t.Context(), "batch", func(tx payout.Tx) error { return tx.Put("k", []byte("v")) }); err != nil {
		t.Fatal(err)
	}
}
