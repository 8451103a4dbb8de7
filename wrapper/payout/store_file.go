package payout

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"time"

	bolt "go.etcd.io/bbolt"
	bolterrors "go.etcd.io/bbolt/errors"
)

// A FileStore keeps the record in one file, for one process at a time. It uses bbolt, the B+ tree of etcd, in pure Go:
// a power cut leaves the state before a transaction or after it, and the lock on the file ends with its process. SQLite
// would need cgo or a translated C library, for queries that a record does not need.
type FileStore struct {
	db *bolt.DB
}

var _ Store = (*FileStore)(nil)

// OpenFile opens the record at path and makes it if there is no file, readable by its owner alone, also if it was
// not: it holds who is paid how much. It returns [ErrLocked] when another process has it open and a [*CorruptError] when it
// is damaged. An empty file is: whatever emptied it, what was paid is no longer known, and it is never taken for a new
// record. A crash while the record is made leaves none; what was begun lies beside it, in a file whose name goes on with
// ".new-", and can be removed.
func OpenFile(path string) (*FileStore, error) {
	if _, err := os.Stat(path); errors.Is(err, os.ErrNotExist) { //nolint:gosec // the path is the caller's
		if err := createFile(path); err != nil {
			return nil, fmt.Errorf("payout: the record cannot be made: %w", err)
		}
	}
	s := &FileStore{}
	var file *os.File
	options := &bolt.Options{Timeout: 100 * time.Millisecond, FreelistType: bolt.FreelistMapType}
	options.OpenFile = func(name string, flag int, mode os.FileMode) (_ *os.File, err error) {
		if file, err = os.OpenFile(name, flag&^os.O_CREATE, mode); err != nil { //nolint:gosec // the path is the caller's
			return file, err
		}
		return file, checkFile(file)
	}
	err := guarded(func() (err error) {
		s.db, err = bolt.Open(path, 0o600, options)
		return err
	})
	if err != nil && file != nil {
		_ = file.Close() // bolt leaves it open when it panics
	}
	switch {
	case errors.Is(err, bolterrors.ErrTimeout):
		return nil, ErrLocked
	case isCorrupt(err):
		return nil, err
	case errors.Is(err, bolterrors.ErrInvalid), errors.Is(err, bolterrors.ErrChecksum), errors.Is(err, bolterrors.ErrVersionMismatch):
		return nil, &CorruptError{Err: err}
	case err != nil:
		return nil, fmt.Errorf("payout: the record cannot be opened: %w", err)
	}
	err = s.checkSize()
	if err == nil { // a damaged file is left as it is
		err = errors.Join(ownersAlone(file), s.dropLeases())
	}
	if err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// checkFile refuses what bolt would make a new file of, or read past the end of.
func checkFile(file *os.File) error {
	info, err := file.Stat()
	switch {
	case err != nil:
		return err
	case !info.Mode().IsRegular():
		return errors.New("it is not a file")
	case info.Size() == 0:
		return &CorruptError{Err: errors.New("the file is empty; remove it only if nothing was ever paid with it")}
	case info.Size() < smallestFile:
		return &CorruptError{Err: fmt.Errorf("the file has %d bytes; a new one has %d", info.Size(), smallestFile)}
	}
	return nil
}

// createFile makes an empty record. It appears under its name as a whole, and never in the place of another file: another
// process may have made one by now, which is as good.
func createFile(path string) error {
	file, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".new-*")
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(file.Name()) }() //nolint:gosec // its second name; what is left harms nobody
	if err := file.Close(); err != nil {
		return err
	}
	db, err := bolt.Open(file.Name(), 0o600, nil)
	if err != nil {
		return err
	}
	if err := db.Close(); err != nil {
		return err
	}
	if err := place(file.Name(), path, os.Link); err != nil {
		if _, there := os.Stat(path); there != nil || !errors.Is(err, os.ErrExist) { //nolint:gosec // as above
			return err
		}
	}
	return syncDir(filepath.Dir(path))
}

// place gives a file its name, unless there is another of that name.
func place(file, path string, link func(string, string) error) error {
	err := link(file, path)
	if err == nil || errors.Is(err, os.ErrExist) {
		return err
	}
	// A file system without links: an empty file, which is no record, takes the name first.
	empty, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600) //nolint:gosec // the path is the caller's
	if err != nil {
		return err
	}
	if err := empty.Close(); err != nil {
		return err
	}
	return os.Rename(file, path) //nolint:gosec // as above
}

// syncDir makes a new name in a directory durable.
func syncDir(path string) error {
	if runtime.GOOS == "windows" { // it has no handles of directories
		return nil
	}
	dir, err := os.Open(path) //nolint:gosec // the path is the caller's
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}

