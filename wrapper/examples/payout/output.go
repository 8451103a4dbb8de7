package main

import (
	"bufio"
	"encoding/binary"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// mayWrite refuses to write a file in the place of what a payout needs, whatever its path is called here: who has lost the
// record pays twice.
func (f *flags) mayWrite(path string) error {
	for _, taken := range []struct{ path, what string }{
		{f.record, "it is the record"},
		{f.csv, "it is the file of -csv"},
		{socketOf(f.record), "its name belongs to the record"},
		{f.record + ".lock", "its name belongs to the record"},
	} {
		if taken.path != "" && sameFile(path, taken.path) {
			return errors.New(taken.what)
		}
	}
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return nil
	case err != nil:
		return err
	case !info.Mode().IsRegular():
		return errors.New("it is not a file; without -o, the report goes to stdout")
	case isRecord(path):
		return errors.New("it is the record of payouts")
	case info.Size() > 0 && !isReport(path):
		return errors.New("the file is there and is no report; remove it first, or choose another name")
	}
	return nil
}

// isReport recognises a report by how it begins: only such a file is replaced by one.
func isReport(path string) bool {
	file, err := os.Open(path)
	if err != nil {
		return false
	}
	defer file.Close()
	head, _ := bufio.NewReader(file).ReadString('\n')
	return strings.HasPrefix(head, `{"batch":`) || strings.HasSuffix(strings.TrimSpace(head), ",mass_payment,returned_at,retried_by") ||
		strings.HasSuffix(strings.TrimSpace(head), strings.Join(resultColumns, ","))
}

// sameFile reports whether two paths are of the same file, also if it is not there.
func sameFile(a, b string) bool {
	infoA, errA := os.Stat(a)
	infoB, errB := os.Stat(b)
	if errA == nil && errB == nil {
		return os.SameFile(infoA, infoB)
	}
	absA, errA := filepath.Abs(a)
	absB, errB := filepath.Abs(b)
	return errA == nil && errB == nil && absA == absB
}

// isRecord recognises a file of bbolt by the magic number in the head of its first page.
func isRecord(path string) bool {
	file, err := os.Open(path)
	if err != nil {
		return false
	}
	defer file.Close()
	var head [20]byte
	_, err = io.ReadFull(file, head[:])
	return err == nil && binary.NativeEndian.Uint32(head[16:]) == 0xED0CDAED
}

// writeFile writes a file that appears under its name when it is complete, and then in the place of an older one. It is its
// owner's alone: it has who is paid how much. A link stays one.
func writeFile(path string, write func(io.Writer) error) error {
	if target, err := filepath.EvalSymlinks(path); err == nil {
		path = target
	}
	file, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".new-*")
	if err != nil {
		return err
	}
	err = write(file)
	if err == nil {
		err = file.Sync()
	}
	if err = errors.Join(err, file.Close()); err == nil {
		err = os.Rename(file.Name(), path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(file.Name()))
	}
	return nil
}