// ownersAlone takes a file from all but its owner: one that was copied or restored may have any mode.
func ownersAlone(file *os.File) error {
	info, err := file.Stat()
	if err != nil || info.Mode().Perm()&0o077 == 0 {
		return err
	}
	return file.Chmod(0o600)
}

// smallestFile is the size of a new file: bolt writes four pages of at least 4 KiB each.
const smallestFile = 4 * 4 << 10

func isCorrupt(err error) bool {
	_, ok := errors.AsType[*CorruptError](err)
	return ok
}

// checkSize notices a file that was cut off: reading past its end through the memory map would kill the process.
func (s *FileStore) checkSize() error {
	return s.db.View(func(tx *bolt.Tx) error {
		info, err := os.Stat(s.db.Path())
		if err != nil {
			return fmt.Errorf("payout: the record cannot be opened: %w", err)
		}
		if info.Size() < tx.Size() {
			return &CorruptError{Err: fmt.Errorf("the file has %d bytes of %d", info.Size(), tx.Size())}
		}
		return nil
	})
}

// dropLeases ends the leases of earlier processes, which are dead: only one has the file open.
func (s *FileStore) dropLeases() error {
	var batches []string
	err := guarded(func() error {
		return s.db.View(func(tx *bolt.Tx) error {
			return tx.ForEach(func(name []byte, b *bolt.Bucket) error {
				if k, _ := b.Cursor().Seek([]byte(prefixLease)); hasPrefix(k, prefixLease) {
					batches = append(batches, string(name))
				}
				return nil
			})
		})
	})
	for _, batch := range batches {
		err = errors.Join(err, s.Update(context.Background(), batch, dropLeases))
	}
	return err
}

// Update implements [Store].
func (s *FileStore) Update(ctx context.Context, batch string, fn func(Tx) error) error {
	if err := ctx.Err(); err != nil {
		return context.Cause(ctx)
	}
	return guarded(func() error {
		return s.db.Update(func(tx *bolt.Tx) error {
			bucket, err := tx.CreateBucketIfNotExists([]byte(batch))
			if err != nil {
				return err
			}
			return fn(fileTx{bucket})
		})
	})
}

// View implements [Store].
func (s *FileStore) View(ctx context.Context, batch string, fn func(Tx) error) error {
	if err := ctx.Err(); err != nil {
		return context.Cause(ctx)
	}
	return guarded(func() error {
		return s.db.View(func(tx *bolt.Tx) error {
			if bucket := tx.Bucket([]byte(batch)); bucket != nil {
				return fn(fileTx{bucket})
			}
			return fn(emptyTx{})
		})
	})
}

// Batches implements [Store].
func (s *FileStore) Batches(ctx context.Context) ([]string, error) {
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	var ids []string
	err := guarded(func() error {
		return s.db.View(func(tx *bolt.Tx) error {
			return tx.ForEach(func(name []byte, b *bolt.Bucket) error {
				if k, _ := b.Cursor().First(); k != nil { // not deleted
					ids = append(ids, string(name))
				}
				return nil
			})
		})
	})
	return ids, err
}

// Close implements [Store].
func (s *FileStore) Close() error { return s.db.Close() }

// guarded turns panics into errors: bbolt panics at a damaged page, and its memory map faults when the disk fails.
func guarded(fn func() error) (err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if p := recover(); p != nil {
			err = &CorruptError{Err: fmt.Errorf("%v", p)}
		}
	}()
	return fn()
}

type fileTx struct{ bucket *bolt.Bucket }

func (t fileTx) Get(key string) ([]byte, error)     { return t.bucket.Get([]byte(key)), nil }
func (t fileTx) Put(key string, value []byte) error { return t.bucket.Put([]byte(key), value) }
func (t fileTx) Delete(key string) error            { return t.bucket.Delete([]byte(key)) }
func (t fileTx) Now() time.Time                     { return time.Now() }

func (t fileTx) Scan(prefix string, visit func(key string, value []byte) error) error {
	c := t.bucket.Cursor()
	for k, v := c.Seek([]byte(prefix)); k != nil && hasPrefix(k, prefix); k, v = c.Next() {
		if err := visit(string(k), v); err != nil {
			return err
		}
	}
	return nil
}

// emptyTx reads a batch that has nothing on record.
type emptyTx struct{}

func (emptyTx) Get(string) ([]byte, error)                    { return nil, nil }
func (emptyTx) Put(string, []byte) error                      { return bolterrors.ErrTxNotWritable }
func (emptyTx) Delete(string) error                           { return bolterrors.ErrTxNotWritable }
func (emptyTx) Scan(string, func(string, []byte) error) error { return nil }
func (emptyTx) Now() time.Time                                { return time.Now() }

func hasPrefix(key []byte, prefix string) bool {
	return len(key) >= len(prefix) && string(key[:len(prefix)]) == prefix
}
